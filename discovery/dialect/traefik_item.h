/* One router, service or middleware that labels define for Traefik, with its options as they are
 * written. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_ITEM_H
#define DISCOVERY_DIALECT_TRAEFIK_ITEM_H

#include "discovery/dialect/traefik_words.h"

#define TRAEFIK_LIST_MAX 64u

struct traefik_option {
    char *word; /* what stands behind the name, in small letters: "loadbalancer.server.port" */
    char *value;
};

struct traefik_item {
    enum traefik_kind kind;
    char *name;
    struct traefik_option *options; /* by word */
    size_t count;
};

/* The value of an option, "" where it is not given. Borrowed. */
const char *traefik_item_get(const struct traefik_item *item, const char *word);

/* A list: "a,b", or word[0], word[1] and so on. Gives how many; the views are borrowed, trimmed and
 * not empty. */
size_t traefik_item_list(const struct traefik_item *item, const char *word,
                         struct view out[TRAEFIK_LIST_MAX]);

/* Whether some option begins with `prefix`. */
bool traefik_item_has(const struct traefik_item *item, const char *prefix);

/* Whether both say the same. */
bool traefik_item_is_same(const struct traefik_item *a, const struct traefik_item *b);

#endif
