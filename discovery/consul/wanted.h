/* Which services of a catalog are followed: those that were named, those that routes and listeners lead to, and
 * those whose tags speak to lb. Of what routes lead to only what the catalog has, where that can be read: the
 * rest is another source's. Pure. */
#ifndef DISCOVERY_CONSUL_WANTED_H
#define DISCOVERY_CONSUL_WANTED_H

#include <stdbool.h>
#include <stddef.h>

#include "discovery/consul/service_list.h"
#include "discovery/set.h"

#define WANTED_MAX 2048u /* services, of each kind */

struct wanted_names {
    char **names; /* sorted, each once; owned */
    size_t count, capacity;
    bool has_more; /* than may be */
};

struct wanted {
    struct wanted_names named;
    struct wanted_names routed;
};

/* `list` is "web,db", or NULL. */
void wanted_init(struct wanted *wanted, const char *list);
void wanted_fini(struct wanted *wanted);

/* Takes what the routes, their shares and mirrors, and the listeners of the whole lead to. Gives whether that
 * is another than before. */
bool wanted_look_at_whole(struct wanted *wanted, const struct set *whole);

enum wanted_why { WANTED_NOT, WANTED_TAGGED, WANTED_ROUTED, WANTED_NAMED };

/* `catalog` NULL: it cannot be read. */
enum wanted_why wanted_find(const struct wanted *wanted, const struct service_list *catalog,
                            const char *name);

#endif
