#include "discovery/option_walk.h"

#include "lb/base/shown.h"
#include "lb/base/yes_no.h"

#define QUOTED_MAX_BYTES 100

struct option_walk option_walk_variable(const char *name, const char *value, struct text *problem)
{
    return (struct option_walk){.flag = view_str(name), .value = value, .problem = problem};
}

bool option_walk_next(struct option_walk *walk)
{
    if (walk->next >= walk->argc)
        return false;
    struct view rest = view_str(walk->argv[walk->next++]);
    walk->flag = view_cut(&rest, '=');
    walk->value = rest.ptr;
    return true;
}

bool option_walk_is_given(const char *value)
{
    return value && value[0] != '\0';
}

/* ---- complaints ------------------------------------------------------------------------------ */

void option_walk_append_quoted(struct view foreign, struct text *out)
{
    text_append_char(out, '"');
    shown_append(
        out, view_of(foreign.ptr, foreign.len < QUOTED_MAX_BYTES ? foreign.len : QUOTED_MAX_BYTES));
    text_append_char(out, '"');
}

bool option_walk_complain(struct option_walk *walk, const char *what, const char *accepted)
{
    text_appendf(walk->problem, "%.*s: %s; %s", (int)walk->flag.len, walk->flag.ptr, what,
                 accepted);
    return false;
}

bool option_walk_complain_value(struct option_walk *walk, const char *what, const char *accepted)
{
    text_appendf(walk->problem, "%.*s: ", (int)walk->flag.len, walk->flag.ptr);
    option_walk_append_quoted(view_str(walk->value), walk->problem);
    text_appendf(walk->problem, " cannot be used: %s; %s", what, accepted);
    return false;
}

/* ---- values ---------------------------------------------------------------------------------- */

bool option_walk_value(struct option_walk *walk, const char *accepted)
{
    if (!walk->value && walk->next < walk->argc)
        walk->value = walk->argv[walk->next++];
    return option_walk_is_given(walk->value) ||
           option_walk_complain(walk, "the value is missing", accepted);
}

bool option_walk_optional_value(struct option_walk *walk, const char *accepted)
{
    if (!walk->value && walk->next < walk->argc && walk->argv[walk->next][0] != '-')
        walk->value = walk->argv[walk->next++];
    return !walk->value || option_walk_value(walk, accepted);
}

bool option_walk_no_value(struct option_walk *walk)
{
    return !walk->value || option_walk_complain(walk, "it takes no value", "write it alone");
}

bool option_walk_switch(struct option_walk *walk, bool *is_on)
{
    static const char accepted[] = "on or off is accepted";
    enum yes_no answer;
    if (!option_walk_value(walk, accepted))
        return false;
    answer = yes_no_read(view_str(walk->value));
    *is_on = answer == YES_NO_YES;
    return answer != YES_NO_NEITHER || option_walk_complain_value(walk, "it is neither", accepted);
}

bool option_walk_word(struct option_walk *walk, const char *without, size_t bytes_max,
                      const char *accepted)
{
    if (!option_walk_value(walk, accepted))
        return false;
    for (const char *at = walk->value; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f || strchr(without, *at))
            return option_walk_complain_value(walk, "it has a character that cannot be in it",
                                              accepted);
    return strlen(walk->value) <= bytes_max ||
           option_walk_complain_value(walk, "it is too long", accepted);
}

static unsigned seconds_of(char unit)
{
    return unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
}

/* Numbers with their units; a unit may not be missing. Beyond 32 bits it is as good as too long. */
static bool parse_duration(struct view text, uint64_t *seconds)
{
    *seconds = 0;
    if (text.len == 0)
        return false;
    while (text.len > 0) {
        size_t digits = 0;
        uint64_t number;
        while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
            digits++;
        unsigned scale = digits < text.len ? seconds_of(text.ptr[digits]) : 0;
        if (scale == 0 || !view_parse_u64(view_of(text.ptr, digits), UINT32_MAX, &number))
            return false;
        *seconds += number * scale;
        text = view_skip(text, digits + 1);
    }
    return true;
}

bool option_walk_duration(struct option_walk *walk, bool is_bare, uint32_t min_s, uint32_t max_s,
                          uint32_t *seconds, const char *accepted)
{
    uint64_t value;
    if (!option_walk_value(walk, accepted))
        return false;
    struct view text = view_str(walk->value);
    if (!(is_bare && view_parse_u64(text, UINT64_MAX, &value)) && !parse_duration(text, &value))
        return option_walk_complain_value(walk, "it is no time", accepted);
    if (value < min_s || value > max_s)
        return option_walk_complain_value(
            walk, value < min_s ? "it is too short" : "it is too long", accepted);
    *seconds = (uint32_t)value;
    return true;
}
