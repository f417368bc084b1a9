/* Text to value and back, one setting at a time; pure. A refusal is appended to `problem` as
 * `"VALUE" what is wrong; what is accepted`. Thread: any. */
#ifndef LB_CONFIG_CONFIG_VALUE_H
#define LB_CONFIG_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_table.h"

struct config_unit {
    struct view name;
    uint64_t scale;
};

/* The units of a duration or a size, largest first; the last has the scale 0. */
const struct config_unit *config_value_units(const struct config_setting *setting);

/* Count, duration (ms), size (bytes) or word (its index). Fails: false and a problem. */
bool config_value_parse_number(const struct config_setting *setting, struct view text,
                               uint64_t *out, struct text *problem);

/* A service name, a path or a token; all are kept as they are. Fails: false and a problem. */
bool config_value_check_string(const struct config_setting *setting, struct view text,
                               struct text *problem);

/* Appends the number the way a person writes it: "10s", "16k", "info". */
void config_value_format_number(const struct config_setting *setting, uint64_t value,
                                struct text *out);

/* Appends the refusal of `value` and gives false, for callers to return. */
bool config_value_refuse(const struct config_setting *setting, struct view value, const char *wrong,
                         struct text *problem);

/* Appends "give …, for example …". */
void config_value_append_accepted(const struct config_setting *setting, struct text *out);

/* Appends bytes from outside in quotes, shortened, control characters escaped. */
void config_value_append_quoted(struct view value, struct text *out);

#endif
