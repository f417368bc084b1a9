/* From a request to the handler of its path: finds the row of a table, checks who asks, and says
 * what there is where nothing fits. */
#ifndef LB_ADMIN_PATHS_H
#define LB_ADMIN_PATHS_H

#include "lb/admin/admin.h"
#include "lb/admin/admin_access.h"

struct request {
    const struct head *head;
    struct text name;  /* what stood for "*" in the path, decoded */
    struct view query; /* behind '?', as it came */
};

enum path_kind {
    PATH_GUARDED,
    PATH_EMPTY,  /* tells nothing: no token is needed */
    PATH_HEALTH, /* answered to everybody */
};

struct path {
    const char *method;  /* GET, which is HEAD too, or POST, which changes something */
    const char *pattern; /* "*" stands for one part of the path */
    enum path_kind kind;
    void (*handle)(void *owner, const struct request *request, struct admin_answer *answer);
};

/* Answers by the table, whose last row has no method. */
void paths_respond(const struct path *table, const struct admin_rules *rules, void *owner,
                   const struct head *head, struct admin_answer *answer);

/* Percent-decodes (RFC 3986 § 2.1) into `out`, which is cleared. Fails: false, for a broken escape,
 * for NUL and for nothing. */
bool paths_decode(struct view part, struct text *out);

/* Percent-encodes all but what is harmless everywhere (RFC 3986 § 2.3). */
void paths_encode(struct view part, struct text *out);

/* The value of "key=value" in the query, or an empty view. Borrowed from the request. */
struct view paths_query(const struct request *request, struct view key);

#endif
