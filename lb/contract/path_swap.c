#include "lb/contract/path_swap.h"

#include "lb/contract/replacement.h"
#include "lb/contract/url_path.h"

static bool check_path(struct view path, struct text *problem)
{
    struct text normal = TEXT_INIT;
    bool is_good = url_path_parse(path, &normal, problem);
    text_fini(&normal);
    return is_good;
}

/* Escapes and the ends of a path come from the request, not from here. */
static bool check_replacement(struct view replacement, struct text *problem)
{
    for (size_t i = 0; i < replacement.len; i++)
        if (strchr("?#\\", replacement.ptr[i])) {
            text_append_str(problem, "has a ?, a # or a \\ in its replacement, where paths end");
            return false;
        }
    return true;
}

bool path_swap_parse(struct view value, struct path_swap *out, struct text *problem)
{
    *out = (struct path_swap){0};
    value = view_trim(value);
    if (value.len == 0 || value.ptr[0] != '~') {
        out->path = value;
        return check_path(value, problem);
    }
    if (!replacement_split(value, &out->regex, &out->replacement)) {
        text_append_str(problem, "has a regex without a replacement behind it");
        return false;
    }
    return replacement_check(out->regex, out->replacement, problem) &&
           check_replacement(out->replacement, problem);
}
