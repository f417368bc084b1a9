#include "lb/config/config_listeners.h"

#include "lb/config/config_faults.h"

/* ---- addresses -------------------------------------------------------------------------------- */

static bool is_wildcard(const struct address *at)
{
    if (at->socket.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_UNSPECIFIED(&at->socket.v6.sin6_addr);
    return at->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* Of an IPv4 address, whichever way it is written. */
static bool is_v4(const struct address *at)
{
    return at->socket.any.sa_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&at->socket.v6.sin6_addr);
}

/* Whether one takes what comes to the other; [::] takes IPv4, too. */
static bool covers(const struct address *one, const struct address *other)
{
    return is_wildcard(one) && (is_v4(other) || !is_v4(one));
}

static bool is_same_host(const struct address *a, const struct address *b)
{
    char one[ADDRESS_TEXT_BYTES], other[ADDRESS_TEXT_BYTES];
    return covers(a, b) || covers(b, a) ||
           strcmp(address_format_ip(a, one), address_format_ip(b, other)) == 0;
}

/* Port 0 is any free one, another each time. */
static bool meet(const struct address *a, const struct address *b)
{
    return address_port(a) == address_port(b) && address_port(a) != 0 && is_same_host(a, b);
}

/* ---- one rule with others --------------------------------------------------------------------- */

struct looking {
    const struct config *config;
    struct text *faults;
    struct text problem;
    bool is_good;
};

static void begin(struct looking *look, const struct listener_rule *rule)
{
    text_appendf(&look->problem, "--%s: \"", service_kind_word(rule->kind));
    listener_rule_format(rule, &look->problem);
    text_append_str(&look->problem, "\" ");
}

static void end(struct looking *look)
{
    look->is_good = config_faults_add(look->faults, &look->problem);
}

static void check_place(struct looking *look, const struct listener_rule *rule, const char *flag,
                        const struct address *taken)
{
    char text[ADDRESS_TEXT_BYTES];
    if (rule->kind != SERVICE_TCP || !meet(&rule->at, taken))
        return;
    begin(look, rule);
    text_appendf(&look->problem, "has the port of --%s %s; give one of them another", flag,
                 address_format(taken, text));
    end(look);
}

/* A rule with a name may take what asks for it. */
static void check_beside_tls(struct looking *look, const struct listener_rule *rule,
                             const char *flag, const struct address *taken)
{
    char text[ADDRESS_TEXT_BYTES];
    if (rule->kind != SERVICE_TCP || !meet(&rule->at, taken) ||
        (rule->server_name.len > 0 && address_eq(&rule->at, taken)))
        return;
    begin(look, rule);
    text_appendf(&look->problem,
                 "has the port of --%s %s; give one of them another, or the rule the same "
                 "address and a name (443/NAME=SERVICE)",
                 flag, address_format(taken, text));
    end(look);
}

static void check_http(struct looking *look, const struct listener_rule *rule)
{
    const struct config *config = look->config;
    for (unsigned i = 0; i < config->listen_count; i++)
        check_place(look, rule, "listen", &config->listens[i]);
    for (unsigned i = 0; i < config->also_count; i++)
        check_place(look, rule, "listen-also", &config->also[i]);
    for (unsigned i = 0; i < config->tls.listen_count; i++)
        check_beside_tls(look, rule, "listen-tls", &config->tls.listens[i]);
    for (unsigned i = 0; i < config->tls.also_count; i++)
        check_beside_tls(look, rule, "listen-tls-also", &config->tls.also[i]);
    if (config->admin_enabled)
        check_place(look, rule, "admin", &config->admin);
}

/* Both are of one kind. */
static void check_pair(struct looking *look, const struct listener_rule *rule,
                       const struct listener_rule *earlier)
{
    bool is_same_place = address_eq(&rule->at, &earlier->at);
    if (!meet(&rule->at, &earlier->at) || (is_same_place && !listener_rule_is_alike(rule, earlier)))
        return;
    begin(look, rule);
    text_append_str(&look->problem,
                    is_same_place ? "is for the same as \"" : "takes what comes to \"");
    listener_rule_format(earlier, &look->problem);
    text_append_str(&look->problem,
                    is_same_place ? "\"; give each address and name once, or a name to one of them"
                                  : "\"; give rules of one port the same address, or other ports");
    end(look);
}

static void check_rules(struct looking *look, const struct config_listener *all, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        check_http(look, &all[i].rule);
        for (unsigned j = 0; j < i; j++)
            check_pair(look, &all[i].rule, &all[j].rule);
    }
}

