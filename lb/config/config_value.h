/* What is accepted as a value, and what a refusal says. Thread: any. */
#ifndef LB_CONFIG_CONFIG_VALUE_H
#define LB_CONFIG_CONFIG_VALUE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_setting.h"

/* Whether "off" is a value of it. */
bool config_value_can_be_off(const struct config_setting *setting);

/* Whether anything is written for the field: as `is_given` of kinds of which nothing is, where there is
 * no value. */
bool config_value_is_written(const struct config_setting *setting, const void *field);

/* Appends the refusal of `value` and gives false, for callers to return. */
bool config_value_refuse(const struct config_setting *setting, struct view value, const char *wrong,
                         struct text *problem);

/* Appends "a path, for example …". */
void config_value_append_accepted(const struct config_setting *setting, struct text *out);

/* The same behind "give ", as a refusal ends. */
void config_value_append_advice(const struct config_setting *setting, struct text *out);

/* Appends "A, B or C", the words of the setting. */
void config_value_append_words(const struct config_setting *setting, struct text *out);

/* Appends bytes from outside in quotes, shortened, control characters escaped. */
void config_value_append_quoted(struct view value, struct text *out);

#endif
