/* What a program is given: its arguments, or its environment, as a list of strings of its own. */
#ifndef LB_FOLLOW_HELPER_WORDS_H
#define LB_FOLLOW_HELPER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory is an empty one. */
struct helper_words {
    char **list; /* NULL at the end; NULL as long as nothing was added */
    size_t count;
};

void helper_words_add(struct helper_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A variable of an environment: takes the place of one of that name. A `value` of NULL: there is none. */
void helper_words_set(struct helper_words *words, const char *name, const char *value);

bool helper_words_are_same(const struct helper_words *one, const struct helper_words *other);
void helper_words_fini(struct helper_words *words);

#endif
