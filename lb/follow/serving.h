/* As what lb serves a service of a line, and so which of its endpoints: by HTTP where it is the default service or
 * a route leads to it, by TCP or UDP where a rule of a listener does. Thread: control. */
#ifndef LB_FOLLOW_SERVING_H
#define LB_FOLLOW_SERVING_H

#include <jansson.h>

#include "lb/follow/listener_rules.h"
#include "lb/follow/route_keeper.h"

/* What leads to services. Borrowed. */
struct leading {
    const char *service; /* the default one */
    const struct route_keeper *routes;
    const struct listener_rules *listeners;
};

struct serving {
    const char *name; /* borrowed */
    const struct listener_rules *listeners;
    bool kinds[SERVICE_KIND_COUNT];
    bool has_joins; /* some of its containers are servers of other services, too */
    bool has_tcp;   /* some of its endpoints speak tcp as such: connections go to no others of it */
    /* But where the operator's own rule leads to it, and nothing by HTTP, only to no others of these' containers:
     * its endpoints then, else NULL. */
    const json_t *mixed;
};

/* Of a service of that name (NULL: it is not served), of which no endpoints are known. */
void serving_of_name(const struct leading *leading, const char *name, struct serving *out);

/* Of that object of a line. */
void serving_of(const struct leading *leading, const json_t *service, struct serving *out);

/* Whether any of its endpoints may be served. */
static inline bool serving_is_any(const struct serving *serving)
{
    return serving->kinds[SERVICE_HTTP] || serving->kinds[SERVICE_TCP] ||
           serving->kinds[SERVICE_UDP] || serving->has_joins;
}

/* Whether an endpoint of that container (NULL: of none) that speaks that (PROTOCOL_COUNT: what is not known) fits that
 * kind of a service. */
bool serving_fits(const struct serving *serving, enum protocol protocol, const char *container,
                  enum service_kind kind);

/* Whether it is a server of the service itself, in any kind; then whether it is one of any. */
bool serving_has(const struct serving *serving, enum protocol protocol, const char *container);
bool serving_takes(const struct serving *serving, enum protocol protocol, const char *container);

/* What an endpoint of a line speaks. */
enum protocol serving_protocol(const json_t *endpoint);

#endif
