#include "lb/proxy/table_use.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct table_use *table_use_new(struct route_table *table)
{
    struct table_use *use = memory_new(sizeof(*use));
    use->table = route_table_ref(table);
    use->count = 1;
    return use;
}

void table_use_end(struct table_use *use)
{
    if (!use || --use->count > 0)
        return;
    route_table_unref(use->table);
    free(use);
}

/* The bytes of the authority are the request's. */
static void keep(struct table_use *use, struct view authority)
{
    struct view *host = &use->hosts.host;
    memcpy(use->authority, authority.ptr, authority.len);
    use->authority_len = authority.len;
    if (host->ptr == authority.ptr)
        host->ptr = use->authority;
}

static uint32_t find_anew(struct table_use *use, struct view authority, struct question *question)
    __attribute__((noinline)); /* not for those that come again */

static uint32_t find_anew(struct table_use *use, struct view authority, struct question *question)
{
    use->authority_len = 0;
    bool are_all = route_table_meet(use->table, authority, &use->hosts);
    if (are_all && authority.len <= TABLE_USE_HOST_BYTES)
        keep(use, authority);
    question->host = use->hosts.host;
    return are_all ? route_table_find_among(use->table, &use->hosts, question)
                   : route_table_find(use->table, question);
}

uint32_t table_use_find(struct table_use *use, struct view authority, struct question *question)
{
    if (use->authority_len != authority.len || authority.len == 0 ||
        memcmp(use->authority, authority.ptr, authority.len) != 0)
        return find_anew(use, authority, question);
    question->host = use->hosts.host;
    return route_table_find_among(use->table, &use->hosts, question);
}
