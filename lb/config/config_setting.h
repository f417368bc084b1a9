/* A row of a table of settings. Flags, environment, JSON file, --help, --print-config, the
 * schema and the manual are all driven by rows, so they cannot drift apart. */
#ifndef LB_CONFIG_CONFIG_SETTING_H
#define LB_CONFIG_CONFIG_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_kind;
struct config_table;

enum config_group {
    CONFIG_GROUP_LISTEN,
    CONFIG_GROUP_TLS,
    CONFIG_GROUP_SOURCE,
    CONFIG_GROUP_CATALOG,
    CONFIG_GROUP_DEADLINE,
    CONFIG_GROUP_HEALTH,
    CONFIG_GROUP_LIMIT,
    CONFIG_GROUP_PROCESS,
    CONFIG_GROUP_REPORT,
    CONFIG_GROUP_OTHER,
    CONFIG_GROUP_COUNT
};

/* A setting that can be given more than once: its field is a pointer to the items, on the heap. */
struct config_list {
    unsigned max_count;  /* 0: no list */
    size_t count_offset; /* of an unsigned, in the same struct */
    const char *noun;    /* "addresses" */
    bool is_split;       /* one value can be several, separated by commas */
    bool later_wins; /* an item that is the same as an earlier one takes its place; else an error */
};

/* Rows that exclude each other, unless both join. */
struct config_choice {
    size_t offset; /* of an unsigned in the same struct: which of them are chosen, a bit each */
    const char *advice;
};

struct config_setting {
    const char *word; /* flag without "--", JSON key; LB_WORD in the environment */
    const struct config_kind *kind;
    const struct config_table *table; /* instead of a kind: more rows, see config_table.h */
    enum config_group group;
    size_t offset; /* of the field in the table's struct, with its width */
    size_t width_bytes;
    struct config_list list;
    const struct config_choice *choice; /* NULL: stands for itself */
    unsigned chosen;                    /* the bit of the choice that means this row */
    bool joins;                         /* may stand beside others of its choice that do */
    uint64_t min, max;                  /* accepted numbers */
    const char *const *words;           /* accepted, in the order of the enum; NULL at the end */
    const char *default_text;           /* as one would type it; NULL: nothing */
    const char *value_name;             /* for --help; NULL: takes no value */
    const char *help;
    const char *manual; /* mdoc(7) lines for lb(8), without the default; the build asks for it */
    unsigned action;    /* of a flag that is no setting: enum config_action */
    bool takes_off;     /* "off" is a value too, where the kind does not say so by itself */
    bool takes_never;   /* "never" means "off", where that may be said */
    bool value_is_optional; /* the word alone, or true, has a meaning */
    bool flag_only;         /* not in the file */
    bool needs_restart;     /* only a process that is started anew takes another value */
};

/* Where a row's field is in `type`. */
#define CONFIG_FIELD(type, name)                                                                   \
    .offset = offsetof(type, name), .width_bytes = sizeof(((type *)NULL)->name)

/* The same for a list of at most `max` items; the rest of .list may follow. */
#define CONFIG_LIST(type, items, count, max, what)                                                 \
    CONFIG_FIELD(type, items), .list.max_count = (max), .list.noun = (what),                       \
                               .list.count_offset = offsetof(type, count)

/* Whether it can be given more than once. */
bool config_setting_is_list(const struct config_setting *setting);

/* Whether its words are off and on, perhaps with more; the flag alone means on. */
bool config_setting_is_switch(const struct config_setting *setting);

/* Whether it is a flag that is no setting, such as --help. */
bool config_setting_is_action(const struct config_setting *setting);

#endif
