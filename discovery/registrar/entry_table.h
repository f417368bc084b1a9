/* All entries of a registrar, sorted by id. Entries stay where they are in memory. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_TABLE_H
#define DISCOVERY_REGISTRAR_ENTRY_TABLE_H

#include <stddef.h>

#include "discovery/registrar/entry.h"

/* Zeroed memory is empty. */
struct entry_table {
    struct entry **items;
    size_t count;
};

/* Frees the entries, too. */
void entry_table_fini(struct entry_table *table);

/* Makes the table hold each of these sorted ids; which of them, each entry is told by its place. `entries` has room
 * for `count`. */
void entry_table_admit(struct entry_table *table, const char *const *ids, size_t count,
                       struct entry **entries);

/* Frees the entries that `is_over` is true of. */
void entry_table_sweep(struct entry_table *table, bool (*is_over)(const struct entry *entry));

#endif
