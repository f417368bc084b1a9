#include "lb/http/written_head.h"

struct view written_head_next(struct view head, struct view name, unsigned *seen)
{
    struct view rest = head;
    view_cut(&rest, '\n'); /* the request line */
    for (unsigned i = 0; rest.ptr; i++) {
        struct view value = view_cut(&rest, '\n');
        if (i < *seen)
            continue;
        *seen = i + 1;
        if (!view_eq_nocase(view_cut(&value, ':'), name) || !value.ptr)
            continue;
        if (value.len > 0 && value.ptr[value.len - 1] == '\r')
            value.len--;
        return view_trim(value);
    }
    return view_of(NULL, 0);
}
