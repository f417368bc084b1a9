/* Parsers on loan: a connection has one only while it reads a message. Thread: worker. */
#ifndef LB_HTTP_PARSERS_H
#define LB_HTTP_PARSERS_H

#include "lb/base/slab.h"
#include "lb/http/parser.h"

/* Gives a parser at the start of a message; To be handed to parsers_drop.
 */
struct parser *parsers_take(struct slab *parsers, const struct parser_setup *setup);

/* Takes `*parser` back and sets it to NULL, which is allowed. */
void parsers_drop(struct slab *parsers, struct parser **parser);

#endif