/* ---- TLS -------------------------------------------------------------------------------------- */

struct tls_place {
    const char *flag;
    const struct address *at;
};

static void check_tls_place(struct looking *look, const struct tls_place *place, const char *flag,
                            const struct address *taken)
{
    char text[ADDRESS_TEXT_BYTES];
    if (!meet(place->at, taken))
        return;
    text_appendf(&look->problem, "--%s: \"%s\" ", place->flag, address_format(place->at, text));
    text_appendf(&look->problem, "has the port of --%s %s; give one of them another", flag,
                 address_format(taken, text));
    end(look);
}

/* What is said there is either TLS or not. */
static void check_beside_http(struct looking *look, const struct tls_place *place)
{
    const struct config *config = look->config;
    for (unsigned i = 0; i < config->listen_count; i++)
        check_tls_place(look, place, "listen", &config->listens[i]);
    for (unsigned i = 0; i < config->also_count; i++)
        check_tls_place(look, place, "listen-also", &config->also[i]);
    if (config->admin_enabled)
        check_tls_place(look, place, "admin", &config->admin);
}

static void check_tls(struct looking *look)
{
    const struct config_tls *tls = &look->config->tls;
    for (unsigned i = 0; i < tls->listen_count; i++) {
        struct tls_place place = {.flag = "listen-tls", .at = &tls->listens[i]};
        check_beside_http(look, &place);
        for (unsigned j = 0; j < i; j++)
            check_tls_place(look, &place, "listen-tls", &tls->listens[j]);
    }
    for (unsigned i = 0; i < tls->also_count; i++) {
        struct tls_place place = {.flag = "listen-tls-also", .at = &tls->also[i]};
        check_beside_http(look, &place);
        for (unsigned j = 0; j < tls->listen_count; j++)
            check_tls_place(look, &place, "listen-tls", &tls->listens[j]);
    }
}

/* ---- the range -------------------------------------------------------------------------------- */

static void check_range(struct looking *look)
{
    const struct config *config = look->config;
    const struct listener_range *range = &config->dynamic;
    if (!config->admin_enabled || !listener_range_has(range, address_port(&config->admin)) ||
        !is_same_host(&range->at, &config->admin))
        return;
    text_append_str(&look->problem, "--dynamic-ports: \"");
    listener_range_format(range, &look->problem);
    text_appendf(&look->problem,
                 "\" has the port of --admin, %u, which is for no container; leave it out, or give "
                 "--admin another",
                 address_port(&config->admin));
    end(look);
}

bool config_listeners_check(const struct config *config, struct text *faults)
{
    struct looking look = {.config = config, .faults = faults, .is_good = true};
    check_rules(&look, config->tcp, config->tcp_count);
    check_rules(&look, config->udp, config->udp_count);
    check_tls(&look);
    check_range(&look);
    text_fini(&look.problem);
    return look.is_good;
}

static unsigned count_places(const struct config_listener *all, unsigned count)
{
    unsigned places = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned j = 0;
        while (j < i && (all[i].rule.port == 0 || !address_eq(&all[i].rule.at, &all[j].rule.at)))
            j++;
        places += j == i;
    }
    return places;
}

unsigned config_listeners_count(const struct config *config)
{
    return count_places(config->tcp, config->tcp_count) +
           count_places(config->udp, config->udp_count);
}
