/* What stays of a service over all snapshots, as its endpoints do. Counted: each snapshot that lists
 * it has a reference. */
#ifndef LB_POOL_SERVICE_H
#define LB_POOL_SERVICE_H

#include <stdatomic.h>

struct service {
    char *name;
    atomic_uint ref_count;
    _Alignas(64) atomic_uint_fast64_t next_turn; /* of its round robin: one for all workers */
};

/* Gives one reference. Copies the name. Thread: control. */
struct service *service_new(const char *name);

/* Thread: any, as for the next. */
struct service *service_ref(struct service *service);

/* The last one frees it. */
void service_unref(struct service *service);

#endif
