#include "lb/admin/metrics_format.h"

/* What a weight is at most, in thousandths. */
#define WHOLE 1000u

/* Of "0.75" 750; what is no weight counts as 0. */
static unsigned weight_of(struct view text)
{
    unsigned digit = WHOLE, weight = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        if (i == 1 ? text.ptr[i] != '.' : !is_digit || i > 4)
            return 0;
        if (is_digit)
            weight += digit * (unsigned)(text.ptr[i] - '0');
        digit = i == 1 || !is_digit ? digit : digit / 10;
    }
    return weight > WHOLE ? 0 : weight;
}

struct range {
    struct view type;
    struct view version; /* empty: any */
    unsigned weight;
};

static struct range read_range(struct view text)
{
    struct range range = {.type = view_trim(view_cut(&text, ';')), .weight = WHOLE};
    while (text.ptr) {
        struct view value = view_cut(&text, ';');
        struct view name = view_trim(view_cut(&value, '='));
        value = view_trim(value);
        if (view_eq_nocase(name, VIEW("q")))
            range.weight = weight_of(value);
        else if (view_eq_nocase(name, VIEW("version")))
            range.version = value;
    }
    return range;
}

static bool is_version(const struct range *range, struct view version)
{
    return range->version.len == 0 || view_eq(range->version, version);
}

/* How closely the range names the text format; 0: it does not. */
static unsigned closeness_to_text(const struct range *range)
{
    if (view_eq_nocase(range->type, VIEW("text/plain")))
        return is_version(range, VIEW("0.0.4")) ? 3 : 0;
    if (view_eq_nocase(range->type, VIEW("text/*")))
        return 2;
    return view_eq_nocase(range->type, VIEW("*/*"));
}

bool metrics_format_is_open(struct view accept)
{
    unsigned open = 0, text = 0, closest = 0;
    while (accept.len > 0) {
        struct range range = read_range(view_cut(&accept, ','));
        unsigned closeness = closeness_to_text(&range);
        if (view_eq_nocase(range.type, VIEW("application/openmetrics-text")) &&
            is_version(&range, VIEW("1.0.0")) && range.weight > open)
            open = range.weight;
        if (closeness > closest) {
            closest = closeness;
            text = range.weight;
        }
    }
    return open > 0 && open >= text;
}
