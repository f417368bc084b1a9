#include "lb/contract/ranges.h"

#include "lb/base/shown.h"

bool ranges_next(struct view *rest, struct cidr *out, struct view *fault)
{
    struct view word = view_of(NULL, 0);
    while (word.len == 0 && rest->ptr)
        word = view_trim(view_cut(rest, ','));
    bool is_good = word.len > 0 && cidr_parse(word, out);
    *fault = is_good ? view_of(NULL, 0) : word;
    return is_good;
}

static void append_fault(struct view word, struct text *problem)
{
    struct cidr masked;
    char text[CIDR_TEXT_BYTES];
    text_append_str(problem, "has ");
    shown_append(problem, word);
    if (cidr_parse_masking(word, &masked))
        text_appendf(problem, " inside, with bits behind its prefix; write %s",
                     cidr_format(&masked, text));
    else
        text_append_str(problem, " inside, which is no address and no range");
}

unsigned ranges_count(struct view value, struct text *problem)
{
    struct view rest = value, fault;
    struct cidr ignored;
    unsigned count = 0;
    while (ranges_next(&rest, &ignored, &fault))
        count++;
    if (fault.len > 0)
        append_fault(fault, problem);
    else if (count == 0)
        text_append_str(problem, "has no range");
    else if (count > RANGES_MAX)
        text_appendf(problem, "has more than %u ranges", RANGES_MAX);
    return fault.len > 0 || count > RANGES_MAX ? 0 : count;
}
