#include "discovery/options_consul.h"

#include "lb/base/yes_no.h"

#define NAME_MAX_BYTES  253
#define LIST_MAX_BYTES  131072
#define TOKEN_MAX_BYTES 4096

/* ---- flags ----------------------------------------------------------------------------------- */

static const char url_accepted[] = CONSUL_AGENT_URL_ACCEPTED " is accepted";

static bool take_agent(struct option_walk *walk, struct consul_agent *out)
{
    const char *problem;
    return consul_agent_parse_url(walk->value, out, &problem) ||
           option_walk_complain_value(walk, problem, url_accepted);
}

bool options_consul_agent(struct option_walk *walk, struct consul_agent *out)
{
    return option_walk_optional_value(walk, url_accepted) &&
           (!walk->value || take_agent(walk, out));
}

bool options_consul_url(struct option_walk *walk, struct options *out)
{
    out->follows_consul = true;
    return options_consul_agent(walk, &out->consul.agent);
}

bool options_consul_service(struct option_walk *walk, struct options *out)
{
    static const char accepted[] =
        "names of services in Consul's catalog, with commas between, are accepted";
    out->consul.services = NULL;
    if (!option_walk_word(walk, " /", LIST_MAX_BYTES, accepted))
        return false;
    out->consul.services = walk->value;
    return true;
}

/* "NAME=PORT". Fails: false. */
static bool take_port(struct view text, struct options *out)
{
    struct view port_text = text, service = view_cut(&port_text, '=');
    uint64_t port;
    if (service.len == 0 || !view_parse_u64(port_text, UINT16_MAX, &port) || port == 0)
        return false;
    out->consul.ports[out->consul.port_count++] =
        (struct consul_port){.service = service, .port = (uint16_t)port};
    return true;
}

bool options_consul_port(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "NAME=PORT is accepted, the name of a service and a port from 1 "
                                   "to 65535, and several with commas between";
    if (!option_walk_word(walk, " /", LIST_MAX_BYTES, accepted))
        return false;
    struct view rest = view_str(walk->value);
    while (rest.ptr) {
        if (out->consul.port_count == CONSUL_PORTS_MAX)
            return option_walk_complain_value(walk, "it is more than 64 services", accepted);
        if (!take_port(view_cut(&rest, ','), out))
            return option_walk_complain_value(walk, "it is not of that form", accepted);
    }
    return true;
}

bool options_consul_address(struct option_walk *walk, struct options *out)
{
    static const char accepted[] =
        "the key of a tagged address (lan, wan, lan_ipv4, wan_ipv6, or your own) is accepted";
    out->consul.address_key = NULL;
    if (!option_walk_word(walk, " ,=/", NAME_MAX_BYTES, accepted))
        return false;
    out->consul.address_key = walk->value;
    return true;
}

bool options_consul_node(struct option_walk *walk, struct options *out)
{
    static const char accepted[] =
        "the name of a node, as \"consul members\" lists it, is accepted";
    out->consul.node = NULL;
    if (!option_walk_word(walk, " ,/", NAME_MAX_BYTES, accepted))
        return false;
    out->consul.node = walk->value;
    return true;
}

/* ---- environment ----------------------------------------------------------------------------- */

static bool take_truth(const char *name, const char *value, bool otherwise, bool *out,
                       struct text *problem)
{
    static const char accepted[] = "true or false is accepted";
    struct option_walk walk = option_walk_variable(name, value, problem);
    enum yes_no answer =
        option_walk_is_given(value) ? yes_no_read(view_str(value)) : YES_NO_NEITHER;
    *out = answer == YES_NO_NEITHER ? otherwise : answer == YES_NO_YES;
    return !option_walk_is_given(value) || answer != YES_NO_NEITHER ||
           option_walk_complain_value(&walk, "it is neither", accepted);
}

