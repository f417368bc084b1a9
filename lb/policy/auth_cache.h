/* Which credentials one worker has found to be right, so that a client pays for its password once and
 * not with each request. It keeps numbers that say nothing without its secret, for one list of users
 * each: with another list they are worth nothing. Of a fixed size; what comes later takes the place.
 * Thread: the worker's. */
#ifndef LB_POLICY_AUTH_CACHE_H
#define LB_POLICY_AUTH_CACHE_H

#include "lb/base/siphash.h"
#include "lb/policy/user_list.h"

#define AUTH_CACHE_ENTRIES 1024u

struct auth_cache {
    struct siphash_key key;
    struct siphash marks[AUTH_CACHE_ENTRIES];
};

/* Gives it, empty, with a secret of its own; it goes by free(). */
struct auth_cache *auth_cache_new(void);

/* Of a list, a user and a password. */
struct siphash auth_cache_mark(const struct auth_cache *cache, const struct user_list *list,
                               struct view user, struct view password);

bool auth_cache_has(const struct auth_cache *cache, const struct siphash *mark);

/* They were right. */
void auth_cache_put(struct auth_cache *cache, const struct siphash *mark);

#endif
