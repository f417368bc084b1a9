#include "lb/http/credentials.h"

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* RFC 4648 § 4. Padding may be missing, as some clients leave it out; what it stands for is 0. */
static bool decode(struct view text, char *room, size_t *len)
{
    unsigned bits = 0, bit_count = 0;
    *len = 0;
    for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);
        if (digit < 0)
            return false;
        bits = (bits << 6 | (unsigned)digit) & 0xFFFF;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        bit_count -= 8;
        room[(*len)++] = (char)(bits >> bit_count & 0xFF);
    }
    return text.len % 4 != 1 && (bits & ((1u << bit_count) - 1)) == 0;
}

/* Neither may have one, RFC 7617 § 2. */
static bool has_control(struct view text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return true;
    return false;
}

bool credentials_parse(struct view value, char room[static CREDENTIALS_BYTES_MAX],
                       struct credentials *out)
{
    size_t len;
    struct view scheme = view_cut(&value, ' ');
    struct view text = view_trim(value);
    if (!view_eq_nocase(scheme, VIEW("Basic")) || text.len / 4 * 3 + 3 > CREDENTIALS_BYTES_MAX ||
        !decode(text, room, &len))
        return false;
    struct view rest = view_of(room, len);
    if (has_control(rest))
        return false;
    out->user = view_cut(&rest, ':');
    out->password = rest;
    return rest.ptr != NULL;
}
