#include "discovery/registrar/entry_table.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

void entry_table_fini(struct entry_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        entry_free(table->items[i]);
    free(table->items);
    *table = (struct entry_table){0};
}

void entry_table_admit(struct entry_table *table, const char *const *ids, size_t count,
                       struct entry **entries)
{
    struct entry **merged = memory_new((table->count + count + 1) * sizeof(merged[0]));
    size_t old = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        while (old < table->count && strcmp(table->items[old]->id, ids[i]) < 0)
            merged[total++] = table->items[old++];
        bool is_known = old < table->count && strcmp(table->items[old]->id, ids[i]) == 0;
        entries[i] = is_known ? table->items[old++] : entry_new(ids[i]);
        merged[total++] = entries[i];
    }
    while (old < table->count)
        merged[total++] = table->items[old++];
    free(table->items);
    table->items = merged;
    table->count = total;
}

void entry_table_sweep(struct entry_table *table, bool (*is_over)(const struct entry *entry))
{
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++)
        if (is_over(table->items[i]))
            entry_free(table->items[i]);
        else
            table->items[kept++] = table->items[i];
    table->count = kept;
}
