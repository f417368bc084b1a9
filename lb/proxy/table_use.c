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

static void keep(struct table_use *use, struct view authority, struct view host)
{
    memcpy(use->authority, authority.ptr, authority.len);
    memcpy(use->host, host.ptr, host.len);
    use->authority_len = (unsigned)authority.len;
    use->host_len = (unsigned)host.len;
}

uint32_t table_use_find(struct table_use *use, struct view authority, struct question *question,
                        char room[HOST_NAME_BYTES_MAX])
{
    if (use->authority_len > 0 && view_eq(authority, view_of(use->authority, use->authority_len))) {
        question->host = view_of(use->host, use->host_len);
        return route_table_find_among(use->table, &use->hosts, question);
    }
    question->host = host_name_of(authority, room);
    use->authority_len = 0;
    uint32_t number = route_table_find_hosts(use->table, question, &use->hosts);
    if (authority.len > 0 && authority.len <= TABLE_USE_HOST_BYTES &&
        question->host.len <= TABLE_USE_HOST_BYTES && route_table_hosts_are_all(&use->hosts))
        keep(use, authority, question->host);
    return number;
}
