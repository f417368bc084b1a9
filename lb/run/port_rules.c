#include "lb/run/port_rules.h"

#include <stdlib.h>

#include "lb/base/memory.h"

static struct view keep(struct arena *arena, struct view text)
{
    return text.len > 0 ? arena_copy(arena, text) : view_of(NULL, 0);
}

static struct listener_rule copy_rule(struct arena *arena, const struct listener_rule *rule)
{
    return (struct listener_rule){.kind = rule->kind,
                                  .at = rule->at,
                                  .port = rule->port,
                                  .ends_tls = rule->ends_tls,
                                  .server_name = keep(arena, rule->server_name),
                                  .alpn = keep(arena, rule->alpn),
                                  .service = keep(arena, rule->service)};
}

void port_rules_add(struct port_rules *rules, const struct listener_rule *rule)
{
    rules->all = memory_resize(rules->all, (rules->count + 1) * sizeof(*rules->all));
    rules->all[rules->count++] = copy_rule(&rules->texts, rule);
}

void port_rules_fini(struct port_rules *rules)
{
    free(rules->all);
    arena_fini(&rules->texts);
    *rules = (struct port_rules){0};
}
