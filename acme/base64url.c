#include "acme/base64url.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_append(struct text *out, struct view bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.ptr;
    for (size_t left = bytes.len; left > 0;) {
        size_t taken = left < 3 ? left : 3;
        unsigned word = (unsigned)at[0] << 16;
        if (taken > 1)
            word |= (unsigned)at[1] << 8;
        if (taken > 2)
            word |= at[2];
        for (size_t i = 0; i <= taken; i++)
            text_append_char(out, digits[word >> (18 - 6 * i) & 63]);
        at += taken;
        left -= taken;
    }
}

static int value_of(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool base64url_decode(struct view text, struct text *out)
{
    unsigned word = 0, bits = 0;
    for (unsigned i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i]);
        if (value < 0)
            return false;
        word = (word << 6 | (unsigned)value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            text_append_char(out, (char)(word >> bits & 0xff));
        }
    }
    return bits < 6 && (word & ((1u << bits) - 1)) == 0;
}
