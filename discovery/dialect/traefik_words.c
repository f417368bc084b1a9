#include "discovery/dialect/traefik_words.h"

static const struct {
    const char *type;
    enum traefik_effect effect;
} middlewares[] = {
    {"addprefix", TRAEFIK_FOLLOWED},
    {"basicauth", TRAEFIK_FOLLOWED},
    {"buffering", TRAEFIK_FOLLOWED},
    {"headers", TRAEFIK_FOLLOWED},
    {"ipallowlist", TRAEFIK_FOLLOWED},
    {"ipwhitelist", TRAEFIK_FOLLOWED},
    {"ratelimit", TRAEFIK_FOLLOWED},
    {"redirectregex", TRAEFIK_FOLLOWED},
    {"redirectscheme", TRAEFIK_FOLLOWED},
    {"replacepath", TRAEFIK_FOLLOWED},
    {"replacepathregex", TRAEFIK_FOLLOWED},
    {"retry", TRAEFIK_FOLLOWED},
    {"stripprefix", TRAEFIK_FOLLOWED},
    {"stripprefixregex", TRAEFIK_FOLLOWED},
    {"chain", TRAEFIK_CHAINS},
    {"digestauth", TRAEFIK_PROTECTS},
    {"forwardauth", TRAEFIK_PROTECTS},
    {"plugin", TRAEFIK_PROTECTS}, /* whatever it does */
    {"circuitbreaker", TRAEFIK_PASSES},
    {"compress", TRAEFIK_PASSES},
    {"contenttype", TRAEFIK_PASSES},
    {"encodedcharacters", TRAEFIK_PASSES},
    {"errors", TRAEFIK_PASSES},
    {"grpcweb", TRAEFIK_PASSES},
    {"inflightreq", TRAEFIK_PASSES},
    {"passtlsclientcert", TRAEFIK_PASSES},
};

/* A star stands for whatever follows. */
static const char *const routers[] = {
    "rule", "rulesyntax", "service",     "priority",        "entrypoints",   "entrypoints[*",
    "tls",  "tls.*",      "middlewares", "observability.*", "middlewares[*",
};

static const char *const services[] = {
    "loadbalancer.server.port",
    "loadbalancer.server.scheme",
    "loadbalancer.server.url",
    "loadbalancer.server.weight",
    "loadbalancer.server.preservepath",
    "loadbalancer.servers[*",
    "loadbalancer.passhostheader",
    "loadbalancer.strategy",
    "loadbalancer.sticky",
    "loadbalancer.sticky.*",
    "loadbalancer.healthcheck",
    "loadbalancer.healthcheck.*",
    "loadbalancer.passivehealthcheck",
    "loadbalancer.passivehealthcheck.*",
    "loadbalancer.responseforwarding.flushinterval",
    "loadbalancer.serverstransport",
    "weighted.*",
    "highestrandomweight.*",
    "mirroring.*",
    "failover.*",
};

static bool is_one_of(struct view word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct view known = view_str(words[i]);
        bool is_open = known.ptr[known.len - 1] == '*';
        if (is_open)
            known.len--;
        if (is_open ? view_starts_with(word, known) : view_eq(word, known))
            return true;
    }
    return false;
}

enum traefik_effect traefik_words_effect(struct view type)
{
    for (size_t i = 0; i < sizeof(middlewares) / sizeof(middlewares[0]); i++)
        if (view_eq(type, view_str(middlewares[i].type)))
            return middlewares[i].effect;
    return TRAEFIK_UNKNOWN;
}

bool traefik_words_know(enum traefik_kind kind, struct view word)
{
    if (kind == TRAEFIK_ROUTER)
        return is_one_of(word, routers, sizeof(routers) / sizeof(routers[0]));
    if (kind == TRAEFIK_SERVICE)
        return is_one_of(word, services, sizeof(services) / sizeof(services[0]));
    return traefik_words_effect(view_cut(&word, '.')) != TRAEFIK_UNKNOWN;
}
