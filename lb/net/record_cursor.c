#include "lb/net/record_cursor.h"

/* The next bytes that lie together, at most `count` of them; empty: it is short of them. */
static struct view take(struct record_cursor *cursor, size_t count)
{
    if (count > cursor->left_bytes) {
        cursor->is_short = true;
        return view_of(NULL, 0);
    }
    if (cursor->at == cursor->record_end) {
        cursor->record_end +=
            RECORD_CURSOR_HEAD_BYTES + record_cursor_fragment_bytes(cursor->bytes + cursor->at);
        cursor->at += RECORD_CURSOR_HEAD_BYTES;
    }
    if (count > cursor->record_end - cursor->at)
        count = cursor->record_end - cursor->at;
    struct view taken = view_of(cursor->bytes + cursor->at, count);
    cursor->at += count;
    cursor->left_bytes -= count;
    return taken;
}

unsigned record_cursor_number(struct record_cursor *cursor, unsigned count)
{
    unsigned number = 0;
    while (count-- > 0) {
        struct view byte = take(cursor, 1);
        number = number << 8 | (byte.len > 0 ? (unsigned char)byte.ptr[0] : 0);
    }
    return number;
}

void record_cursor_copy(struct record_cursor *cursor, char *to, size_t count)
{
    while (count > 0) {
        struct view piece = take(cursor, count);
        if (piece.len == 0)
            return;
        memcpy(to, piece.ptr, piece.len);
        to += piece.len;
        count -= piece.len;
    }
}

struct record_cursor record_cursor_cut(struct record_cursor *cursor, size_t count)
{
    struct record_cursor part = *cursor;
    part.left_bytes = count;
    while (count > 0) {
        size_t len = take(cursor, count).len;
        if (len == 0)
            break;
        count -= len;
    }
    if (count > 0)
        part = (struct record_cursor){.is_short = true};
    return part;
}
