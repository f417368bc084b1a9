#include "lb/follow/reasons.h"

#include <string.h>

static const struct reason by_state[ENDPOINT_STATE_COUNT] = {
    [ENDPOINT_READY] = {"it gets requests", "Nothing is to be done."},
    [ENDPOINT_PROBING] = {"nothing has answered on its port yet",
                          "It gets requests as soon as a connection to its address succeeds: is "
                          "the port right (label lb.port), and does the server listen on all "
                          "addresses of its container?"},
    [ENDPOINT_STARTING] = {"its HEALTHCHECK has not passed yet",
                           "It gets requests when the check passes; docker inspect shows what the "
                           "check says."},
    [ENDPOINT_UNHEALTHY] = {"its HEALTHCHECK fails",
                            "It gets requests when the check passes again; docker inspect shows "
                            "what the check says."},
    [ENDPOINT_PAUSED] = {"it is paused", "docker unpause brings it back."},
    [ENDPOINT_DRAINING] = {"it was told to stop and finishes what it has",
                           "It comes back when it is started again, or if it survives the stop."},
    [ENDPOINT_FAILING] =
        {"lb's own check of it fails",
         "It gets requests again after some successful checks in a row (--check-rise)."},
    [ENDPOINT_EJECTED] = {"too many requests in a row failed on it",
                          "It gets requests again once its time is over and a probe succeeds."},
    [ENDPOINT_DISABLED] = {"it was disabled by admin", "lb ctl enable brings it back."},
    [ENDPOINT_GONE] = {"it is gone", "Starting it again brings it back."},
};

static const struct reason by_drain_order = {"it is drained, as ordered by admin",
                                             "lb ctl undrain brings it back."};

static const struct reason by_left_out[LEFT_OUT_REASON_COUNT] = {
    [LEFT_OUT_NOT_RUNNING] = {"it does not run", "docker start brings it up."},
    [LEFT_OUT_DISABLED] = {"its label lb.enable is false",
                           "Create it anew without that to have it used."},
    [LEFT_OUT_NO_PORT] = {"it exposes no TCP port and names none",
                          "Create it anew with the label lb.port=PORT, or with a port that it exposes."},
    [LEFT_OUT_BAD_PORT] = {"the port that it names is none", "Correct that and create it anew."},
    [LEFT_OUT_BAD_LABEL] = {"one of its labels cannot be used",
                            "Correct the label and create it anew."},
    [LEFT_OUT_NO_SHARED_NETWORK] =
        {"it is on no network that lb can reach",
         "docker network connect, for it or for lb, would join them; or publish its port."},
    [LEFT_OUT_NO_ADDRESS] =
        {"it has no address",
         "It comes in when its network is ready; with the network mode none it never does."},
    [LEFT_OUT_BAD_ADDRESS] =
        {"labels do not lead to its address by themselves",
         "Correct its labels; or --allow-address ADDRESS lets them lead there, but never to lb "
         "itself."},
    [LEFT_OUT_SELF] =
        {"it is lb itself",
         "lb sends no requests to itself; for another program in its container give it the labels "
         "lb.service and lb.port."},
    [LEFT_OUT_OVERRULED] = {"another source has an endpoint of the same id",
                            "Give one of the two another id."},
    [LEFT_OUT_TOO_MUCH] = {"all containers together claim more than lb takes",
                           "Let it claim fewer hosts and routes."},
    [LEFT_OUT_UNRESOLVED] = {"its name has no address",
                             "lb asks for it again and again (--resolve-interval); is the name "
                             "right, and does the host or container of lb know it?"},
    [LEFT_OUT_OTHER_PROTOCOL] =
        {"lb does not serve its protocol",
         "lb speaks HTTP/1.1 to its servers, by TLS or without: offer a port that does (lb.port "
         "with "
         "lb.protocol=http or https, or what the other words for them are). Or --tcp "
         "IP:PORT=SERVICE "
         "(--udp, where it speaks udp) passes on what comes to that port as it is; so does the "
         "label lb.tcp (lb.udp), where --dynamic-ports lets containers ask for one."},
    [LEFT_OUT_OTHER_SERVICE] = {"it belongs to a service that nothing is routed to",
                                "Nothing is routed to its service: the label lb.service or "
                                "lb.host of the container, or --service of lb, would change "
                                "that."},
};

static const struct reason unknown = {"discovery left it out",
                                      "See what lb-discovery writes about it."};

const struct reason *reasons_of_state(enum endpoint_state state, enum endpoint_order order)
{
    if (state == ENDPOINT_DRAINING && order == ENDPOINT_ORDER_DRAIN)
        return &by_drain_order;
    return &by_state[state];
}

static const struct reason by_label = {
    "its labels ask for no new requests (lb.drain, or lb.weight=0)",
    "It comes back when it is created anew without that label; in Consul, without that tag."};

static const struct reason by_file[ENDPOINT_STATE_COUNT] = {
    [ENDPOINT_STARTING] = {"the file of services says starting",
                           "Another state in the file brings it in."},
    [ENDPOINT_UNHEALTHY] = {"the file of services says unhealthy",
                            "Another state in the file brings it back."},
    [ENDPOINT_PAUSED] = {"the file of services says paused",
                         "Another state in the file brings it back."},
    [ENDPOINT_DRAINING] = {"the file of services says draining",
                           "Another state in the file brings it back."},
    [ENDPOINT_PROBING] = {"nothing has answered on its port yet",
                          "It gets requests as soon as a connection to its address succeeds: are "
                          "address and port in the file right, and does a server listen there?"},
};

