#include "discovery/file/file_words.h"

#include <stdint.h>

#include "lb/base/edits.h"
#include "lb/base/shown.h"
#include "lb/contract/check.h"
#include "lb/contract/key.h"
#include "lb/contract/route_option.h"
#include "lb/contract/service_option.h"
#include "lb/contract/waits.h"

#define NAME       "{\"$ref\":\"#/$defs/name\"}"
#define TEXTS      "{\"$ref\":\"#/$defs/texts\"}"
#define TEXTS_BY   "{\"type\":\"object\",\"additionalProperties\":" TEXTS "}"
#define TIME       "{\"$ref\":\"#/$defs/time\"}"
#define TIME_MS    "{\"type\":\"integer\",\"minimum\":0,\"maximum\":86400000}"
#define BOOLEAN    "{\"type\":\"boolean\"}"
#define VALUE      "{\"$ref\":\"#/$defs/value\"}"
#define PATH       "{\"type\":\"string\",\"pattern\":\"^/\"}"
#define NUMBER     "{\"type\":\"integer\",\"minimum\":-1000000000,\"maximum\":1000000000}"
#define LIST(of)   "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/" of "\"}}"
#define OBJECT(of) "{\"$ref\":\"#/$defs/" of "\"}"

/* clang-format off */
#define PORT "{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535}"
#define PROTOCOL "{\"enum\":[\"http\",\"https\",\"h2c\",\"tcp\",\"udp\"]}"
#define LIMIT "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":65535},{\"enum\":[\"off\",false]}]}"

static const struct file_word whole[] = {
    {"$schema", "{\"type\":\"string\"}", "where an editor finds this schema"},
    {KEY_SERVICES, LIST("service"), "what requests can go to"},
    {KEY_ROUTES, LIST("route"), "which requests go to which service"},
    {KEY_LISTENERS, LIST("listener"), "which connections and datagrams go to which service"},
    {KEY_CERTIFICATES, LIST("certificate"), "which certificates are ordered, by ACME"},
    {KEY_VERSION, NULL, NULL}, {KEY_SOURCE, NULL, NULL}, {KEY_TIME_NS, NULL, NULL},
    {KEY_LEFT_OUT, NULL, NULL}, {KEY_LOSSES, NULL, NULL}, {KEY_REMARKS, NULL, NULL},
    {NULL, NULL, NULL},
};

static const struct file_word service[] = {
    {KEY_NAME, NAME, "each once"},
    {KEY_ENDPOINTS, LIST("endpoint"), "its servers; none: its requests get 503"},
    {KEY_PROTOCOL, PROTOCOL, "what its endpoints speak that say nothing else [http]"},
    {KEY_OPTIONS, OBJECT("service_options"), "the same words as here, as in lines"},
    {NULL, NULL, NULL},
};

static const struct file_word endpoint[] = {
    {KEY_ADDRESS, "{\"type\":\"string\",\"minLength\":2}", "an IPv4 or IPv6 address"},
    {KEY_PORT, PORT, "a port of TCP, or of UDP for the protocol udp"},
    {KEY_ID, NAME, "each once in the file [address:port]"},
    {KEY_NAME, NAME, "what people are told [the id]"},
    {KEY_STATE, "{\"enum\":[\"ready\",\"starting\",\"draining\",\"unhealthy\",\"paused\"]}",
     "whether it gets requests [ready]"},
    {KEY_PROTOCOL, PROTOCOL, "what it speaks [as its service says, http]"},
    {KEY_CONTAINER, NULL, NULL}, {KEY_ON_HOST, NULL, NULL}, {KEY_CAUSE, NULL, NULL},
    {KEY_SOURCE, NULL, NULL}, {KEY_LOCAL, NULL, NULL},
    {KEY_CAUSE_TIME_NS, NULL, NULL}, {KEY_SERVICE_FROM, NULL, NULL}, {KEY_PORT_FROM, NULL, NULL},
    {KEY_ADDRESS_FROM, NULL, NULL}, {KEY_HEALTH, NULL, NULL},
    {KEY_IMAGE, NULL, NULL},
    {NULL, NULL, NULL},
};

