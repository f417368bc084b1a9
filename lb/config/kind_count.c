#include <inttypes.h>

#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    uint64_t value = 0;
    const char *wrong = NULL;
    if (setting->takes_off && view_eq(text, VIEW("off")))
        value = 0;
    else if (text.len == 0 || config_number_count_digits(text) != text.len)
        wrong = "is no whole number";
    else if (!view_parse_u64(text, UINT64_MAX, &value))
        value = UINT64_MAX; /* which no range includes */
    return config_number_take(setting, text, wrong, value, field, problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    text_appendf(out, "%" PRIu64, config_number_load(setting, field));
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_appendf(out, "a number from %" PRIu64 " to %" PRIu64 "%s", setting->min, setting->max,
                 setting->takes_off ? " or off" : "");
}

static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, setting->takes_off ? "^(off|0*" : "^(0*");
    config_pattern_append_range(setting->min, setting->max, &pattern);
    text_append_str(&pattern, ")$");
    return config_shape_number(setting, config_shape_of(&pattern));
}

const struct config_kind kind_count = {
    .parse = parse,
    .format = format,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a whole number",
    .takes_number = true,
};
