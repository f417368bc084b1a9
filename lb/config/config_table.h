/* The one table of settings. Flags, environment, JSON file, --help and --print-config are all
 * driven by it, so they cannot drift apart. */
#ifndef LB_CONFIG_CONFIG_TABLE_H
#define LB_CONFIG_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/base/view.h"
#include "lb/config/config.h"

enum config_kind {
    CONFIG_KIND_LISTEN,     /* config.listens, repeatable */
    CONFIG_KIND_ADMIN,      /* config.admin and .admin_enabled */
    CONFIG_KIND_DOCKER,     /* config.source and .docker_endpoint, value optional */
    CONFIG_KIND_FILE,       /* config.source and .file_path */
    CONFIG_KIND_BACKEND,    /* config.source and .backends, repeatable */
    CONFIG_KIND_CIDR,       /* a list of ranges, repeatable, also comma-separated */
    CONFIG_KIND_ERROR_PAGE, /* config.error_pages, repeatable */
    CONFIG_KIND_COUNT,      /* a number */
    CONFIG_KIND_DURATION,   /* milliseconds */
    CONFIG_KIND_SIZE,       /* bytes */
    CONFIG_KIND_WORD,       /* an enum, one of .words */
    CONFIG_KIND_CHECK,      /* a word of config.check, after "check-" */
    CONFIG_KIND_NAME,       /* char *, name of a service */
    CONFIG_KIND_PATH,       /* char * */
    CONFIG_KIND_SECRET,     /* char *, shown to nobody */
    CONFIG_KIND_TEXT,       /* char *, printable */
    CONFIG_KIND_ACTION      /* a flag that is no setting: config_action in .min */
};

enum config_group {
    CONFIG_GROUP_LISTEN,
    CONFIG_GROUP_SOURCE,
    CONFIG_GROUP_DEADLINE,
    CONFIG_GROUP_HEALTH,
    CONFIG_GROUP_LIMIT,
    CONFIG_GROUP_OTHER,
    CONFIG_GROUP_COUNT
};

struct config_setting {
    const char *word; /* flag without "--", JSON key; LB_WORD in the environment */
    enum config_kind kind;
    enum config_group group;
    size_t offset; /* of the field in struct config, with its width; kinds of one field only */
    size_t width_bytes;
    uint64_t min, max;        /* accepted numbers */
    const char *const *words; /* accepted, in the order of the enum; NULL at the end */
    const char *default_text; /* as one would type it; NULL: nothing */
    const char *value_name;   /* for --help; NULL: takes no value */
    const char *help;
    bool flag_only;     /* not in the file */
    bool needs_restart; /* a running lb refuses another value */
};

/* The setting at `index`, NULL after the last. Thread: any, as for all of this module. */
const struct config_setting *config_table_at(size_t index);

/* The setting of a word such as "head-timeout", or NULL. */
const struct config_setting *config_table_find(struct view word);

/* The setting that an unknown word may have been meant for; NULL: it is like none. `in_file`: only
 * among the words a file may have. */
const struct config_setting *config_table_nearest(struct view word, bool in_file);

/* What check_set() calls a setting of CONFIG_KIND_CHECK. */
struct view config_table_check_word(const struct config_setting *setting);

/* Whether it names where backends come from; these exclude each other. */
bool config_table_is_source(const struct config_setting *setting);

/* Whether its words are off and on; the flag alone means on. */
bool config_table_is_switch(const struct config_setting *setting);

/* Whether "off" is a value of it. */
bool config_table_can_be_off(const struct config_setting *setting);

/* Whether a port alone is a value of it, for all addresses or the default one. */
bool config_table_is_port(const struct config_setting *setting);

/* Whether it is a setting of checks that is a whole number. */
bool config_table_is_check_count(const struct config_setting *setting);

/* Whether it can be given more than once. */
bool config_table_is_list(const struct config_setting *setting);

#endif
