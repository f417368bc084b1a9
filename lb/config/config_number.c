#include "lb/config/config_number.h"

#include <assert.h>

#include "lb/config/config_kind.h"
#include "lb/config/config_value.h"

size_t config_number_count_digits(struct view text)
{
    size_t count = 0;
    while (count < text.len && text.ptr[count] >= '0' && text.ptr[count] <= '9')
        count++;
    return count;
}

bool config_number_is_json(const struct config_setting *setting, struct view text)
{
    return setting->kind->takes_number && text.len > 0 &&
           config_number_count_digits(text) == text.len;
}

uint64_t config_number_load(const struct config_setting *setting, const void *field)
{
    uint64_t wide;
    unsigned narrow;
    if (setting->width_bytes == sizeof(wide)) {
        memcpy(&wide, field, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, field, sizeof(narrow));
    return narrow;
}

void config_number_store(const struct config_setting *setting, uint64_t value, void *field)
{
    if (setting->width_bytes == sizeof(uint64_t)) {
        memcpy(field, &value, sizeof(value));
    } else {
        unsigned narrow = (unsigned)value;
        assert(setting->width_bytes == sizeof(narrow) && narrow == value);
        memcpy(field, &narrow, sizeof(narrow));
    }
}

bool config_number_take(const struct config_setting *setting, struct view text, const char *wrong,
                        uint64_t value, void *field, struct text *problem)
{
    if (!wrong && value < setting->min)
        wrong = "is too small";
    if (!wrong && value > setting->max)
        wrong = "is too big";
    if (wrong)
        return config_value_refuse(setting, text, wrong, problem);
    config_number_store(setting, value, field);
    return true;
}

static void append_number(const struct config_setting *setting, uint64_t value, struct text *out)
{
    uint64_t field = 0;
    config_number_store(setting, value, &field);
    setting->kind->format(setting, &field, out);
}

bool config_number_append_limits(const struct config_setting *setting, struct text *out)
{
    if (setting->kind != &kind_duration ||
        (setting->min == 0 && setting->max == CONFIG_DURATION_MAX_MS))
        return false;
    if (setting->min > 0)
        append_number(setting, setting->min, out);
    text_append_str(out, setting->min > 0 ? " to " : "at most ");
    append_number(setting, setting->max, out);
    return true;
}