/* Of an endpoint, and of a service for all of its endpoints. */
static const struct file_word options[] = {
    {KEY_WEIGHT, "{\"type\":\"integer\",\"minimum\":0,\"maximum\":256}",
     "its share; 0 drains it [1]"},
    {"drain", BOOLEAN, "no new requests [false]"},
    {KEY_CHECK, OBJECT("check"), "how it is checked, as the flags --check-* of lb"},
    {"slow-start", TIME, "how long it takes to its full share"},
    {"response-timeout", TIME, "how long the head of an answer may take"},
    {"body-timeout", TIME, "how long its body may pause"},
    {"stream-timeout", TIME, "how long a tunnel may pause"},
    {"abort-on-close", BOOLEAN, "whether a request is given up when its client shuts its side"},
    {"max-inflight", LIMIT, "so many requests at a time; 0 or off: no limit [off]"},
    {KEY_KEEPALIVE, BOOLEAN, "more than one request over a connection [true]"},
    {KEY_MAX_INFLIGHT, LIMIT, "max-inflight, as in lines"},
    {KEY_SLOW_START_MS, TIME_MS, "slow-start, as in lines"},
    {"response_timeout_ms", TIME_MS, "response-timeout, as in lines"},
    {"body_timeout_ms", TIME_MS, "body-timeout, as in lines"},
    {"stream_timeout_ms", TIME_MS, "stream-timeout, as in lines"},
    {WAITS_ABORT_KEY, BOOLEAN, "abort-on-close, as in lines"},
    {NULL, NULL, NULL},
};

static const struct file_word check[] = {
    {"mode",
     "{\"enum\":[\"auto\",\"off\",\"tcp\",\"http\",\"postgres\",\"redis\",\"smtp\",\"udp\",\"dns\"]}",
     "how"},
    {"path", PATH, "what is asked for"},
    {"method", NAME, "by which method"},
    {"host", NAME, "the value of Host"},
    {"port", OBJECT("number"), "another port than that of requests"},
    {"header", NAME, "more fields, Name: value, with | between them"},
    {"status", OBJECT("number"), "what the answer may have: 200-399, 204"},
    {"text", NAME, "what its body must have"},
    {"send", NAME, "what is sent over TCP or UDP, with \\r, \\n, \\t and \\xHH"},
    {"expect", NAME, "what must come back there, written likewise"},
    {"interval", NAME, "how often"},
    {"timeout", NAME, "how long it may take"},
    {"rise", OBJECT("number"), "successes in a row that bring it back"},
    {"fall", OBJECT("number"), "failures in a row that take it out"},
    {NULL, NULL, NULL},
};

/* What a request must have. */
static const struct file_word match[] = {
    {"host", TEXTS, "a.test, *.test, www.*; several: any of them"},
    {"host_regex", TEXTS, "found in the host, in lower case"},
    {"path", TEXTS, "the path begins with it, and it ends where a segment does"},
    {"path_exact", TEXTS, "the whole path"},
    {"path_start", TEXTS, "the path begins with it, byte by byte"},
    {"path_regex", TEXTS, "found in the path"},
    {"method", TEXTS, "GET, for example"},
    {"header", TEXTS_BY, "the values that header fields have, by their names"},
    {"header_regex", TEXTS_BY, "what is found in them, by their names"},
    {"query", TEXTS_BY, "the values that parameters have, by their names"},
    {"query_regex", TEXTS_BY, "what is found in them, by their names"},
    {"client", TEXTS, "the range that the client's address is in"},
    {"scheme", TEXTS, "http or https, by which the client came"},
    {NULL, NULL, NULL},
};

static const struct file_word route[] = {
    {KEY_SERVICE, NAME, "where its requests go"},
    {KEY_ANSWER, "{\"enum\":[403,404,503]}", "what lb answers by itself"},
    {KEY_WHY, NAME, "why it answers, for people"},
    {KEY_STRIP, "{\"anyOf\":[" BOOLEAN "," PATH "]}",
     "the path's beginning that the service does not see; true: the route's path"},
    {KEY_ADD, PATH, "what the service sees before the path"},
    {KEY_NOT, OBJECT("match"), "what a request must not have: none of it"},
    {KEY_CONDITIONS, LIST("condition"), "conditions as lines have them"},
    {"tls", "{\"enum\":[\"auto\",\"off\",false]}", "auto: a certificate for its hosts is ordered, by ACME [off]"},
    {KEY_PRIORITY, NUMBER, "the highest counts; else the more specific [0]"},
    {KEY_RANK, NUMBER, "as in lines"},
    {KEY_SHARES, LIST("share"), "the services that get a part of its requests each"},
    {KEY_OPTIONS, OBJECT("route_options"), "the same words as here, as in lines"},
    {KEY_DIALECT, NULL, NULL}, {KEY_LABEL, NULL, NULL}, {KEY_CONTAINER, NULL, NULL},
    {KEY_CONTAINER_NAME, NULL, NULL}, {KEY_CREATED_NS, NULL, NULL},
    {NULL, NULL, NULL},
};

static const struct file_word share[] = {
    {KEY_SERVICE, NAME, "that gets a part of the requests"},
    {KEY_WEIGHT, "{\"type\":\"integer\",\"minimum\":0,\"maximum\":1000000}", "its part, in proportion; 0: none"},
    {NULL, NULL, NULL},
};

