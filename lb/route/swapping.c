#include "lb/route/swapping.h"

#include "lb/contract/url_path.h"
#include "lb/route/expansion.h"

/* What was put together of two pieces may be an escape, or lead up. */
static enum swapping_way normalise(const struct expansion *made, char *room, struct view *out)
{
    if (made->is_full)
        return SWAPPING_TOO_LONG;
    enum url_path_change change = url_path_normalise(expansion_view(made), room, out);
    return change >= URL_PATH_MOVED ? SWAPPING_REFUSED : SWAPPING_MADE;
}

/* It begins with a slash, whatever was found. */
static enum swapping_way put_together(const struct treatment_swap *swap, struct view path,
                                      const struct view parts[PATTERN_PARTS_MAX], char *room,
                                      struct view *out)
{
    struct expansion made = {.begin = room + 1, .at = room + 1, .end = room + SWAPPING_BYTES_MAX};
    expansion_put_replaced(&made, path, swap->replacement, parts);
    if (made.at == made.begin || made.begin[0] != '/')
        *--made.begin = '/';
    return normalise(&made, room + SWAPPING_BYTES_MAX, out);
}

enum swapping_way swapping_find(const struct treatment_swap *swap, struct view path,
                                struct pattern_scratch *scratch, char *room, struct view *out)
{
    struct view parts[PATTERN_PARTS_MAX];
    *out = swap->pattern ? path : swap->path;
    if (!swap->pattern)
        return SWAPPING_MADE;
    pattern_scratch_begin(scratch);
    switch (pattern_find(swap->pattern, path, scratch, parts)) {
    case TRUTH_NO:
        return SWAPPING_MADE;
    case TRUTH_YES:
        return put_together(swap, path, parts, room, out);
    default:
        return SWAPPING_IN_DOUBT;
    }
}
