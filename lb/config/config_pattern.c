#include "lb/config/config_pattern.h"

#include <inttypes.h>

#define HEXTET       "[0-9A-Fa-f]{1,4}"
#define HEXTET_COUNT 8

/* ---- numbers ----------------------------------------------------------------------------------*/

static void append_digit(uint64_t low, uint64_t high, struct text *out)
{
    if (low == high)
        text_appendf(out, "%" PRIu64, low);
    else
        text_appendf(out, "[%" PRIu64 "-%" PRIu64 "]", low, high);
}

static void append_any_digits(unsigned count, struct text *out)
{
    if (count > 0)
        text_appendf(out, count > 1 ? "[0-9]{%u}" : "[0-9]", count);
}

/* The numbers low … high where both have the digits that `scale`, a power of ten, is the first of;
 * leading zeros count as digits here. */
static void append_equally_long(uint64_t low, uint64_t high, uint64_t scale, unsigned digit_count,
                                struct text *out)
{
    uint64_t first = low / scale, last = high / scale;
    bool is_from_zeros = low % scale == 0, is_to_nines = high % scale == scale - 1;
    if (is_from_zeros && is_to_nines) {
        append_digit(first, last, out);
        append_any_digits(digit_count - 1, out);
        return;
    }
    if (first == last) {
        struct text rest = TEXT_INIT;
        append_equally_long(low % scale, high % scale, scale / 10, digit_count - 1, &rest);
        append_digit(first, first, out);
        text_appendf(out, view_find(text_view(&rest), '|') >= 0 ? "(%s)" : "%s", text_str(&rest));
        text_fini(&rest);
        return;
    }
    if (!is_from_zeros) {
        append_equally_long(low, first * scale + scale - 1, scale, digit_count, out);
        text_append_char(out, '|');
        first++;
    }
    if (!is_to_nines)
        last--;
    if (first <= last) {
        append_digit(first, last, out);
        append_any_digits(digit_count - 1, out);
    }
    if (!is_to_nines) {
        if (first <= last)
            text_append_char(out, '|');
        append_equally_long((last + 1) * scale, high, scale, digit_count, out);
    }
}

void config_pattern_append_range(uint64_t low, uint64_t high, struct text *out)
{
    uint64_t scale = 1; /* the smallest number of digit_count digits */
    const char *separator = "(";
    for (unsigned digit_count = 1; scale <= high || digit_count == 1; digit_count++, scale *= 10) {
        uint64_t from = low > scale || digit_count == 1 ? low : scale;
        uint64_t nines = scale * 10 - 1;
        if (from > nines)
            continue;
        text_append_str(out, separator);
        append_equally_long(from, high < nines ? high : nines, scale, digit_count, out);
        separator = "|";
    }
    text_append_char(out, ')');
}

/* ---- addresses --------------------------------------------------------------------------------*/

void config_pattern_append_ipv4(struct text *out)
{
    text_append_char(out, '(');
    config_pattern_append_range(0, 255, out);
    text_append_str(out, "\\.){3}");
    config_pattern_append_range(0, 255, out);
}

/* RFC 4291 § 2.2: all eight, or "::" once for one or more of them; the last two can be IPv4. */
void config_pattern_append_ipv6(struct text *out)
{
    text_append_str(out, "((" HEXTET ":){7}" HEXTET "|(" HEXTET ":){6}");
    config_pattern_append_ipv4(out);
    for (unsigned before = 0; before < HEXTET_COUNT; before++) {
        unsigned after = HEXTET_COUNT - 1 - before; /* at most */
        text_append_char(out, '|');
        if (before > 0)
            text_appendf(out, HEXTET "(:" HEXTET "){%u}", before - 1);
        text_append_str(out, "::");
        if (after > 0)
            text_appendf(out, "(" HEXTET "(:" HEXTET "){0,%u})?", after - 1);
    }
    for (unsigned before = 0; before < HEXTET_COUNT - 2; before++) {
        text_append_char(out, '|');
        if (before > 0)
            text_appendf(out, HEXTET "(:" HEXTET "){%u}", before - 1);
        text_appendf(out, "::(" HEXTET ":){0,%u}", HEXTET_COUNT - 3 - before);
        config_pattern_append_ipv4(out);
    }
    text_append_char(out, ')');
}
