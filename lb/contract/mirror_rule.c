#include "lb/contract/mirror_rule.h"

#include "lb/contract/limits.h"

static bool refuse(struct text *problem, const char *what)
{
    text_append_str(problem, what);
    return false;
}

/* "5" and "50" behind the point are 50 hundredths. False: no digits, or too many. */
static bool parse_hundredths(struct view digits, uint64_t *out)
{
    if (digits.len < 1 || digits.len > 2 || !view_parse_u64(digits, 99, out))
        return false;
    *out *= digits.len == 1 ? 10 : 1;
    return true;
}

/* "10", "0.25" */
static bool parse_percent(struct view number, unsigned *parts)
{
    struct view whole = view_cut(&number, '.');
    uint64_t percent = 0, hundredths = 0;
    if (!view_parse_u64(whole, 100, &percent) ||
        (number.ptr && !parse_hundredths(number, &hundredths)))
        return false;
    uint64_t sum = percent * 100 + hundredths;
    *parts = (unsigned)sum;
    return sum > 0 && sum <= MIRROR_RULE_WHOLE;
}

bool mirror_rule_parse(struct view value, struct mirror_rule *out, struct text *problem)
{
    struct view share = view_trim(value);
    struct view service = view_cut(&share, ' ');
    share = share.ptr ? view_trim(share) : VIEW("");
    if (service.len == 0 || service.ptr[service.len - 1] == '%')
        return refuse(problem, "names no service");
    if (service.len > LIMITS_NAME_BYTES_MAX)
        return refuse(problem, "has a name of a service that is too long");
    if (share.len == 0)
        return refuse(problem, "names no share");
    if (share.ptr[share.len - 1] != '%')
        return refuse(problem, "has a share without % behind it");
    share.len--;
    if (!parse_percent(share, &out->parts))
        return refuse(problem, "has a share that is not from 0.01% to 100%");
    out->service = service;
    return true;
}
