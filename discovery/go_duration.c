#include "discovery/go_duration.h"

#include <stddef.h>

#define NS_MAX         (UINT64_C(10) * 366 * 24 * 3600 * 1000000000)
#define DIGITS_MAX     12
#define FRACTION_BASE  UINT64_C(1000000)
#define FRACTION_UNITS 6

static const struct unit {
    const char *text;
    uint64_t ns;
} units[] = {
    {"ns", 1},           {"us", 1000},      {"µs", 1000}, {"ms", 1000000}, {"h", 3600000000000u},
    {"m", 60000000000u}, {"s", 1000000000},
};

static struct view cut_digits(struct view *rest)
{
    struct view digits = view_of(rest->ptr, 0);
    while (digits.len < rest->len && rest->ptr[digits.len] >= '0' && rest->ptr[digits.len] <= '9')
        digits.len++;
    *rest = view_skip(*rest, digits.len);
    return digits;
}

/* Millionths of what stands behind the point. */
static uint64_t millionths(struct view digits)
{
    uint64_t value = 0;
    for (size_t i = 0; i < FRACTION_UNITS; i++)
        value = value * 10 + (i < digits.len ? (uint64_t)(digits.ptr[i] - '0') : 0);
    return value;
}

static const struct unit *cut_unit(struct view *rest)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (view_starts_with(*rest, view_str(units[i].text))) {
            *rest = view_skip(*rest, strlen(units[i].text));
            return &units[i];
        }
    return NULL;
}

/* One number with its unit, as nanoseconds. */
static bool cut_part(struct view *rest, uint64_t *out_ns)
{
    uint64_t whole = 0, parts = 0;
    struct view digits = cut_digits(rest), behind = view_of(rest->ptr, 0);
    if (rest->len > 0 && rest->ptr[0] == '.') {
        *rest = view_skip(*rest, 1);
        behind = cut_digits(rest);
        parts = millionths(behind);
    }
    if (digits.len + behind.len == 0 || digits.len > DIGITS_MAX)
        return false;
    if (digits.len > 0 && !view_parse_u64(digits, UINT64_MAX, &whole))
        return false;
    const struct unit *unit = cut_unit(rest);
    if (!unit || whole > NS_MAX / unit->ns)
        return false;
    *out_ns =
        whole * unit->ns + (uint64_t)((double)unit->ns * (double)parts / (double)FRACTION_BASE);
    return true;
}

bool go_duration_parse(struct view text, uint64_t *out_ms)
{
    uint64_t sum_ns = 0, part_ns;
    *out_ms = 0;
    if (view_eq(text, VIEW("0")))
        return true;
    if (text.len == 0)
        return false;
    while (text.len > 0) {
        if (!cut_part(&text, &part_ns) || part_ns > NS_MAX - sum_ns)
            return false;
        sum_ns += part_ns;
    }
    *out_ms = sum_ns / 1000000;
    return true;
}
