#include "lb/contract/size.h"

static uint64_t scale_of(char unit)
{
    switch (view_lower_char(unit)) {
    case 'k':
        return 1u << 10;
    case 'm':
        return 1u << 20;
    case 'g':
        return 1u << 30;
    default:
        return 1;
    }
}

bool size_parse(struct view value, uint64_t *out_bytes)
{
    uint64_t number;
    *out_bytes = 0;
    if (view_eq(value, VIEW("off")))
        return true;
    uint64_t scale = value.len > 0 ? scale_of(value.ptr[value.len - 1]) : 1;
    if (scale > 1)
        value.len--;
    if (!view_parse_u64(value, SIZE_BYTES_MAX / scale, &number))
        return false;
    *out_bytes = number * scale;
    return true;
}
