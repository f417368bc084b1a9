#include "lb/http/head_edit.h"

#include "lb/base/alike.h"

bool head_edit_cuts(const struct head_edit *edit, struct view name)
{
    for (unsigned i = 0; i < edit->cut_count; i++)
        if (edit->cuts_alike ? alike_are(edit->cut_names[i], name)
                             : view_eq_nocase(edit->cut_names[i], name))
            return true;
    return false;
}

/* With its end. */
static struct view take_line(struct view *rest)
{
    ptrdiff_t at = view_find(*rest, '\n');
    struct view line = view_of(rest->ptr, at < 0 ? rest->len : (size_t)at + 1);
    *rest = view_skip(*rest, line.len);
    return line;
}

void head_edit_write(const struct head_edit *edit, struct view head, struct block *out)
{
    struct view rest = head;
    rest.len -= sizeof("\r\n") - 1; /* the empty line */
    block_append(out, take_line(&rest));
    while (rest.len > 0) {
        struct view line = take_line(&rest), behind = line;
        if (!head_edit_cuts(edit, view_cut(&behind, ':')))
            block_append(out, line);
    }
    if (edit->lines.len > 0)
        block_append(out, edit->lines);
    block_append(out, VIEW("\r\n"));
}
