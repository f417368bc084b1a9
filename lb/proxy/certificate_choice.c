#include "lb/proxy/certificate_choice.h"

#include "lb/policy/shown_certificate.h"

const struct tls_host *certificate_choice_own(const struct env *env, const struct https_rule *rule,
                                              struct view host)
{
    return shown_certificate_own(env->certificates, rule, host, NULL);
}

/* What is asked of routes where nothing but a name is known yet. */
static struct https_rule rule_of(const struct env *env, struct view server_name)
{
    const struct route_table *table = env->table_use ? env->table_use->table : NULL;
    const struct https_rule *route =
        table && server_name.len > 0 ? route_table_https(table, server_name, env->scratch) : NULL;
    return https_rule_over(route, &env->options.https);
}

struct tls_choice certificate_choice_find(struct env *env, struct view server_name)
{
    struct https_rule rule = rule_of(env, server_name);
    return shown_certificate_find(env->certificates, &rule, server_name, NULL);
}
