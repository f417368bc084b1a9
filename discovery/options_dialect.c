#include "discovery/options_dialect.h"

bool options_dialect_list(struct option_walk *walk, struct options *out)
{
    static const char accepted[] =
        "lb, nginx-proxy, traefik, registrator, fabio, with commas between, or all is accepted";
    struct view wrong;
    return option_walk_value(walk, accepted) &&
           (dialect_parse_list(view_str(walk->value), &out->dialects.silenced, &wrong) ||
            option_walk_complain_value(walk, "it has a word that is no dialect", accepted));
}

bool options_dialect_require_label(struct option_walk *walk, struct options *out)
{
    out->dialects.requires_words = true;
    return !walk->value || option_walk_switch(walk, &out->dialects.requires_words);
}

bool options_dialect_exposed(struct option_walk *walk, struct options *out)
{
    bool is_on = true, is_good = option_walk_switch(walk, &is_on);
    out->dialects.traefik.requires_enable = !is_on;
    return is_good;
}

bool options_dialect_default_rule(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "a rule of Traefik, version 3, is accepted";
    struct text problem = TEXT_INIT;
    if (!option_walk_value(walk, accepted))
        return false;
    out->dialects.traefik.default_rule = walk->value;
    bool is_rule = dialect_check_default_rule(view_str(walk->value), &problem) ||
                   option_walk_complain_value(walk, text_str(&problem), accepted);
    text_fini(&problem);
    return is_rule;
}

/* What nginx-proxy's users say of the proxy itself stands in its environment, and only there. */
static void take_nginx_proxy(const struct options_environment *environment, struct options *out)
{
    if (option_walk_is_given(environment->default_host))
        out->dialects.nginx_proxy.default_host = environment->default_host;
    if (option_walk_is_given(environment->network_access))
        out->dialects.nginx_proxy.network_access = environment->network_access;
    out->dialects.nginx_proxy.has_htpasswd = option_walk_is_given(environment->htpasswd_dir);
}

bool options_dialect_begin(const struct options_environment *environment, struct options *out,
                           struct text *problem)
{
    const struct {
        const char *name, *value;
        bool (*take)(struct option_walk *walk, struct options *out);
    } variables[] = {
        {"LB_DIALECTS", environment->dialects, options_dialect_list},
        {"LB_REQUIRE_LABEL", environment->require_label, options_dialect_require_label},
        {"LB_TRAEFIK_EXPOSED", environment->exposed_by_default, options_dialect_exposed},
        {"LB_TRAEFIK_DEFAULT_RULE", environment->default_rule, options_dialect_default_rule},
    };
    take_nginx_proxy(environment, out);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        struct option_walk walk =
            option_walk_variable(variables[i].name, variables[i].value, problem);
        if (option_walk_is_given(walk.value) && !variables[i].take(&walk, out))
            return false;
    }
    return true;
}