static const struct reason by_catalog[ENDPOINT_STATE_COUNT] = {
    [ENDPOINT_PROBING] = {"nothing has answered on its port yet",
                          "It gets requests as soon as a connection to its address succeeds: are "
                          "address and port of its entry in Consul right (--consul-address, "
                          "--consul-port), and does a server listen there?"},
    [ENDPOINT_UNHEALTHY] = {"a check of it in Consul fails",
                            "It gets requests when Consul says that the check passes."},
    [ENDPOINT_DRAINING] =
        {"Consul has it, or its node, in maintenance",
         "consul maint -disable ends that, with -service=ID that of one service."},
    [ENDPOINT_GONE] = {"it is gone from Consul's catalog",
                       "It comes back when it is registered again."},
};

static const struct reason of_warning = {
    "a check of it in Consul warns, and its weight is 0 then",
    "It gets requests when the check passes, or with a Weights.Warning of 1 and more."};

/* What discovery/FORMAT.md says that an entry of Consul's has. */
static bool is_of_catalog(const char *cause)
{
    static const char *const causes[] = {"catalog", "passing", "warning", "critical",
                                         "maintenance"};
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++)
        if (strcmp(cause, causes[i]) == 0)
            return true;
    return false;
}

/* NULL: it is as with any other source. */
static const struct reason *reason_of_catalog(const struct endpoint *endpoint,
                                              enum endpoint_state state)
{
    if (endpoint->order != ENDPOINT_ORDER_NONE || !is_of_catalog(endpoint->cause) ||
        !by_catalog[state].why)
        return NULL;
    bool is_warning = strcmp(endpoint->cause, "warning") == 0;
    return state == ENDPOINT_DRAINING && is_warning ? &of_warning : &by_catalog[state];
}

static const struct reason of_static_probe = {"nothing has answered on its port yet",
                                              "It gets requests as soon as a connection to its "
                                              "address succeeds: is --backend right, and does "
                                              "a server listen there?"};

static const struct reason of_udp_probe = {
    "its port has not taken a datagram yet",
    "It gets datagrams as soon as its port refuses none: are its address and port right (label "
    "lb.udp or lb.port, --backend, or the file), and does a server listen for UDP there?"};

static const struct reason of_checked_probe = {
    "the check before its first request has not passed yet",
    "It gets requests when the check passes: are its path and what it wants right (--check-path, "
    "--check-status, --check-text, or the labels, in Consul the tags, lb.check.*), and does its "
    "port speak what it is asked by (label lb.protocol: http, https)?"};

static const struct reason of_check_port = {
    "nothing has answered on the port of its check yet",
    "It gets requests when the check passes: is that port right (--check-port, or the label "
    "lb.check.port), and does a server listen there?"};

static const struct reason of_distrust = {
    "the certificate that it shows is not trusted",
    "It gets requests when lb trusts its certificate: name what it is for (backend-name), the CA "
    "that it is of (backend-ca), or leave it unverified (backend-verify=no), by a label "
    "lb.backend-… "
    "or the file."};

/* As lb/tls/tls_problem.c tells it. */
static const char of_plain[] = "what came is no TLS";

static const struct reason of_plain_server = {
    "it is asked by TLS, and speaks none on its port",
    "It gets requests when it does, or when it is asked without: is the port right (label lb.port), "
    "and is it https that it speaks there (label lb.protocol=http says no)?"};

/* As lb/tls/tls_distrust.c tells it. */
bool reasons_is_of_distrust(const struct endpoint *endpoint)
{
    const char *problem = endpoint->problem;
    return endpoint_state(endpoint) == ENDPOINT_PROBING &&
           (strstr(problem, "its certificate ") || strstr(problem, "a certificate of its chain "));
}

/* Whether the last probe got as far as a request of a check: "GET /health: …", "GET :9000/health:
 * …" */
static bool is_of_check(const char *problem)
{
    const char *at = problem;
    while (*at >= 'A' && *at <= 'Z')
        at++;
    return at > problem && at[0] == ' ' && (at[1] == '/' || at[1] == ':');
}

const struct reason *reasons_of_endpoint(const struct endpoint *endpoint)
{
    enum endpoint_state state = endpoint_state(endpoint);
    bool is_of_file = strcmp(endpoint->cause, "file") == 0;
    if (reasons_is_of_distrust(endpoint))
        return &of_distrust;
    if (state == ENDPOINT_PROBING && strstr(endpoint->problem, of_plain))
        return &of_plain_server;
    if (state == ENDPOINT_PROBING && is_of_check(endpoint->problem))
        return &of_checked_probe;
    if (state == ENDPOINT_PROBING && strncmp(endpoint->problem, "port ", strlen("port ")) == 0)
        return &of_check_port;
    if (state == ENDPOINT_PROBING && endpoint->protocol == PROTOCOL_UDP)
        return &of_udp_probe;
    if (state == ENDPOINT_PROBING && strcmp(endpoint->cause, "static") == 0)
        return &of_static_probe;
    const struct reason *of_catalog = reason_of_catalog(endpoint, state);
    if (of_catalog)
        return of_catalog;
    if (endpoint->order == ENDPOINT_ORDER_NONE && is_of_file && by_file[state].why)
        return &by_file[state];
    if (endpoint->order == ENDPOINT_ORDER_NONE && state == ENDPOINT_DRAINING &&
        strcmp(endpoint->cause, "label") == 0)
        return &by_label;
    return reasons_of_state(state, endpoint->order);
}

bool reasons_is_of_any_service(const char *word)
{
    enum left_out_reason reason = left_out_reason_parse(word);
    return reason == LEFT_OUT_SELF || reason == LEFT_OUT_UNRESOLVED ||
           reason == LEFT_OUT_OTHER_PROTOCOL;
}

const struct reason *reasons_of_left_out(const char *word)
{
    enum left_out_reason reason = left_out_reason_parse(word);
    return reason < LEFT_OUT_REASON_COUNT ? &by_left_out[reason] : &unknown;
}
