#include "lb/base/shown.h"

#include <inttypes.h>

#include "lb/base/utf8.h"

static void append_escaped(struct text *out, uint32_t code)
{
    text_appendf(out, code < 0x100 ? "\\x%02" PRIx32 : "\\u%04" PRIx32, code);
}

void shown_append(struct text *out, struct view foreign)
{
    while (foreign.len > 0) {
        size_t len = utf8_length(foreign);
        if (len == 0)
            append_escaped(out, (unsigned char)foreign.ptr[0]);
        else if (utf8_is_control(foreign, len))
            append_escaped(out, utf8_code(foreign, len));
        else
            text_append(out, view_of(foreign.ptr, len));
        foreign = view_skip(foreign, len > 0 ? len : 1);
    }
}

void shown_append_lines(struct text *out, struct view foreign)
{
    while (foreign.ptr) {
        shown_append(out, view_cut(&foreign, '\n'));
        if (foreign.ptr)
            text_append_char(out, '\n');
    }
}
