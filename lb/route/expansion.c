#include "lb/route/expansion.h"

#include "lb/contract/replacement.h"

static bool is_escaped(char c)
{
    unsigned char octet = (unsigned char)c;
    return octet <= ' ' || octet >= 0x7F || strchr("\"<>\\^`{|}", c);
}

static void put_char(struct expansion *out, char c)
{
    if (out->at == out->end)
        out->is_full = true;
    else
        *out->at++ = c;
}

static void put_escaped(struct expansion *out, char c)
{
    static const char digits[] = "0123456789ABCDEF";
    put_char(out, '%');
    put_char(out, digits[(unsigned char)c >> 4]);
    put_char(out, digits[(unsigned char)c & 15]);
}

/* Where bytes are put that lie at or behind the bound, of the same text as it. */
static void note(struct expansion *out, struct view bytes, struct view subject)
{
    bool is_of_subject = bytes.ptr >= subject.ptr && bytes.ptr <= subject.ptr + subject.len;
    if (!out->bound || out->noted || !is_of_subject || bytes.ptr + bytes.len <= out->bound)
        return;
    size_t before = bytes.ptr < out->bound ? (size_t)(out->bound - bytes.ptr) : 0;
    out->noted = out->at + before; /* what is before it is never escaped: a scheme and a host */
}

void expansion_put(struct expansion *out, struct view bytes)
{
    for (size_t i = 0; i < bytes.len && !out->is_full; i++)
        if (out->escapes && is_escaped(bytes.ptr[i]))
            put_escaped(out, bytes.ptr[i]);
        else
            put_char(out, bytes.ptr[i]);
}

static void put_found(struct expansion *out, struct view bytes, struct view subject)
{
    note(out, bytes, subject);
    expansion_put(out, bytes);
}

static void put_replacement(struct expansion *out, struct view replacement,
                            const struct view parts[PATTERN_PARTS_MAX], struct view subject)
{
    struct replacement_piece piece;
    while (replacement_next(&replacement, &piece))
        if (piece.text.len > 0)
            expansion_put(out, piece.text);
        else
            put_found(out, parts[piece.part], subject);
}

void expansion_put_replaced(struct expansion *out, struct view subject, struct view replacement,
                            const struct view parts[PATTERN_PARTS_MAX])
{
    size_t before = (size_t)(parts[0].ptr - subject.ptr);
    put_found(out, view_of(subject.ptr, before), subject);
    put_replacement(out, replacement, parts, subject);
    put_found(out, view_skip(subject, before + parts[0].len), subject);
}
