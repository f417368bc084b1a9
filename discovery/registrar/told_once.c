#include "discovery/registrar/told_once.h"

#include "lb/base/hash.h"

bool told_once_is_new(struct told_once *told, const char *sentence)
{
    uint64_t hash = hash_str(HASH_INIT, sentence);
    for (size_t i = 0; i < TOLD_ONCE_MAX; i++)
        if (told->hashes[i] == hash)
            return false;
    told->hashes[told->next] = hash;
    told->next = (told->next + 1) % TOLD_ONCE_MAX;
    return true;
}
