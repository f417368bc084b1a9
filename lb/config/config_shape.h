/* What the JSON Schemas of kinds are made of. Gives new references. Thread: any. */
#ifndef LB_CONFIG_CONFIG_SHAPE_H
#define LB_CONFIG_CONFIG_SHAPE_H

#include <jansson.h>

#include "lb/base/text.h"
#include "lb/config/config_setting.h"

#define CONFIG_SHAPE_PRINTABLE "[^\\u0000-\\u001f\\u007f]"
#define CONFIG_SHAPE_BLANK     "[ \\t\\r\\n]"
#define CONFIG_SHAPE_NAME      "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,63}" /* of a header field or cookie */

/* A string that matches. The first takes the text. */
json_t *config_shape_of(struct text *pattern);
json_t *config_shape_fixed(const char *pattern);

/* One of the words of the setting, which has some. */
json_t *config_shape_words(const struct config_setting *setting);

/* A whole number within the setting's bounds, or a text as `as_text` (taken) has it. */
json_t *config_shape_number(const struct config_setting *setting, json_t *as_text);

/* "IP:PORT" behind `prefix`, a regular expression that begins with ^. */
json_t *config_shape_ipv4_port(const char *prefix, unsigned least_port);
json_t *config_shape_ipv6_port(const char *prefix, unsigned least_port);

/* The choices for "HOST:PORT" behind `prefix`: a list for anyOf. */
json_t *config_shape_host_port(const char *prefix);

#endif
