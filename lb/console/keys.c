#include "lb/console/keys.h"

struct sequence {
    const char *bytes; /* behind ESC */
    enum key key;
};

static const struct sequence sequences[] = {
    {"[A", KEY_UP},         {"OA", KEY_UP},   {"[B", KEY_DOWN},  {"OB", KEY_DOWN},
    {"[5~", KEY_PAGE_UP},   {"[H", KEY_HOME}, {"[1~", KEY_HOME}, {"OH", KEY_HOME},
    {"[6~", KEY_PAGE_DOWN}, {"[F", KEY_END},  {"[4~", KEY_END},  {"OF", KEY_END},
};

/* Up to its last byte (ECMA-48 § 5.4): what comes behind must not be taken for keys. */
static void skip_sequence(struct view *bytes)
{
    bool is_long = bytes->len > 0 && (bytes->ptr[0] == '[' || bytes->ptr[0] == 'O');
    if (is_long)
        *bytes = view_skip(*bytes, 1);
    while (is_long && bytes->len > 0 && (bytes->ptr[0] < '@' || bytes->ptr[0] > '~'))
        *bytes = view_skip(*bytes, 1);
    if (is_long && bytes->len > 0)
        *bytes = view_skip(*bytes, 1);
}

int keys_next(struct view *bytes)
{
    unsigned char first = (unsigned char)bytes->ptr[0];
    *bytes = view_skip(*bytes, 1);
    if (first != 0x1B)
        return first < 0x80 ? first : KEY_NONE;
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        struct view known = view_str(sequences[i].bytes);
        if (!view_starts_with(*bytes, known))
            continue;
        *bytes = view_skip(*bytes, known.len);
        return sequences[i].key;
    }
    skip_sequence(bytes);
    return KEY_NONE;
}
