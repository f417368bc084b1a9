#include "discovery/dialect/go_duration.h"

#include <stddef.h>

#define TEXT_BYTES_MAX 32

static const struct {
    const char *word;
    uint64_t ns;
} units[] = {
    {"ns", 1},       {"us", 1000},      {"\xC2\xB5s", 1000}, {"\xCE\xBCs", 1000},
    {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},  {"h", 3600000000000},
};

static uint64_t find_unit(struct view word)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (view_eq(word, view_str(units[i].word)))
            return units[i].ns;
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts the digits at the beginning off. */
static struct view cut_digits(struct view *rest)
{
    struct view digits = view_of(rest->ptr, 0);
    while (digits.len < rest->len && is_digit(rest->ptr[digits.len]))
        digits.len++;
    *rest = view_skip(*rest, digits.len);
    return digits;
}

static double read_digits(struct view digits)
{
    double value = 0;
    for (size_t i = 0; i < digits.len; i++)
        value = value * 10 + (digits.ptr[i] - '0');
    return value;
}

/* "1.5h": cuts it off, and adds it. */
static bool take_part(struct view *rest, double *ns)
{
    struct view whole = cut_digits(rest), fraction = {NULL, 0}, unit;
    double value = read_digits(whole), scale = 1;
    if (rest->len > 0 && rest->ptr[0] == '.') {
        *rest = view_skip(*rest, 1);
        fraction = cut_digits(rest);
    }
    for (size_t i = 0; i < fraction.len; i++)
        scale *= 10;
    unit = view_of(rest->ptr, 0);
    while (unit.len < rest->len && rest->ptr[unit.len] != '.' && !is_digit(rest->ptr[unit.len]))
        unit.len++;
    *rest = view_skip(*rest, unit.len);
    *ns += (value + read_digits(fraction) / scale) * (double)find_unit(unit);
    return whole.len + fraction.len > 0 && find_unit(unit) > 0;
}

bool go_duration_parse(struct view text, uint64_t *out_ms)
{
    double ns = 0;
    if (text.len == 0 || text.len > TEXT_BYTES_MAX)
        return false;
    while (text.len > 0)
        if (!take_part(&text, &ns))
            return false;
    if (ns < 1e6 || ns > (double)GO_DURATION_MAX_MS * 1e6)
        return false;
    *out_ms = (uint64_t)(ns / 1e6);
    return true;
}
