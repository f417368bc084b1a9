#include "lb/http/retarget.h"

#define PREFIX_NAME VIEW("X-Forwarded-Prefix: ")

size_t retarget_bound(const struct retarget *retarget)
{
    size_t bytes = retarget->head.len + retarget->query.len + retarget->prefix.len;
    for (size_t i = 0; i < sizeof(retarget->path) / sizeof(retarget->path[0]); i++)
        bytes += retarget->path[i].len;
    return bytes + PREFIX_NAME.len + sizeof("\r\n");
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
    block_append(out, lines);
    if (retarget->prefix.len > 0) {
        block_append(out, PREFIX_NAME);
        block_append(out, retarget->prefix);
        block_append(out, VIEW("\r\n"));
    }
    block_append(out, VIEW("\r\n"));
}
