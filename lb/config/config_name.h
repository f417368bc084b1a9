/* Names of services and the like: letters, digits, '.', '_' and '-'. Thread: any. */
#ifndef LB_CONFIG_CONFIG_NAME_H
#define LB_CONFIG_CONFIG_NAME_H

#include <stdbool.h>

#include "lb/base/view.h"

#define CONFIG_NAME_MAX_LEN 128
#define CONFIG_NAME_PATTERN "^[A-Za-z0-9._-]{1,128}$"

bool config_name_has_char(char c);

/* NULL, or what is wrong. */
const char *config_name_check(struct view text);

#endif