static const struct file_word listener[] = {
    {KEY_PROTOCOL, "{\"enum\":[\"tcp\",\"udp\"]}", "what comes to it"},
    {KEY_PORT, PORT, "lb's own"},
    {KEY_LISTENER, NAME, "the name of a listener of lb's, instead of its port"},
    {KEY_SERVER_NAME, NAME, "a.test or *.a.test, which a TLS client asks for [all, TLS or not]"},
    {KEY_ALPN, NAME, "a protocol that it offers, too: h2 [any]"},
    {KEY_SERVICE, NAME, "where it goes"},
    {KEY_DIALECT, NULL, NULL}, {KEY_LABEL, NULL, NULL}, {KEY_CONTAINER, NULL, NULL},
    {KEY_CONTAINER_NAME, NULL, NULL}, {KEY_CREATED_NS, NULL, NULL},
    {NULL, NULL, NULL},
};

static const struct file_word certificate[] = {
    {KEY_NAMES, TEXTS, "of hosts; it is called as the first one"},
    {KEY_EMAIL, "{\"type\":\"string\"}", "whom the authority may write to [--acme]"},
    {KEY_DIALECT, NULL, NULL}, {KEY_LABEL, NULL, NULL}, {KEY_CONTAINER, NULL, NULL},
    {KEY_CONTAINER_NAME, NULL, NULL},
    {NULL, NULL, NULL},
};

#define XX(name, word) {word, VALUE, NULL},
static const struct file_word route_options[] = {
    ROUTE_OPTION_MAP(XX)
    {NULL, NULL, NULL},
};

static const struct file_word service_options[] = {
    SERVICE_OPTION_MAP(XX)
    {NULL, NULL, NULL},
};
#undef XX

static const struct file_word condition[] = {
    {KEY_KIND, "{\"enum\":[\"host\",\"host_regex\",\"path\",\"path_exact\",\"path_start\",\"path_regex\","
     "\"method\",\"header\",\"header_regex\",\"query\",\"query_regex\",\"client\",\"scheme\"]}", "what is looked at"},
    {KEY_NAME, NAME, "of the field or parameter"},
    {KEY_VALUE, "{\"type\":\"string\"}", "what it is compared with"},
    {KEY_NOT, BOOLEAN, "whether it must not hold"},
    {NULL, NULL, NULL},
};
/* clang-format on */

#define LISTS_MAX 3

static const struct file_word *const lists[FILE_OBJECT_COUNT][LISTS_MAX] = {
    [FILE_WHOLE] = {whole},
    [FILE_SERVICE] = {service, options, service_options},
    [FILE_CHECK] = {check},
    [FILE_ENDPOINT] = {endpoint, options},
    [FILE_MATCH] = {match},
    [FILE_ROUTE] = {match, route, route_options},
    [FILE_CONDITION] = {condition},
    [FILE_SHARE] = {share},
    [FILE_LISTENER] = {listener},
    [FILE_CERTIFICATE] = {certificate},
    [FILE_ROUTE_OPTIONS] = {route_options},
    [FILE_SERVICE_OPTIONS] = {service_options},
};

const struct file_word *file_words_at(enum file_object object, size_t index)
{
    for (unsigned i = 0; i < LISTS_MAX && lists[object][i]; i++)
        for (const struct file_word *word = lists[object][i]; word->word; word++)
            if (index-- == 0)
                return word;
    return NULL;
}

static bool is_known(enum file_object object, const char *key)
{
    const struct file_word *known;
    for (size_t i = 0; (known = file_words_at(object, i)); i++)
        if (strcmp(known->word, key) == 0)
            return true;
    return false;
}

static const char *find_nearest(enum file_object object, struct view key)
{
    const struct file_word *known;
    const char *nearest = NULL;
    size_t edits = SIZE_MAX;
    for (size_t i = 0; (known = file_words_at(object, i)); i++) {
        size_t count = edits_between(key, view_str(known->word));
        if (known->schema && count < edits) {
            edits = count;
            nearest = known->word;
        }
    }
    return edits_are_near(edits, key) ? nearest : NULL;
}

unsigned file_words_tell_unknown(const struct file_place *place, enum file_object object,
                                 const json_t *json, const char *consequence)
{
    json_t *keys = (json_t *)(uintptr_t)json; /* jansson's iterators take no const */
    unsigned count = 0;
    for (void *i = json_object_iter(keys); i; i = json_object_iter_next(keys, i)) {
        const char *key = json_object_iter_key(i);
        if (is_known(object, key))
            continue;
        const char *nearest = find_nearest(object, view_str(key));
        struct file_place at = file_place_in_key(place, key);
        count++;
        file_place_remark(&at, "this word is not known%s%s%s; %s", nearest ? " (did you mean " : "",
                          nearest ? nearest : "", nearest ? "?)" : "", consequence);
    }
    return count;
}
