/* How a word with a value as text is checked, be it a route's (lb/contract/route_option.h) or a service's
 * (lb/contract/service_option.h). Borrows all. Pure. Thread: any. */
#ifndef LB_CONTRACT_OPTION_GRAMMAR_H
#define LB_CONTRACT_OPTION_GRAMMAR_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

/* False: appends what is wrong with a value, such as "is no rate". */
typedef bool option_grammar_fault(struct view value, struct text *problem);

struct option_grammar {
    const char *word;
    const char *accepted; /* what values it takes, for people */
    option_grammar_fault *check;
};

/* The place of the word among `count` of them; `count`: it is none. */
unsigned option_grammar_find(const struct option_grammar *grammars, unsigned count,
                             struct view word);

/* Whether the value is one line of up to `bytes_max` bytes that the grammar takes. False: `problem` gets
 * `rate "10" names no time; a rate such as … is accepted`, where it `is_secret` without the value. */
bool option_grammar_check(const struct option_grammar *grammar, struct view value,
                          unsigned bytes_max, bool is_secret, struct text *problem);

#endif
