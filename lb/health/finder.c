#include "lb/health/finder.h"

#include "lb/base/bounds.h"

static unsigned advance(const struct finder *finder, unsigned matched, char byte)
{
    while (matched > 0 && finder->text.ptr[matched] != byte)
        matched = finder->fallback[matched];
    return matched + (finder->text.ptr[matched] == byte);
}

void finder_init(struct finder *finder, struct view text)
{
    bounds_hold(text.len <= FINDER_TEXT_MAX);
    *finder = (struct finder){.text = text};
    for (unsigned len = 1; len < text.len; len++)
        finder->fallback[len + 1] =
            (unsigned char)advance(finder, finder->fallback[len], text.ptr[len]);
}

bool finder_take(struct finder *finder, struct view piece)
{
    for (size_t i = 0; i < piece.len && finder->matched < finder->text.len; i++)
        finder->matched = advance(finder, finder->matched, piece.ptr[i]);
    return finder->matched == finder->text.len;
}
