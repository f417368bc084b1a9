#include "lb/config/config_name.h"

bool config_name_has_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

const char *config_name_check(struct view text)
{
    if (text.len == 0)
        return "is empty";
    if (text.len > CONFIG_NAME_MAX_LEN)
        return "is longer than 128 bytes";
    for (size_t i = 0; i < text.len; i++)
        if (!config_name_has_char(text.ptr[i]))
            return "has a character that is not allowed";
    return NULL;
}
