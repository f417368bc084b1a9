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
