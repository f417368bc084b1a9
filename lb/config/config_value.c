#include "lb/config/config_value.h"

#include "lb/config/config_kind.h"

#define QUOTED_MAX_BYTES 80

void config_value_append_quoted(struct view value, struct text *out)
{
    bool is_cut = value.len > QUOTED_MAX_BYTES;
    if (is_cut)
        value.len = QUOTED_MAX_BYTES;
    text_append_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c < 0x20 || c > 0x7E)
            text_appendf(out, "\\x%02x", c);
        else
            text_append_char(out, (char)c);
    }
    text_append_str(out, is_cut ? "…\"" : "\"");
}

void config_value_append_words(const struct config_setting *setting, struct text *out)
{
    for (size_t i = 0; setting->words[i]; i++) {
        if (i > 0)
            text_append_str(out, setting->words[i + 1] ? ", " : " or ");
        text_append_str(out, setting->words[i]);
    }
}

void config_value_append_accepted(const struct config_setting *setting, struct text *out)
{
    if (setting->table) /* whose objects have names */
        text_append_str(out, kind_name.accepted);
    else if (setting->kind->accepted)
        text_append_str(out, setting->kind->accepted);
    else
        setting->kind->append_accepted(setting, out);
}

void config_value_append_advice(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, "give ");
    config_value_append_accepted(setting, out);
}

bool config_value_can_be_off(const struct config_setting *setting)
{
    if (setting->takes_off || (setting->kind->zero_is_off && setting->min == 0))
        return true;
    for (size_t i = 0; setting->words && setting->words[i]; i++)
        if (strcmp(setting->words[i], "off") == 0)
            return true;
    return false;
}

bool config_value_is_written(const struct config_setting *setting, const void *field)
{
    struct text value = TEXT_INIT;
    setting->kind->format(setting, field, &value);
    bool is_written = value.len > 0;
    text_fini(&value);
    return is_written;
}

bool config_value_refuse(const struct config_setting *setting, struct view value, const char *wrong,
                         struct text *problem)
{
    config_value_append_quoted(value, problem);
    text_appendf(problem, " %s; ", wrong);
    config_value_append_advice(setting, problem);
    return false;
}
