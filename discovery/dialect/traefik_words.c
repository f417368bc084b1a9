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

static const char *const tcp_services[] = {
    "loadbalancer.server.port",
    "loadbalancer.server.tls",
    "loadbalancer.servers[*",
    "loadbalancer.proxyprotocol",
    "loadbalancer.proxyprotocol.version",
    "loadbalancer.terminationdelay",
    "loadbalancer.serverstransport",
    "loadbalancer.healthcheck",
    "loadbalancer.healthcheck.*",
    "weighted.*",
};

static const char *const tcp_routers[] = {
    "rule",          "rulesyntax", "service", "priority",    "entrypoints",
    "entrypoints[*", "tls",        "tls.*",   "middlewares", "middlewares[*",
};

static const char *const tcp_middlewares[] = {"ipallowlist.*", "ipwhitelist.*", "inflightconn.*"};

static const char *const udp_routers[] = {"service", "entrypoints", "entrypoints[*"};

static const char *const udp_services[] = {"loadbalancer.server.port", "loadbalancer.servers[*",
                                           "weighted.*"};

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

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof((words)[0]))

bool traefik_words_know(enum traefik_kind kind, struct view word)
{
    switch (kind) {
    case TRAEFIK_ROUTER:
        return IS_ONE_OF(word, routers);
    case TRAEFIK_SERVICE:
        return IS_ONE_OF(word, services);
    case TRAEFIK_MIDDLEWARE:
        break;
    case TRAEFIK_TCP_ROUTER:
        return IS_ONE_OF(word, tcp_routers);
    case TRAEFIK_TCP_SERVICE:
        return IS_ONE_OF(word, tcp_services);
    case TRAEFIK_TCP_MIDDLEWARE:
        return IS_ONE_OF(word, tcp_middlewares);
    case TRAEFIK_UDP_ROUTER:
        return IS_ONE_OF(word, udp_routers);
    case TRAEFIK_UDP_SERVICE:
        return IS_ONE_OF(word, udp_services);
    }
    return traefik_words_effect(view_cut(&word, '.')) != TRAEFIK_UNKNOWN;
}
