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
static void keep(struct table_use *use, struct view authority, struct view host)
{
    memcpy(use->authority, authority.ptr, authority.len);
    use->authority_len = authority.len;
    use->host = host.ptr == authority.ptr ? view_of(use->authority, host.len) : host;
}

static uint32_t find_anew(struct table_use *use, struct view authority, struct question *question)
    __attribute__((noinline)); /* not for those that come again */

static uint32_t find_anew(struct table_use *use, struct view authority, struct question *question)
{
    use->authority_len = 0;
    question->host = host_name_of(authority, use->room);
    uint32_t number = route_table_find_hosts(use->table, question, &use->hosts);
    if (authority.len > 0 && authority.len <= TABLE_USE_HOST_BYTES &&
        route_table_hosts_are_all(&use->hosts))
        keep(use, authority, question->host);
    return number;
}

uint32_t table_use_find(struct table_use *use, struct view authority, struct question *question)
{
    if (use->authority_len != authority.len || authority.len == 0 ||
        memcmp(use->authority, authority.ptr, authority.len) != 0)
        return find_anew(use, authority, question);
    question->host = use->host;
    return route_table_find_among(use->table, &use->hosts, question);
}
