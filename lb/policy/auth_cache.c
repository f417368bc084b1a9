#include "lb/policy/auth_cache.h"

#include "lb/base/memory.h"

struct auth_cache *auth_cache_new(void)
{
    struct auth_cache *cache = memory_new(sizeof(*cache));
    siphash_key_init(&cache->keys[0]);
    siphash_key_init(&cache->keys[1]);
    return cache;
}

/* Neither a name nor a hash has a colon. */
struct auth_mark auth_cache_mark(const struct auth_cache *cache, const struct htpasswd_user *user,
                                 struct view password)
{
    const struct view pieces[] = {user->name, VIEW(":"), user->hash, VIEW(":"), password};
    return (struct auth_mark){
        {siphash(&cache->keys[0], pieces, 5), siphash(&cache->keys[1], pieces, 5)}};
}

static unsigned place_of(const struct auth_mark *mark)
{
    return mark->halves[0] % AUTH_CACHE_ENTRIES;
}

bool auth_cache_has(const struct auth_cache *cache, const struct auth_mark *mark)
{
    const struct auth_mark *kept = &cache->marks[place_of(mark)];
    return kept->halves[0] == mark->halves[0] && kept->halves[1] == mark->halves[1];
}

void auth_cache_put(struct auth_cache *cache, const struct auth_mark *mark)
{
    cache->marks[place_of(mark)] = *mark;
}
