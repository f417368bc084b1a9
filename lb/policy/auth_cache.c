#include "lb/policy/auth_cache.h"

#include "lb/base/memory.h"

struct auth_cache *auth_cache_new(void)
{
    struct auth_cache *cache = memory_new(sizeof(*cache));
    siphash_key_init(&cache->key);
    return cache;
}

struct siphash auth_cache_mark(const struct auth_cache *cache, const struct user_list *list,
                               struct view user, struct view password)
{
    const struct view pieces[] = {view_of(list->digest, sizeof(list->digest)), user, VIEW(":"),
                                  password};
    return siphash_of(&cache->key, pieces, 4);
}

static unsigned place_of(const struct siphash *mark)
{
    return mark->words[0] % AUTH_CACHE_ENTRIES;
}

bool auth_cache_has(const struct auth_cache *cache, const struct siphash *mark)
{
    const struct siphash *kept = &cache->marks[place_of(mark)];
    return kept->words[0] == mark->words[0] && kept->words[1] == mark->words[1];
}

void auth_cache_put(struct auth_cache *cache, const struct siphash *mark)
{
    cache->marks[place_of(mark)] = *mark;
}
