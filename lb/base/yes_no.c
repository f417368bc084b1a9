#include "lb/base/yes_no.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct view yes_no_trim(struct view text)
{
    while (text.len > 0 && is_space(text.ptr[0]))
        text = view_skip(text, 1);
    while (text.len > 0 && is_space(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

enum yes_no yes_no_read(struct view text)
{
    static const char *const no[] = {"false", "0", "no", "off"};
    static const char *const yes[] = {"true", "1", "yes", "on"};
    text = yes_no_trim(text);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (view_eq_nocase(text, view_str(no[i])))
            return YES_NO_NO;
        if (view_eq_nocase(text, view_str(yes[i])))
            return YES_NO_YES;
    }
    return YES_NO_NEITHER;
}
