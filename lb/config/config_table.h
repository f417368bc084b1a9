/* A table: the rows that describe one struct. A row is a setting or a table in its turn, whose
 * struct stands at the row's offset:
 * - without a word: its rows are this table's own, as if they stood here;
 * - with a word: an object in the file;
 * - with a word and a list: objects by name; the struct begins with that name (char *).
 * Only rows of the first sort can be flags or variables. Thread: any, as for all of this module. */
#ifndef LB_CONFIG_CONFIG_TABLE_H
#define LB_CONFIG_CONFIG_TABLE_H

#include "lb/base/view.h"
#include "lb/config/config_setting.h"

struct config_table {
    const struct config_setting *settings;
    size_t count;
    size_t bytes; /* of the struct */
};

#define CONFIG_TABLE(type, rows)                                                                   \
    {                                                                                              \
        .settings = (rows), .count = sizeof(rows) / sizeof((rows)[0]), .bytes = sizeof(type)       \
    }

/* The row at `index`, NULL after the last; rows of tables without a word are counted one by one. */
const struct config_setting *config_table_at(const struct config_table *table, size_t index);

/* The row of a word such as "head-timeout", or NULL. */
const struct config_setting *config_table_find(const struct config_table *table, struct view word);

/* The same for what can be a flag or a variable: tables are none. */
const struct config_setting *config_table_find_flag(const struct config_table *table,
                                                    struct view word);

/* Where a setting is said. */
enum config_origin { CONFIG_ORIGIN_FLAG, CONFIG_ORIGIN_VARIABLE, CONFIG_ORIGIN_FILE };

/* The row that an unknown word may have been meant for, among those that can be said there: in
 * whatever letters, with '_' or '-'. NULL: it is like none. */
const struct config_setting *config_table_nearest(const struct config_table *table,
                                                  struct view word, enum config_origin origin);

/* Where the struct is that has the field of `setting`, a row of `table`: its place in the struct of
 * `table`, 0 for its own rows. */
size_t config_table_base(const struct config_table *table, const struct config_setting *setting);

#endif
