#include "lb/observe/line.h"

#include "lb/base/utf8.h"

#define LONGEST_ESCAPE 6 /* of \\uXXXX */

static const char hex[] = "0123456789abcdef";

/* 00 to 99. */
static const char pairs[] = "0001020304050607080910111213141516171819"
                            "2021222324252627282930313233343536373839"
                            "4041424344454647484950515253545556575859"
                            "6061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

/* clang-format off */
#define ALL (LINE_JSON | LINE_QUOTED | LINE_WORD | LINE_PIPE | LINE_BRACE)

/* For each byte the escapes under which it stands for itself. */
static const unsigned char plain[256] = {
    [' '] = LINE_JSON | LINE_QUOTED | LINE_PIPE,
    ['!'] = ALL, ['"'] = 0, ['#' ... '['] = ALL, ['\\'] = 0, [']' ... 'z'] = ALL,
    ['{'] = ALL & ~LINE_BRACE, ['|'] = ALL & ~(LINE_PIPE | LINE_BRACE), ['}'] = ALL & ~LINE_BRACE,
    ['~'] = ALL,
};
/* clang-format on */

/* Sixteen bytes that the compiler compares at once, with what the processor has for it. */
typedef signed char sixteen __attribute__((vector_size(16)));
typedef uint64_t two_eights __attribute__((vector_size(16)));

static uint64_t load(const char *eight)
{
    uint64_t v;
    memcpy(&v, eight, sizeof(v));
    return v;
}

/* Whether eight bytes and eight others stand for themselves. Most of what is logged is plain, and a
 * step for every byte would be half of the cost of a line. */
static bool are_plain(const char *eight, const char *others, enum line_escape escape)
{
    sixteen v = (sixteen)(two_eights){load(eight), load(others)};
    sixteen other = (v < ' ') | (v == '"') | (v == '\\') | (v == 0x7F); /* above it: negative */
    if (escape & (LINE_WORD | LINE_BRACE))
        other |= v == ' ';
    if (escape & (LINE_PIPE | LINE_BRACE))
        other |= v == '|';
    if (escape & LINE_BRACE)
        other |= (v == '{') | (v == '}');
    two_eights found = (two_eights)other;
    return (found[0] | found[1]) == 0;
}

static size_t count_plain(struct view value, enum line_escape escape)
{
    size_t count = 0;
    while (value.len - count >= 16 && are_plain(value.ptr + count, value.ptr + count + 8, escape))
        count += 16;
    if (value.len - count < 16 && value.len >= 8) { /* the rest, with some bytes once more */
        const char *last = value.ptr + value.len - 8;
        if (are_plain(value.len < 16 ? value.ptr : last - 8, last, escape))
            return value.len;
    }
    while (count < value.len && (plain[(unsigned char)value.ptr[count]] & escape))
        count++;
    return count;
}

static size_t escape_json(struct view *rest, char out[LONGEST_ESCAPE])
{
    unsigned char c = (unsigned char)rest->ptr[0];
    size_t len = utf8_length(*rest);
    size_t used = 0;
    if (len == 0 || c == '\0') { /* strict readers refuse \u0000 */
        memcpy(out, "\xEF\xBF\xBD", 3);
        used = 3;
        len = 1;
    } else if (c == '"' || c == '\\') {
        out[used++] = '\\';
        out[used++] = (char)c;
    } else if (utf8_is_control(*rest, len)) {
        uint32_t code = utf8_code(*rest, len);
        if (code > 0xFFFF)
            code = 0xFFFD; /* invisible tags: nobody misses which */
        memcpy(out, "\\u", 2);
        for (unsigned i = 0; i < 4; i++)
            out[2 + i] = hex[code >> (12 - 4 * i) & 15];
        used = 6;
    } else {
        memcpy(out, rest->ptr, len);
        used = len;
    }
    *rest = view_skip(*rest, len);
    return used;
}

static size_t escape_plain(struct view *rest, char out[LONGEST_ESCAPE])
{
    unsigned char c = (unsigned char)rest->ptr[0];
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[c >> 4];
    out[3] = hex[c & 15];
    *rest = view_skip(*rest, 1);
    return 4;
}

/* Not inlined, so that line_foreign needs no room on the stack for what is rare. */
__attribute__((noinline)) static void put_escaped(struct line *line, struct view value,
                                                  enum line_escape escape, size_t room)
{
    bool is_cut = false;
    while (value.len > 0 && !is_cut) {
        char escaped[LONGEST_ESCAPE];
        size_t count = count_plain(value, escape);
        is_cut = count > room;
        count = is_cut ? room : count;
        memcpy(line->at, value.ptr, count);
        line->at += count;
        room -= count;
        value = view_skip(value, count);
        if (is_cut || value.len == 0)
            break;
        count = escape == LINE_JSON ? escape_json(&value, escaped) : escape_plain(&value, escaped);
        is_cut = count > room;
        if (!is_cut) {
            memcpy(line->at, escaped, count);
            line->at += count;
            room -= count;
        }
    }
    if (is_cut)
        line_append(line, escape == LINE_JSON ? VIEW("\xE2\x80\xA6") : VIEW("..."));
}

void line_foreign(struct line *line, struct view value, enum line_escape escape, size_t max_bytes)
{
    size_t room = (size_t)(line->end - line->at);
    if (value.len == 0)
        return;
    if (room > max_bytes)
        room = max_bytes;
    if (value.len <= room && count_plain(value, escape) == value.len) {
        memcpy(line->at, value.ptr, value.len);
        line->at += value.len;
    } else {
        put_escaped(line, value, escape, room);
    }
}

void line_foreign_or_dash(struct line *line, struct view value, enum line_escape escape,
                          size_t max_bytes)
{
    if (value.len > 0)
        line_foreign(line, value, escape, max_bytes);
    else
        LINE_LITERAL(line, "-");
}

void line_uint(struct line *line, uint64_t value)
{
    if (value < 10) { /* as most are */
        char digit = (char)('0' + value);
        line_append(line, view_of(&digit, 1));
        return;
    }
    unsigned digit_count = 2;
    for (uint64_t limit = 100; value >= limit && digit_count < 20; limit *= 10)
        digit_count++;
    line_digits(line, value, digit_count);
}

void line_digits(struct line *line, uint64_t value, unsigned digit_count)
{
    if ((size_t)(line->end - line->at) < digit_count) {
        line->end = line->at;
        return;
    }
    line->at += digit_count;
    char *at = line->at;
    for (; digit_count > 1; digit_count -= 2, value /= 100)
        memcpy(at -= 2, pairs + 2 * (value % 100), 2);
    if (digit_count > 0)
        at[-1] = (char)('0' + value % 10);
}

void line_ms(struct line *line, uint64_t value_ns)
{
    uint64_t value_us = value_ns / 1000;
    line_uint(line, value_us / 1000);
    LINE_LITERAL(line, ".");
    line_digits(line, value_us % 1000, 3);
}
