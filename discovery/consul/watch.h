/* One service of the catalog that is followed: asks for its entries, takes them in, and believes that the last
 * of them is gone only after a second look (second_look.h). */
#ifndef DISCOVERY_CONSUL_WATCH_H
#define DISCOVERY_CONSUL_WATCH_H

#include "discovery/alive.h"
#include "discovery/consul/blocking_query.h"
#include "discovery/consul/consul_options.h"
#include "discovery/consul/instances.h"
#include "discovery/consul/looker.h"
#include "discovery/consul/wanted.h"

#define WATCH_ANSWER_BYTES_MAX (16u << 20)
#define WATCH_TRIES            4u

/* What all watches have together. All is borrowed, and stays where it is. */
struct watch_surroundings {
    const struct consul_options *options;
    struct fetch_pool *pool;
    const char *const *own_node; /* of this host; NULL there: not known */
    struct alive *alive;
    void *owner;
    void (*on_change)(void *owner); /* of what a watch has, or of what is in its way */
};

struct watch {
    const struct watch_surroundings *around;
    enum wanted_why why;
    struct instances instances;
    struct blocking_query query;
    struct catalog_entry_rules rules;
    uint64_t index;    /* of the last answer with servers */
    bool was_reset;    /* since then */
    uint64_t reset_ms; /* when that was seen */
    bool is_doubted;   /* the last answer was empty, and is looked at again */
    uint64_t look_at_ms;
    struct backoff look_backoff;
    struct looker looker;
    enum second_look_verdict verdict; /* of the last look, while it is doubted */
    bool has_verdict;
};

/* Asks nothing yet. Gives. */
struct watch *watch_new(const struct watch_surroundings *around, const char *service);
void watch_free(struct watch *watch);

/* `may_look`: a second look may begin. */
void watch_tick(struct watch *watch, uint64_t now_ms, bool may_look);
uint64_t watch_next_tick_ms(const struct watch *watch, bool may_look);

/* Whether all was said about it that will be, for the first time, or it was asked for WATCH_TRIES times in vain:
 * the other services are not to wait for ever for one that an agent does not answer for. */
bool watch_has_settled(const struct watch *watch);

/* What this host is called has changed: all is read again. */
void watch_read_again(struct watch *watch);

/* Why its state is an old one, and what would change that; false: it is not. `remedy` is a constant. */
bool watch_tell_trouble(const struct watch *watch, struct text *why, const char **remedy);

#endif
