/* All that was said of a container, and by whom: the questions that take every dialect's answer. Pure. */
#ifndef DISCOVERY_DIALECT_HEARING_H
#define DISCOVERY_DIALECT_HEARING_H

#include "discovery/dialect/dialect_row.h"

struct hearing {
    struct dialect table[DIALECT_MAX]; /* that are heard */
    size_t count;
    const struct dialect_container *container;
    struct statement_source source; /* with what the container knows */
    struct statement statements[DIALECT_MAX];
    bool requires_words;
};

/* Whether one of the first `count` dialects leaves the port out. Its word goes to `word`, which may
 * be NULL. */
bool hearing_ignores(const struct hearing *hearing, uint16_t port, size_t count,
                     char word[STATEMENT_FROM_BYTES]);

/* The first name that is given: by a dialect for the port, else by it for whichever port. Gives. */
struct statement_name hearing_find_name(const struct hearing *hearing, uint16_t port,
                                        bool is_for_port);

/* The first dialect that says anything of ports; `count` when none does. */
size_t hearing_find_porter(const struct hearing *hearing);

/* How many dialects may leave the container out: those up to the first that lets it in. */
size_t hearing_count_stern(const struct hearing *hearing);

/* Whether some dialect has a word for it. */
bool hearing_is_asked(const struct hearing *hearing);

#endif
