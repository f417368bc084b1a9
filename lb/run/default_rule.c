#include "lb/run/default_rule.h"

#include <stdlib.h>

#include "lb/follow/discovery.h"
#include "lb/run/discovery_ask.h"

#define VARIABLE "LB_TRAEFIK_DEFAULT_RULE"

/* "lb-discovery: LB_TRAEFIK_DEFAULT_RULE: "x" cannot be used: why; what is accepted" */
static bool append_refusal(struct view said, struct text *problem)
{
    struct view line = view_cut(&said, '\n');
    if (!view_starts_with(line, VIEW("lb-discovery: " VARIABLE)))
        return false;
    text_append_str(problem, "--traefik-default-rule");
    text_append(problem, view_skip(line, sizeof("lb-discovery: " VARIABLE) - 1));
    return true;
}

bool default_rule_check(const struct config *config, struct text *problem)
{
    char program[CHILD_PATH_BYTES], name[] = "lb-discovery", word[] = "--version";
    char *argv[] = {name, word, NULL};
    struct text said = TEXT_INIT;
    if (!config->default_rule)
        return true;
    setenv(VARIABLE, config->default_rule, 1); /* as lb-discovery is going to get it */
    discovery_find_program(config, program);
    bool is_refused = discovery_ask(program, argv, &said) == DISCOVERY_ASK_REFUSED &&
                      append_refusal(text_view(&said), problem);
    text_fini(&said);
    return !is_refused;
}
