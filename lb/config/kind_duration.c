#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config_scale.h"

static const struct config_unit units[] = {
    {VIEW("h"), 3600000}, {VIEW("m"), 60000}, {VIEW("s"), 1000}, {VIEW("ms"), 1}, {{NULL, 0}, 0}};

static const struct config_scale scale = {
    .units = units,
    .noun = "time",
    .not_one = "is no time",
    .other_unit = "has a unit other than ms, s, m, h",
    .zero = "0s",
    .example = "10s",
    .zero_is_off = true,
};

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_scale_parse(&scale, setting, text, field, problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    config_scale_format(&scale, config_number_load(setting, field), out);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    config_scale_accept(&scale, setting, out);
}

static struct json_t *schema(const struct config_setting *setting)
{
    return config_scale_schema(&scale, setting);
}

const struct config_kind kind_duration = {
    .parse = parse,
    .format = format,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
    .takes_number = true, /* which says that a unit is missing */
    .zero_is_off = true,
};
