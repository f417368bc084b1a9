#include "lb/http/field_line.h"

/* "NAME:" before it, without another look for the colon. */
static bool has_name(struct view line, struct view name)
{
    return line.len > name.len && line.ptr[name.len] == ':' &&
           view_eq_nocase(view_of(line.ptr, name.len), name);
}

bool field_line_next(struct view *lines, struct view name, struct view *value)
{
    for (ptrdiff_t end; (end = view_find(*lines, '\n')) >= 0;) {
        struct view line = view_of(lines->ptr, (size_t)end);
        *lines = view_skip(*lines, (size_t)end + 1);
        if (!has_name(line, name))
            continue;
        line = view_skip(line, name.len + 1);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        *value = view_trim(line);
        return true;
    }
    return false;
}
