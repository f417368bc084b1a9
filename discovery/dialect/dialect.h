/* The dialects in which containers say what they offer, and how what they say becomes offers. They
 * are heard in the order of their table, and what comes first counts: a port, a name, what is asked
 * for. All claim routes and services, whatever the others do. Nothing that was left unsaid is guessed but the name (that of the image) and the port (the
 * lowest that is exposed). Pure. */
#ifndef DISCOVERY_DIALECT_DIALECT_H
#define DISCOVERY_DIALECT_DIALECT_H

#include "discovery/dialect/dialect_row.h"

/* The word of the dialect in that place of the table; NULL after the last. */
const char *dialect_word_at(size_t index);

/* Reads "lb,traefik", the dialects that are heard, into `silenced`; "all" is all of them. Fails: false,
 * with the word that is no dialect in `wrong`, and nothing has changed. */
bool dialect_parse_list(struct view list, unsigned *silenced, struct view *wrong);

/* Whether containers may get that rule for want of their own (traefik_template_check). */
bool dialect_check_default_rule(struct view rule, struct text *problem);

/* What a container offers by the words of all dialects. Gives: offers_fini(). */
void dialect_read(const struct dialect_container *container, struct offers *out);

/* The same by a table of one's own, of DIALECT_MAX at most. */
void dialect_read_by(const struct dialect *table, size_t count,
                     const struct dialect_container *container, struct offers *out);

#endif
