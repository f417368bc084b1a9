#include "lb/config/config_string.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/config/config_value.h"

const char *config_string_of(const void *field)
{
    return *(char *const *)field;
}

void config_string_replace(void *field, struct view text)
{
    char **string = field;
    free(*string);
    *string = text.ptr ? memory_copy(text.ptr, text.len) : NULL;
}

bool config_string_take(const struct config_setting *setting, struct view text, const char *wrong,
                        void *field, struct text *problem)
{
    if (wrong)
        return config_value_refuse(setting, text, wrong, problem);
    config_string_replace(field, text);
    return true;
}

const char *config_string_check(struct view text)
{
    if (text.len == 0)
        return "is empty";
    if (text.len > CONFIG_STRING_MAX_LEN)
        return "is longer than 4095 bytes";
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return "has a control character";
    return NULL;
}

void config_string_format(const struct config_setting *setting, const void *field, struct text *out)
{
    (void)setting;
    text_append(out, view_str(config_string_of(field)));
}

bool config_string_is_given(const struct config_setting *setting, const void *field)
{
    (void)setting;
    return config_string_of(field) != NULL;
}

void config_string_fini(void *field)
{
    config_string_replace(field, view_of(NULL, 0));
}
