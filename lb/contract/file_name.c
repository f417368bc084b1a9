#include "lb/contract/file_name.h"

static bool refuse(struct text *problem, const char *why)
{
    text_append_str(problem, why);
    return false;
}

bool file_name_check(struct view name, struct text *problem)
{
    if (name.len == 0)
        return refuse(problem, "names no file");
    if (name.len > FILE_NAME_BYTES_MAX)
        return refuse(problem, "is longer than 255 bytes");
    if (name.ptr[0] == '.')
        return refuse(problem, "begins with a dot");
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c <= ' ' || c == 0x7F || strchr("/\\,?", c))
            return refuse(problem, "has a slash, a blank, a comma or a question mark in its name");
    }
    return true;
}
