#include "lb/config/config_scale.h"

#include <inttypes.h>

#include "lb/config/config_number.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static bool can_be_off(const struct config_scale *scale, const struct config_setting *setting)
{
    return setting->takes_off || (scale->zero_is_off && setting->min == 0);
}

static const struct config_unit *find_unit(const struct config_scale *scale, struct view name)
{
    const struct config_unit *unit = scale->units;
    while (unit->scale > 0 && !view_eq_nocase(name, unit->name))
        unit++;
    return unit;
}

/* What a number too big for 64 bits becomes, no range includes. */
static uint64_t multiply(struct view digits, uint64_t scale)
{
    uint64_t number;
    return view_parse_u64(digits, UINT64_MAX / scale, &number) ? number * scale : UINT64_MAX;
}

static bool refuse_bare(struct view text, const struct config_scale *scale, struct text *problem)
{
    config_value_append_quoted(text, problem);
    text_appendf(problem, " has no unit; add a unit, for example %s", scale->example);
    return false;
}

bool config_scale_parse(const struct config_scale *scale, const struct config_setting *setting,
                        struct view text, void *field, struct text *problem)
{
    size_t digit_count = config_number_count_digits(text);
    struct view name = view_skip(text, digit_count);
    const struct config_unit *unit = find_unit(scale, name);
    bool is_off =
        can_be_off(scale, setting) &&
        (view_eq(text, VIEW("off")) || (setting->takes_never && view_eq(text, VIEW("never"))));
    bool is_zero = unit->scale == 0 && setting->min == 0 && view_eq(text, VIEW("0"));
    uint64_t value = 0;
    const char *wrong = NULL;
    if (is_off || is_zero)
        value = 0;
    else if (digit_count == 0)
        wrong = scale->not_one;
    else if (unit->scale > 0)
        value = multiply(view_of(text.ptr, digit_count), unit->scale);
    else if (name.len > 0)
        wrong = scale->other_unit;
    else
        return refuse_bare(text, scale, problem);
    return config_number_take(setting, text, wrong, value, field, problem);
}

void config_scale_format(const struct config_scale *scale, uint64_t value, struct text *out)
{
    const struct config_unit *unit = scale->units;
    if (value == 0) {
        text_append_str(out, scale->zero);
        return;
    }
    while (value % unit->scale != 0) /* the last has the scale 1 */
        unit++;
    text_appendf(out, "%" PRIu64 "%.*s", value / unit->scale, (int)unit->name.len, unit->name.ptr);
}

void config_scale_accept(const struct config_scale *scale, const struct config_setting *setting,
                         struct text *out)
{
    text_appendf(out, "a %s from ", scale->noun);
    config_scale_format(scale, setting->min, out);
    text_append_str(out, " to ");
    config_scale_format(scale, setting->max, out);
    text_appendf(out, "%s, for example %s", can_be_off(scale, setting) ? " or off" : "",
                 scale->example);
}

static void append_unit(struct view name, struct text *out)
{
    for (size_t i = 0; i < name.len; i++)
        text_appendf(out, "[%c%c]", name.ptr[i], name.ptr[i] & ~0x20);
}

/* A regular expression for what parse() takes. */
static json_t *make_pattern(const struct config_scale *scale, const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    const char *separator = "^(";
    if (can_be_off(scale, setting)) {
        text_append_str(&pattern, setting->takes_never ? "^(0|off|never" : "^(0|off");
        separator = "|";
    }
    for (const struct config_unit *unit = scale->units; unit->scale > 0; unit++) {
        uint64_t low = (setting->min + unit->scale - 1) / unit->scale;
        uint64_t high = setting->max / unit->scale;
        if (low > high)
            continue;
        text_appendf(&pattern, "%s0*", separator);
        config_pattern_append_range(low, high, &pattern);
        append_unit(unit->name, &pattern);
        separator = "|";
    }
    text_append_str(&pattern, ")$");
    return config_shape_of(&pattern);
}

/* Where a unit is needed, zero alone can do without. */
json_t *config_scale_schema(const struct config_scale *scale, const struct config_setting *setting)
{
    json_t *as_text = make_pattern(scale, setting);
    if (find_unit(scale, VIEW(""))->scale > 0)
        return config_shape_number(setting, as_text);
    return setting->min == 0 ? json_pack("{s:[{s:i}, o]}", "anyOf", "const", 0, as_text) : as_text;
}
