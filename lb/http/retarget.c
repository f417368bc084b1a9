#include "lb/http/retarget.h"

#define PREFIX_NAME VIEW("X-Forwarded-Prefix")

size_t retarget_bound(const struct retarget *retarget)
{
    size_t bytes = retarget->head.len + retarget->query.len + retarget->prefix.len;
    for (size_t i = 0; i < sizeof(retarget->path) / sizeof(retarget->path[0]); i++)
        bytes += retarget->path[i].len;
    return bytes + PREFIX_NAME.len + sizeof(": \r\n");
}

/* The value of the last field of that name, of a trusted client; a NULL pointer: there is none. */
static struct view prefix_before(struct view lines)
{
    struct view found = view_of(NULL, 0);
    while (lines.ptr) {
        struct view value = view_cut(&lines, '\n');
        if (view_eq_nocase(view_cut(&value, ':'), PREFIX_NAME) && value.ptr)
            found = view_of(value.ptr, value.len - (value.len > 0)); /* without "\r" */
    }
    return found;
}

/* The fields, with the prefix behind what proxies before lb have cut off, or in a line of its own. */
static void append_lines(struct view lines, struct view prefix, struct block *out)
{
    struct view before = prefix.len > 0 ? prefix_before(lines) : view_of(NULL, 0);
    if (before.ptr) {
        size_t len = (size_t)(before.ptr + before.len - lines.ptr);
        block_append(out, view_of(lines.ptr, len));
        block_append(out, view_trim(before).len > 0 ? VIEW(", ") : VIEW(""));
        block_append(out, prefix);
        block_append(out, view_skip(lines, len));
        return;
    }
    block_append(out, lines);
    if (prefix.len == 0)
        return;
    block_append(out, PREFIX_NAME);
    block_append(out, VIEW(": "));
    block_append(out, prefix);
    block_append(out, VIEW("\r\n"));
}

void retarget_write(const struct retarget *retarget, struct block *out)
{
    const char *behind = retarget->target.ptr + retarget->target.len;
    struct view head = retarget->head;
    size_t before = (size_t)(retarget->target.ptr - head.ptr);
    struct view lines = view_skip(head, (size_t)(behind - head.ptr));
    lines.len -= sizeof("\r\n") - 1; /* the empty line */
    block_append(out, view_of(head.ptr, before));
    for (size_t i = 0; i < sizeof(retarget->path) / sizeof(retarget->path[0]); i++)
        block_append(out, retarget->path[i]);
    block_append(out, retarget->query);
    append_lines(lines, retarget->prefix, out);
    block_append(out, VIEW("\r\n"));
}
