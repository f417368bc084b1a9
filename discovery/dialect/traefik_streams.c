#include "discovery/dialect/traefik_streams.h"

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/traefik_service.h"
#include "discovery/dialect/traefik_sni.h"
#include "lb/base/yes_no.h"

#define SHOWN_MAX 64

/* Of one kind. */
struct reading {
    const struct traefik_streams *given;
    struct claims *claims;
    enum service_kind kind;
    enum traefik_kind routers, services;
};

static const char *word_of(const struct reading *reading)
{
    return reading->kind == SERVICE_UDP ? "UDP" : "TCP";
}

/* ---- what is told ------------------------------------------------------------------------------- */

static bool refuse(const struct reading *reading, const struct traefik_item *router,
                   const char *why, struct view what)
{
    claims_remark(reading->claims, "the %s router %s is left out: %s%.*s", word_of(reading),
                  router->name, why, what.len < SHOWN_MAX ? (int)what.len : SHOWN_MAX, what.ptr);
    return false;
}

static void tell_service(const struct reading *reading, const struct traefik_item *service,
                         const char *word)
{
    claims_remark(reading->claims, "the %s service %s: %s is not supported", word_of(reading),
                  service->name, word);
}

/* ---- services ----------------------------------------------------------------------------------- */

/* Whether its servers cannot be reached as it asks, or are others. */
static bool is_elsewhere(const struct reading *reading, const struct traefik_item *service)
{
    static const char *const prefixes[] = {"loadbalancer.server.tls", "loadbalancer.servers[",
                                           "weighted."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (traefik_item_has(service, prefixes[i]) &&
            yes_no_read(view_str(traefik_item_get(service, prefixes[i]))) != YES_NO_NO) {
            tell_service(reading, service, prefixes[i]);
            return true;
        }
    return false;
}

static bool find_port(const struct reading *reading, const char *name, const char *label,
                      struct claim_server *server)
{
    uint64_t port =
        exposed_find_lowest(reading->given->source->exposed, reading->kind == SERVICE_UDP);
    server->port_from = reading->kind == SERVICE_UDP
                            ? "the lowest of the UDP ports that it exposes"
                            : "the lowest of the TCP ports that it exposes";
    if (label[0] != '\0') {
        server->port_from = "the label loadbalancer.server.port of Traefik";
        port = view_parse_u64(view_str(label), 65535, &port) ? port : 0;
    }
    if (port == 0)
        claims_remark(reading->claims, "the %s service %s has no port: %s", word_of(reading), name,
                      label[0] != '\0' ? "loadbalancer.server.port takes 1 to 65535"
                                       : "none is exposed, and no label loadbalancer.server.port "
                                         "names one");
    server->port = (uint16_t)port;
    return port > 0;
}

/* Version 2, unless it says 1. */
static void ask_proxy_protocol(const struct reading *reading, const struct traefik_item *service,
                               struct view name)
{
    const char *version = traefik_item_get(service, "loadbalancer.proxyprotocol.version");
    struct text value = TEXT_INIT;
    bool is_off =
        yes_no_read(view_str(traefik_item_get(service, "loadbalancer.proxyprotocol"))) == YES_NO_NO;
    struct claim_wish *wish = NULL;
    if (traefik_item_has(service, "loadbalancer.proxyprotocol") && !is_off)
        wish = claims_find_wish(reading->claims, name);
    text_appendf(&value, "v%s", version[0] != '\0' ? version : "2");
    if (wish)
        claims_ask(reading->claims, wish, SERVICE_OPTION_PROXY_PROTOCOL, text_view(&value),
                   "loadbalancer.proxyprotocol.version of Traefik: ");
    text_fini(&value);
}

static void tell_others(const struct reading *reading, const struct traefik_item *service)
{
    static const char *const prefixes[] = {"loadbalancer.terminationdelay",
                                           "loadbalancer.serverstransport",
                                           "loadbalancer.healthcheck"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (traefik_item_has(service, prefixes[i]))
            tell_service(reading, service, prefixes[i]);
}

static void read_service(const struct reading *reading, const struct traefik_item *service)
{
    static const struct traefik_item none = {0};
    const char *name = service ? service->name : reading->given->name;
    struct claim_server server = {.service = traefik_service_name(reading->claims, view_str(name)),
                                  .protocol = service_kind_word(reading->kind)};
    service = service ? service : &none;
    if (is_elsewhere(reading, service) ||
        !find_port(reading, name, traefik_item_get(service, "loadbalancer.server.port"), &server))
        return;
    ask_proxy_protocol(reading, service, server.service);
    tell_others(reading, service);
    claims_add_server(reading->claims, &server);
}

/* ---- routers: where they lead --------------------------------------------------------------------- */

static bool is_defined(const struct reading *reading, struct view name)
{
    const struct traefik_entry *entry =
        traefik_catalog_find(reading->given->catalog, reading->services, name);
    bool is_automatic = traefik_items_count(reading->given->items, reading->services) == 0 &&
                        view_eq(name, view_str(reading->given->name));
    return is_automatic || (entry && traefik_item_has(entry->item, "loadbalancer."));
}

static bool find_service(const struct reading *reading, const struct traefik_item *router,
                         struct view *out)
{
    const struct traefik_items *items = reading->given->items;
    struct view provider = view_str(traefik_item_get(router, "service"));
    struct view named = provider, name = view_cut(&provider, '@');
    if (named.len > 0 && provider.len > 0 && !view_eq(provider, VIEW("docker")))
        return refuse(reading, router, "what is not of Docker is not supported: ", named);
    if (named.len > 0 && !is_defined(reading, name))
        return refuse(reading, router, "no label of a container defines its service ", named);
    if (named.len == 0 && traefik_items_count(items, reading->services) > 1)
        return refuse(reading, router, "it names none of the services of its container", named);
    if (named.len == 0)
        name = view_str(reading->given->name);
    for (size_t i = 0; named.len == 0 && i < items->count; i++)
        if (items->items[i].kind == reading->services)
            name = view_str(items->items[i].name);
    *out = traefik_service_name(reading->claims, name);
    return true;
}

/* ---- routers: what they ask for ------------------------------------------------------------------- */

/* What keeps somebody out is not left out silently. */
static bool check_middlewares(const struct reading *reading, const struct traefik_item *router)
{
    struct view names[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(router, "middlewares", names);
    for (size_t i = 0; i < count; i++) {
        struct view provider = names[i], name = view_cut(&provider, '@');
        const struct traefik_entry *entry =
            traefik_catalog_find(reading->given->catalog, TRAEFIK_TCP_MIDDLEWARE, name);
        if (!entry || entry->is_disputed || !traefik_item_has(entry->item, "inflightconn"))
            return refuse(reading, router, "nothing is served without the middleware ", names[i]);
        claims_remark(reading->claims, "the TCP middleware %s (inflightconn) is not supported",
                      entry->item->name);
    }
    return true;
}

/* lb passes TLS on as it is. */
static bool check_tls(const struct reading *reading, const struct traefik_item *router)
{
    bool has_tls = traefik_item_has(router, "tls") &&
                   yes_no_read(view_str(traefik_item_get(router, "tls"))) != YES_NO_NO;
    return !has_tls ||
           yes_no_read(view_str(traefik_item_get(router, "tls.passthrough"))) == YES_NO_YES ||
           refuse(reading, router,
                  "lb ends TLS for HTTP alone; with tls.passthrough=true it is passed on",
                  view_of("", 0));
}

static bool is_for_lb(const struct reading *reading, const struct traefik_item *router)
{
    const struct traefik_entry *entry =
        traefik_catalog_find(reading->given->catalog, reading->routers, view_str(router->name));
    const char *syntax = traefik_item_get(router, "rulesyntax");
    if (entry && !traefik_item_is_same(entry->item, router))
        return refuse(reading, router, "an older container defines it otherwise, and that counts",
                      view_of("", 0));
    if (syntax[0] != '\0' && strcmp(syntax, "v3") != 0)
        return refuse(reading, router, "only the syntax v3 of rules is supported", view_of("", 0));
    if (traefik_item_get(router, "priority")[0] != '\0')
        claims_remark(reading->claims,
                      "the priority of the TCP router %s is not followed: the name of a server "
                      "comes before *.",
                      router->name);
    return check_middlewares(reading, router) && check_tls(reading, router);
}

/* ---- routers: which connections ------------------------------------------------------------------- */

static struct view keep_server_name(const struct reading *reading,
                                    const struct traefik_item *router,
                                    const struct traefik_condition *condition)
{
    struct text name = TEXT_INIT;
    bool is_wild = condition->matcher == TRAEFIK_HOST_WILD;
    text_appendf(&name, "%s%s", is_wild ? "*" : "", condition->value);
    if (is_wild)
        claims_remark(reading->claims,
                      "the TCP router %s: *%s stands for any number of names before it",
                      router->name, condition->value);
    struct view kept = claims_keep(reading->claims, text_view(&name));
    text_fini(&name);
    return kept;
}

/* What is said twice, or denied, no listener tells apart. */
static bool take_condition(const struct reading *reading, const struct traefik_item *router,
                           const struct traefik_condition *condition, struct listener_rule *rule)
{
    bool is_alpn = condition->matcher == TRAEFIK_ALPN;
    struct view *place = is_alpn ? &rule->alpn : &rule->server_name;
    struct text problem = TEXT_INIT;
    if (condition->matcher == TRAEFIK_ANY && !condition->is_negated)
        return true;
    if (condition->is_negated || place->len > 0)
        return refuse(reading, router, "its rule is more than lb has listeners for",
                      view_of("", 0));
    *place = is_alpn ? claims_keep(reading->claims, view_str(condition->value))
                     : keep_server_name(reading, router, condition);
    bool is_name = is_alpn || listener_rule_check_server_name(*place, &problem);
    if (!is_name)
        refuse(reading, router, text_str(&problem), view_of("", 0));
    text_fini(&problem);
    return is_name;
}

/* Of names only TLS tells. */
static bool take_alternative(const struct reading *reading, const struct traefik_item *router,
                             const struct traefik_alternative *alternative,
                             struct listener_rule *rule)
{
    for (size_t i = 0; i < alternative->count; i++)
        if (!take_condition(reading, router, &alternative->conditions[i], rule))
            return false;
    bool has_name = rule->server_name.len > 0 || rule->alpn.len > 0;
    return !has_name || traefik_item_has(router, "tls.passthrough") ||
           refuse(reading, router, "only TLS says names; it has no tls.passthrough=true",
                  view_of("", 0));
}

/* ---- routers: listeners --------------------------------------------------------------------------- */

static struct view keep_label(const struct reading *reading, const struct traefik_item *router)
{
    struct text label = TEXT_INIT;
    text_appendf(&label, "traefik.%s.routers.%s", service_kind_word(reading->kind), router->name);
    struct view kept = claims_keep(reading->claims, text_view(&label));
    text_fini(&label);
    return kept;
}

static void add_listener(const struct reading *reading, const struct listener_rule *rule,
                         struct view entry_point)
{
    struct claim_listener listener = {.rule = *rule};
    uint64_t port;
    if (view_parse_u64(entry_point, 65535, &port) && port > 0)
        listener.rule.port = (uint16_t)port;
    else
        listener.rule.listener = claims_keep(reading->claims, entry_point);
    claims_add_listener(reading->claims, &listener);
}

static bool find_entry_points(const struct reading *reading, const struct traefik_item *router,
                              struct view names[TRAEFIK_LIST_MAX], size_t *count)
{
    *count = traefik_item_list(router, "entrypoints", names);
    if (*count == 0)
        return refuse(
            reading, router,
            "it names no entry point; name a listener of lb's, or its port, by entrypoints",
            view_of("", 0));
    for (size_t i = 0; i < *count; i++)
        if (names[i].len > LISTENER_RULE_NAME_BYTES_MAX)
            return refuse(reading, router, "no listener has so long a name: ", names[i]);
    return true;
}

/* One for each alternative of the rule and each entry point. */
static void add_listeners(const struct reading *reading, const struct traefik_item *router,
                          const struct traefik_rule *rule, const struct listener_rule *base)
{
    struct view names[TRAEFIK_LIST_MAX];
    size_t count, alternatives = rule ? rule->count : 1;
    if (!find_entry_points(reading, router, names, &count))
        return;
    for (size_t i = 0; i < alternatives; i++) {
        struct listener_rule own = *base;
        if (rule && !take_alternative(reading, router, &rule->alternatives[i], &own))
            return;
        for (size_t k = 0; k < count; k++)
            add_listener(reading, &own, names[k]);
    }
}

static void read_rule(const struct reading *reading, const struct traefik_item *router,
                      const struct listener_rule *base)
{
    struct view text = view_str(traefik_item_get(router, "rule"));
    struct traefik_rule_error error = {0};
    struct traefik_rule rule;
    if (text.len == 0)
        refuse(reading, router, "it has no rule, for example HostSNI(`*`)", text);
    else if (!traefik_rule_parse_by(&traefik_sni_matchers, text, &rule, &error))
        refuse(reading, router, "its rule cannot be used: ", view_str(error.sentence));
    else {
        add_listeners(reading, router, &rule, base);
        traefik_rule_fini(&rule);
    }
}

static void read_router(const struct reading *reading, const struct traefik_item *router)
{
    struct listener_rule base = {
        .kind = reading->kind, .dialect = VIEW("traefik"), .label = keep_label(reading, router)};
    if (!find_service(reading, router, &base.service) || !is_for_lb(reading, router))
        return;
    if (reading->kind == SERVICE_TCP)
        read_rule(reading, router, &base);
    else
        add_listeners(reading, router, NULL, &base);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

bool traefik_streams_are_there(const struct traefik_items *items)
{
    return traefik_items_count(items, TRAEFIK_TCP_ROUTER) +
               traefik_items_count(items, TRAEFIK_TCP_SERVICE) +
               traefik_items_count(items, TRAEFIK_UDP_ROUTER) +
               traefik_items_count(items, TRAEFIK_UDP_SERVICE) >
           0;
}

static void read_kind(const struct reading *reading)
{
    const struct traefik_items *items = reading->given->items;
    size_t service_count = traefik_items_count(items, reading->services);
    size_t router_count = traefik_items_count(items, reading->routers);
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].kind == reading->services)
            read_service(reading, &items->items[i]);
    if (service_count == 0 && router_count > 0)
        read_service(reading, NULL);
    for (size_t i = 0; i < items->count; i++)
        if (items->items[i].kind == reading->routers)
            read_router(reading, &items->items[i]);
}

void traefik_streams_read(const struct traefik_streams *given, struct claims *claims)
{
    claims->asks_listener = true;
    read_kind(
        &(struct reading){given, claims, SERVICE_TCP, TRAEFIK_TCP_ROUTER, TRAEFIK_TCP_SERVICE});
    read_kind(
        &(struct reading){given, claims, SERVICE_UDP, TRAEFIK_UDP_ROUTER, TRAEFIK_UDP_SERVICE});
}
