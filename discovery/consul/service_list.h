/* The services that a catalog has, by name: the answer of GET /v1/catalog/services. Pure. */
#ifndef DISCOVERY_CONSUL_SERVICE_LIST_H
#define DISCOVERY_CONSUL_SERVICE_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SERVICE_LIST_NAME_BYTES_MAX                                                                \
    255u /* longer ones are passed over, as they can be no service of lb's */
#define SERVICE_LIST_MAX 65536u

struct listed_service {
    char *name;
    bool is_tagged; /* by words of a dialect */
};

/* Zeroed memory is empty. */
struct service_list {
    struct listed_service *items; /* by name */
    size_t count;
};

/* Reads {"web":["v1","lb.host=a.test"]}. Gives: service_list_fini(). Fails: false, nothing is given: it is no
 * such answer. */
bool service_list_read(const json_t *answer, struct service_list *out);
void service_list_fini(struct service_list *list);

/* NULL: it does not have it. */
const struct listed_service *service_list_find(const struct service_list *list, const char *name);

#endif
