#include "lb/contract/escaped.h"

static int digit_of(char c)
{
    c = view_lower_char(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes the byte that the text begins with off it, however it is written. Gives -1 where it is not
 * proper. */
static int take(struct view *text)
{
    static const char letters[] = "rnt\\", bytes[] = "\r\n\t\\";
    unsigned char byte = (unsigned char)text->ptr[0];
    *text = view_skip(*text, 1);
    if (byte != '\\')
        return byte >= 0x20 && byte != 0x7F ? byte : -1;
    char letter = text->len > 0 ? text->ptr[0] : '\0';
    const char *known = letter ? strchr(letters, letter) : NULL;
    if (known) {
        *text = view_skip(*text, 1);
        return (unsigned char)bytes[known - letters];
    }
    if (letter != 'x' || text->len < 3 || digit_of(text->ptr[1]) < 0 || digit_of(text->ptr[2]) < 0)
        return -1;
    int value = digit_of(text->ptr[1]) * 16 + digit_of(text->ptr[2]);
    *text = view_skip(*text, 3);
    return value;
}

bool escaped_is_proper(struct view text)
{
    while (text.len > 0)
        if (take(&text) < 0)
            return false;
    return true;
}

struct view escaped_read(struct view text, char *out)
{
    size_t count = 0;
    while (text.len > 0)
        out[count++] = (char)take(&text);
    return view_of(out, count);
}
