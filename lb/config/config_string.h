/* A field that is a string on the heap, NULL where none is given, for the kinds that are. Thread:
 * any. */
#ifndef LB_CONFIG_CONFIG_STRING_H
#define LB_CONFIG_CONFIG_STRING_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_setting.h"

#define CONFIG_STRING_MAX_LEN 4095 /* as of paths */

/* The field's string. Borrowed. */
const char *config_string_of(const void *field);

/* Puts a copy of `text` in its place; NULL: none. */
void config_string_replace(void *field, struct view text);

/* Puts it there unless something is `wrong` (else NULL). Fails: false and a problem. */
bool config_string_take(const struct config_setting *setting, struct view text, const char *wrong,
                        void *field, struct text *problem);

/* NULL, or what is wrong with a text that is to be printable. */
const char *config_string_check(struct view text);

/* These fit struct config_kind. */
void config_string_format(const struct config_setting *setting, const void *field,
                          struct text *out);
bool config_string_is_given(const struct config_setting *setting, const void *field);
void config_string_fini(void *field);

#endif
