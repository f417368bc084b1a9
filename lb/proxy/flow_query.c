#include "lb/proxy/flow_query.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/proxy/flow_table.h"

static struct flow_query *resized(struct flow *flow, unsigned len)
{
    struct flow_query *query = flow->query;
    if (query && query->len >= len)
        return query;
    bool is_new = !query;
    query = memory_resize(query, sizeof(*query) + len);
    if (is_new)
        query->tried = (struct balance_tried){.worker_index = flow->table->env->fleet.worker_index};
    return query;
}

void flow_query_keep(struct flow *flow, const struct datagram *item)
{
    struct flow_table *table = flow->table;
    unsigned before = flow->query ? flow->query->len : 0;
    if (flow->unheard_count++ >= FLOW_QUERY_SENT_MAX || item->len > FLOW_QUERY_BYTES_MAX ||
        table->kept_bytes - before + item->len > FLOW_KEPT_BYTES_MAX) {
        flow_query_drop(flow);
        return;
    }
    flow->query = resized(flow, item->len);
    flow->query->len = item->len;
    memcpy(flow->query->bytes, item->bytes, item->len);
    table->kept_bytes += item->len - before;
}

void flow_query_drop(struct flow *flow)
{
    struct flow_query *query = flow->query;
    if (!query)
        return;
    flow->query = NULL;
    flow->table->kept_bytes -= query->len;
    balance_tried_fini(&query->tried);
    free(query);
}
