#include "lb/proxy/parsers.h"

struct parser *parsers_take(struct env *env, const struct parser_setup *setup)
{
    struct parser *parser = slab_take(&env->parser_slab);
    parser_init(parser, setup);
    return parser;
}

void parsers_drop(struct env *env, struct parser **parser)
{
    if (!*parser)
        return;
    parser_fini(*parser);
    slab_give(&env->parser_slab, *parser);
    *parser = NULL;
}
