#include "lb/http/field_line.h"

bool field_line_next(struct view *lines, struct view name, struct view *value)
{
    for (ptrdiff_t end; (end = view_find(*lines, '\n')) >= 0;) {
        struct view line = view_of(lines->ptr, (size_t)end);
        *lines = view_skip(*lines, (size_t)end + 1);
        if (!view_eq_nocase(view_cut(&line, ':'), name) || !line.ptr)
            continue;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        *value = view_trim(line);
        return true;
    }
    return false;
}
