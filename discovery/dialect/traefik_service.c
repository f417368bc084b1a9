#include "discovery/dialect/traefik_service.h"

#include <stdlib.h>

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/traefik_balance.h"
#include "lb/base/memory.h"

#define SERVER      "loadbalancer.server."
#define HEALTHCHECK "loadbalancer.healthcheck."

struct view traefik_service_name(struct claims *claims, struct view name)
{
    struct text text = TEXT_INIT;
    text_append(&text, name);
    text_append_str(&text, "@docker");
    struct view kept = claims_keep(claims, text_view(&text));
    text_fini(&text);
    return kept;
}

/* ---- the port ------------------------------------------------------------------------------- */

static bool set_port(const struct statement_source *source, const char *label,
                     struct claims *claims, struct claim_server *server)
{
    uint64_t port = exposed_find_lowest(source->exposed, false);
    server->port_from = "the lowest of the TCP ports that it exposes";
    if (label[0] != '\0') {
        server->port_from = "the label loadbalancer.server.port of Traefik";
        if (!view_parse_u64(view_str(label), 65535, &port) || port == 0) {
            char *sentence =
                statement_complain(SERVER "port", view_str(label), "1 to 65535 is accepted");
            claims_remark(claims, "%s", sentence);
            free(sentence);
            return false;
        }
    }
    if (port == 0)
        claims_remark(claims, "Traefik's labels do not count: it exposes no TCP port, and no "
                              "label " SERVER "port names one");
    server->port = (uint16_t)port;
    return port > 0;
}

static bool set_protocol(const char *scheme, struct claims *claims, struct claim_server *server)
{
    static const char *const schemes[] = {"http", "https", "h2c"};
    if (scheme[0] == '\0')
        scheme = "http";
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strcmp(scheme, schemes[i]) == 0)
            server->protocol = schemes[i];
    if (!server->protocol)
        claims_remark(claims, SERVER "scheme: http, https or h2c is accepted");
    return server->protocol != NULL;
}

/* ---- the rest ------------------------------------------------------------------------------- */

static void tell(struct claims *claims, const struct traefik_item *item, const char *word)
{
    claims_remark(claims, "the service %s: %s is not supported", item->name, word);
}

static void set_weight(struct statement *statement, const struct traefik_item *item)
{
    const char *value = traefik_item_get(item, SERVER "weight");
    uint64_t weight;
    if (value[0] == '\0')
        return;
    if (view_parse_u64(view_str(value), LIMITS_WEIGHT_MAX, &weight) && weight > 0)
        statement->options.weight = (unsigned)weight;
    else
        claims_remark(&statement->claims, SERVER "weight: 1 to 256 is accepted");
}

/* A number alone is one of seconds. */
static void set_check_word(struct statement *statement, const struct traefik_item *item,
                           const char *word, const char *own)
{
    struct text value = TEXT_INIT;
    uint64_t seconds;
    const char *given = traefik_item_get(item, word);
    text_append_str(&value, given);
    if ((strcmp(own, "interval") == 0 || strcmp(own, "timeout") == 0) &&
        view_parse_u64(view_str(given), 3600, &seconds))
        text_append_char(&value, 's');
    if (given[0] != '\0' && !check_set(&statement->options.check, view_str(own), text_view(&value)))
        claims_remark(&statement->claims, "the service %s: %s: %s is accepted", item->name, word,
                      check_accepted(view_str(own)));
    text_fini(&value);
}

static void set_check(struct statement *statement, const struct traefik_item *item)
{
    static const struct {
        const char *word, *own;
    } words[] = {
        {HEALTHCHECK "path", "path"},       {HEALTHCHECK "interval", "interval"},
        {HEALTHCHECK "timeout", "timeout"}, {HEALTHCHECK "port", "port"},
        {HEALTHCHECK "hostname", "host"},   {HEALTHCHECK "method", "method"},
        {HEALTHCHECK "status", "status"},
    };
    if (traefik_item_get(item, HEALTHCHECK "path")[0] == '\0')
        return;
    statement->options.has_check = true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        set_check_word(statement, item, words[i].word, words[i].own);
}

/* What is known to Traefik and not to lb. */
static void tell_others(struct claims *claims, const struct traefik_item *item)
{
    static const char *const prefixes[] = {
        SERVER "preservepath",
        "loadbalancer.passivehealthcheck",
        "loadbalancer.responseforwarding",
        HEALTHCHECK "scheme",
        HEALTHCHECK "headers",
        HEALTHCHECK "followredirects",
        HEALTHCHECK "mode",
        HEALTHCHECK "unhealthyinterval",
    };
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (traefik_item_has(item, prefixes[i]))
            tell(claims, item, prefixes[i]);
    if (strcmp(traefik_item_get(item, "loadbalancer.passhostheader"), "false") == 0)
        tell(claims, item, "loadbalancer.passhostheader=false");
}

/* Traefik believes no server by https whose certificate it cannot verify. What a transport says, which is defined in a file,
 * lb does not know. */
static void set_verify(struct claims *claims, const struct traefik_item *item,
                       const struct claim_server *server)
{
    struct view transport = view_str(traefik_item_get(item, "loadbalancer.serverstransport"));
    bool is_https = strcmp(server->protocol, "https") == 0;
    struct claim_wish *wish = is_https ? claims_find_wish(claims, server->service) : NULL;
    if (transport.len > 0)
        claims_remark(claims,
                      "the service %s: loadbalancer.serverstransport is not followed; "
                      "lb.backend-verify, lb.backend-ca and lb.backend-name say whom lb believes",
                      item->name);
    if (wish)
        claims_mean(claims, wish, SERVICE_OPTION_BACKEND_VERIFY, VIEW("yes"));
}

/* Whether its servers are somewhere else, or are other services. */
static bool is_elsewhere(struct claims *claims, const struct traefik_item *item)
{
    static const char *const prefixes[] = {SERVER "url", "loadbalancer.servers[",
                                           "weighted.",  "mirroring.",
                                           "failover.",  "highestrandomweight."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (traefik_item_has(item, prefixes[i])) {
            tell(claims, item, prefixes[i]);
            return true;
        }
    return false;
}

/* Where the servers are said to be, and how to reach them, are two ways to say it. */
static bool is_twice(struct claims *claims, const struct traefik_item *item)
{
    bool is_url = traefik_item_has(item, SERVER "url");
    bool is_part = traefik_item_has(item, SERVER "port") || traefik_item_has(item, SERVER "scheme");
    if (is_url && is_part)
        claims_remark(claims,
                      "Traefik's labels do not count: the service %s has a URL, and a port or a "
                      "scheme",
                      item->name);
    return is_url && is_part;
}

bool traefik_service_read(const struct statement_source *source, const struct traefik_item *item,
                          struct view name, struct statement *statement)
{
    static const struct traefik_item none = {0};
    struct claims *claims = &statement->claims;
    struct claim_server server = {.service = traefik_service_name(claims, name)};
    item = item ? item : &none;
    if (is_twice(claims, item))
        return false;
    if (is_elsewhere(claims, item))
        return true;
    if (!set_protocol(traefik_item_get(item, SERVER "scheme"), claims, &server) ||
        !set_port(source, traefik_item_get(item, SERVER "port"), claims, &server))
        return false;
    set_weight(statement, item);
    set_check(statement, item);
    tell_others(claims, item);
    set_verify(claims, item, &server);
    traefik_balance_read(claims, item, server.service);
    claims_add_server(claims, &server);
    return true;
}
