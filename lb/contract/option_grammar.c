#include "lb/contract/option_grammar.h"

#include "lb/base/shown.h"

#define SHOWN_BYTES_MAX 100u /* of a value that cannot be used */

unsigned option_grammar_find(const struct option_grammar *grammars, unsigned count,
                             struct view word)
{
    unsigned place = 0;
    while (place < count && !view_eq(word, view_str(grammars[place].word)))
        place++;
    return place;
}

static bool is_one_line(struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < ' ' || value.ptr[i] == 0x7F)
            return false;
    return true;
}

static bool check(const struct option_grammar *grammar, struct view value, unsigned bytes_max,
                  struct text *fault)
{
    if (value.len == 0)
        text_append_str(fault, "is empty");
    else if (value.len > bytes_max)
        text_appendf(fault, "is longer than %u bytes", bytes_max);
    else if (!is_one_line(value))
        text_append_str(fault, "has a control character inside");
    else
        grammar->check(value, fault);
    return fault->len == 0;
}

static void append_quoted(struct view value, struct text *out)
{
    size_t len = value.len < SHOWN_BYTES_MAX ? value.len : SHOWN_BYTES_MAX;
    text_append_str(out, " \"");
    shown_append(out, view_of(value.ptr, len));
    text_append_str(out, len < value.len ? "...\"" : "\"");
}

bool option_grammar_check(const struct option_grammar *grammar, struct view value,
                          unsigned bytes_max, bool is_secret, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_good = check(grammar, value, bytes_max, &fault);
    if (!is_good) {
        text_append_str(problem, grammar->word);
        if (!is_secret)
            append_quoted(value, problem);
        text_appendf(problem, " %s; %s is accepted", text_str(&fault), grammar->accepted);
    }
    text_fini(&fault);
    return is_good;
}
