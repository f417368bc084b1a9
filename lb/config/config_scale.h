/* Numbers with units, for the kinds that are such: times and sizes. Thread: any. */
#ifndef LB_CONFIG_CONFIG_SCALE_H
#define LB_CONFIG_CONFIG_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/config/config_setting.h"

struct json_t;

struct config_unit {
    struct view name; /* "": a bare number has this one */
    uint64_t scale;
};

struct config_scale {
    const struct config_unit *units; /* largest first; the last has the scale 0 */
    const char *noun;                /* "time" */
    const char *not_one;             /* "is no time" */
    const char *other_unit;          /* "has a unit other than …" */
    const char *zero;                /* how 0 is printed */
    const char *example;             /* "10s" */
    bool zero_is_off;
};

/* Fails: false and a problem. */
bool config_scale_parse(const struct config_scale *scale, const struct config_setting *setting,
                        struct view text, void *field, struct text *problem);

/* Appends the number the way a person writes it: "10s", "16k". */
void config_scale_format(const struct config_scale *scale, uint64_t value, struct text *out);

/* Appends "a time from 1s to 24h, for example 10s". */
void config_scale_accept(const struct config_scale *scale, const struct config_setting *setting,
                         struct text *out);

/* The JSON Schema of what parse() takes: a text, and a number of JSON where a bare one is enough.
 * Gives. */
struct json_t *config_scale_schema(const struct config_scale *scale,
                                   const struct config_setting *setting);

#endif
