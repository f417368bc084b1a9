/* --error-page CODE=FILE: the file's bytes are read with the settings, so that a missing one is
 * told at once. A refusal is appended to `problem` as config_value does. */
#ifndef LB_CONFIG_CONFIG_ERROR_PAGE_H
#define LB_CONFIG_CONFIG_ERROR_PAGE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config.h"
#include "lb/config/config_table.h"

#define CONFIG_ERROR_PAGE_MAX_BYTES 65536

/* Adds "503=/etc/lb/503.html"; a second page for the same status takes the place of the first.
 * Fails: false and a problem that names the file. */
bool config_error_page_add(struct config *config, const struct config_setting *setting,
                           struct view text, struct text *problem);

#endif
