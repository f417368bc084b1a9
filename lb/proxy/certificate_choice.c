#include "lb/proxy/certificate_choice.h"

const struct tls_host *certificate_choice_own(const struct env *env, const struct https_rule *rule,
                                              struct view host)
{
    const struct tls_store *store = env->certificates;
    if (!store)
        return NULL;
    if (rule->certificate.len > 0)
        return tls_store_named(store, rule->certificate);
    const struct tls_host *found = tls_store_find(store, host, NULL);
    return found || rule->distrusts_default ? found : tls_store_default(store);
}

/* What is asked of routes where nothing but a name is known yet. */
static struct https_rule rule_of(const struct env *env, struct view server_name)
{
    const struct route_table *table = env->table_use ? env->table_use->table : NULL;
    const struct https_rule *route =
        table && server_name.len > 0 ? route_table_https(table, server_name, env->scratch) : NULL;
    return https_rule_over(route, &env->options.https);
}

const struct tls_host *certificate_choice_find(struct env *env, struct view server_name)
{
    if (!env->certificates)
        return NULL;
    struct https_rule rule = rule_of(env, server_name);
    const struct tls_host *own = rule.method == HTTPS_NOHTTPS || server_name.len == 0
                                     ? NULL
                                     : certificate_choice_own(env, &rule, server_name);
    return own ? own : tls_store_default(env->certificates);
}