/* A file with the token counts more, as with Consul's own programs. The token is never shown. */
static bool take_token(const struct options_environment *environment, struct consul_agent *agent,
                       struct text *problem)
{
    const char *token = environment->consul_token;
    if (option_walk_is_given(environment->consul_token_file)) {
        agent->token_file = environment->consul_token_file;
        return true;
    }
    if (!option_walk_is_given(token))
        return true;
    for (const char *at = token; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f ||
            at - token >= TOKEN_MAX_BYTES) {
            text_append_str(problem,
                            "CONSUL_HTTP_TOKEN: it has a character that no token has, or is "
                            "too long; the secret id of a token is accepted");
            return false;
        }
    agent->token = token;
    return true;
}

static const char *given(const char *value)
{
    return option_walk_is_given(value) ? value : NULL;
}

static bool take_tls(const struct options_environment *environment, struct fetch_tls *tls,
                     struct text *problem)
{
    bool is_verified;
    if (!take_truth("CONSUL_HTTP_SSL_VERIFY", environment->consul_ssl_verify, true, &is_verified,
                    problem))
        return false;
    *tls = (struct fetch_tls){.ca_file = given(environment->consul_ca_file),
                              .ca_path = given(environment->consul_ca_path),
                              .cert_file = given(environment->consul_cert),
                              .key_file = given(environment->consul_key),
                              .server_name = given(environment->consul_server_name),
                              .is_unverified = !is_verified};
    if (!tls->cert_file == !tls->key_file)
        return true;
    text_appendf(problem, "%s: the other half is missing; set %s as well",
                 tls->cert_file ? "CONSUL_CLIENT_CERT" : "CONSUL_CLIENT_KEY",
                 tls->cert_file ? "CONSUL_CLIENT_KEY" : "CONSUL_CLIENT_CERT");
    return false;
}

static bool is_open(bool is_used, const struct consul_agent *agent)
{
    return is_used && agent->server.text[0] == '\0';
}

/* As the environment says it: for TLS, an address needs no scheme. */
static bool take_default_agent(const struct options_environment *environment, bool is_tls,
                               struct consul_agent *agent, struct text *problem)
{
    struct option_walk walk =
        option_walk_variable("CONSUL_HTTP_ADDR", given(environment->consul_addr), problem);
    walk.value = walk.value ? walk.value : CONSUL_AGENT_DEFAULT_URL;
    bool has_scheme = given(environment->consul_addr) && strstr(walk.value, "://");
    if (!take_agent(&walk, agent))
        return false;
    if (is_tls && !has_scheme)
        consul_agent_demand_tls(agent);
    return true;
}

/* Where one flag has a URL, it is the other's too; else the environment says it. */
static bool take_servers(const struct options_environment *environment, struct options *out,
                         struct text *problem)
{
    bool is_tls;
    struct consul_agent *reader = &out->consul.agent, *writer = &out->registrar.agent;
    if (!take_truth("CONSUL_HTTP_SSL", environment->consul_ssl, false, &is_tls, problem))
        return false;
    if (is_open(out->registers, writer))
        writer->server = reader->server;
    if (is_open(out->registers, writer) &&
        !take_default_agent(environment, is_tls, writer, problem))
        return false;
    if (is_open(out->follows_consul, reader))
        reader->server = writer->server;
    return !is_open(out->follows_consul, reader) ||
           take_default_agent(environment, is_tls, reader, problem);
}

bool options_consul_finish(const struct options_environment *environment, struct options *out,
                           struct text *problem)
{
    struct consul_agent *reader = &out->consul.agent, *writer = &out->registrar.agent;
    struct option_walk services =
        option_walk_variable("LB_CONSUL_SERVICES", environment->consul_services, problem);
    if (!out->follows_consul && !out->registers)
        return true;
    if (!take_servers(environment, out, problem) || !take_token(environment, reader, problem) ||
        !take_tls(environment, &reader->tls, problem))
        return false;
    out->consul.dialects = &out->dialects;
    writer->token = reader->token;
    writer->token_file = reader->token_file;
    writer->tls = reader->tls;
    return !out->follows_consul || out->consul.services || !option_walk_is_given(services.value) ||
           options_consul_service(&services, out);
}
