#include "discovery/docker/remarks.h"

#include "lb/base/hash.h"

bool remarks_is_new(struct remarks *remarks, const char *service, const char *remark)
{
    uint64_t hash = hash_str(hash_str(HASH_INIT, service), remark);
    for (size_t i = 0; i < REMARKS_MAX; i++)
        if (remarks->said[i] == hash)
            return false;
    remarks->said[remarks->next] = hash;
    remarks->next = (remarks->next + 1) % REMARKS_MAX;
    return true;
}
