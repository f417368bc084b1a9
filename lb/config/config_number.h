/* A field that is a number, for the kinds that are. Thread: any. */
#ifndef LB_CONFIG_CONFIG_NUMBER_H
#define LB_CONFIG_CONFIG_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_setting.h"

/* How many digits `text` begins with. */
size_t config_number_count_digits(struct view text);

/* Whether a value that is formatted so is a number of JSON too. */
bool config_number_is_json(const struct config_setting *setting, struct view text);

/* The field as it is; `value` has to fit. */
uint64_t config_number_load(const struct config_setting *setting, const void *field);
void config_number_store(const struct config_setting *setting, uint64_t value, void *field);

/* Stores a value that was read from `text`, unless something was `wrong` (else NULL) or it is out
 * of bounds. Fails: false and a problem. */
bool config_number_take(const struct config_setting *setting, struct view text, const char *wrong,
                        uint64_t value, void *field, struct text *problem);

/* Appends "at most 1h", or "1s to 1m", where a time is more narrowly limited than most are. True:
 * it was. */
bool config_number_append_limits(const struct config_setting *setting, struct text *out);

#endif
