#include "lb/http/parsers.h"

struct parser *parsers_take(struct slab *parsers, const struct parser_setup *setup)
{
    struct parser *parser = slab_take(parsers);
    parser_init(parser, setup);
    return parser;
}

void parsers_drop(struct slab *parsers, struct parser **parser)
{
    if (!*parser)
        return;
    parser_fini(*parser);
    slab_give(parsers, *parser);
    *parser = NULL;
}
