#include "lb/console/measure.h"

#include "lb/base/utf8.h"

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* The blocks of Unicode that matter: a terminal may differ in rare ones, which then stand a column off. */
static unsigned columns_of(uint32_t code)
{
    static const struct range combining[] = {
        {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
        {0x900, 0x902},   {0xE31, 0xE31},   {0xE34, 0xE3A},   {0xE47, 0xE4E},   {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0x302A, 0x302D}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    };
    static const struct range wide[] = {
        {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x2E80, 0x303E},
        {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},
        {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
        {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x17000, 0x18CFF}, {0x1B000, 0x1B2FF},
        {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    if (code < 0x300)
        return 1;
    if (is_in(combining, sizeof(combining) / sizeof(combining[0]), code))
        return 0;
    return is_in(wide, sizeof(wide) / sizeof(wide[0]), code) ? 2 : 1;
}

struct view measure_cut(struct view text, unsigned columns)
{
    struct view rest = text;
    unsigned taken = 0;
    while (rest.len > 0) {
        size_t len = utf8_length(rest);
        taken += len > 0 ? columns_of(utf8_code(rest, len)) : 1;
        if (taken > columns)
            break;
        rest = view_skip(rest, len > 0 ? len : 1);
    }
    return view_of(text.ptr, text.len - rest.len);
}

unsigned measure_columns(struct view text)
{
    unsigned taken = 0;
    while (text.len > 0) {
        size_t len = utf8_length(text);
        taken += len > 0 ? columns_of(utf8_code(text, len)) : 1;
        text = view_skip(text, len > 0 ? len : 1);
    }
    return taken;
}
