#include "discovery/remarks.h"

#define FNV_OFFSET 14695981039346656037u
#define FNV_PRIME  1099511628211u

static uint64_t hash_str(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * FNV_PRIME;
    return (hash ^ 0xFF) * FNV_PRIME;
}

bool remarks_is_new(struct remarks *remarks, const char *service, const char *remark)
{
    uint64_t hash = hash_str(hash_str(FNV_OFFSET, service), remark);
    for (size_t i = 0; i < REMARKS_MAX; i++)
        if (remarks->said[i] == hash)
            return false;
    remarks->said[remarks->next] = hash;
    remarks->next = (remarks->next + 1) % REMARKS_MAX;
    return true;
}
