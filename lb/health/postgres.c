#include "lb/health/postgres.h"

/* In protocol 3 a length comes behind the letter, of less than 64 KiB. What fails before it knows the
 * protocol answers as of protocol 2: a text and a NUL. */
static bool has_length(struct view answer)
{
    return answer.len >= 5 && answer.ptr[1] == '\0' && answer.ptr[2] == '\0';
}

bool postgres_is_whole(struct view answer)
{
    if (answer.ptr[0] != 'E')
        return true;
    if (answer.len < 5)
        return false;
    if (!has_length(answer))
        return view_find(view_skip(answer, 1), '\0') >= 0;
    size_t high = (unsigned char)answer.ptr[3], low = (unsigned char)answer.ptr[4];
    return answer.len > high * 256 + low;
}

/* Fields begin with a letter and end with a NUL: M is what it says. */
struct view postgres_text(struct view answer)
{
    struct view rest = view_skip(answer, answer.len < 1 ? answer.len : 1);
    if (!has_length(answer))
        return view_cut(&rest, '\0');
    rest = view_skip(answer, 5);
    while (rest.ptr) {
        struct view field = view_cut(&rest, '\0');
        if (view_starts_with(field, VIEW("M")))
            return view_skip(field, 1);
    }
    return VIEW("");
}
