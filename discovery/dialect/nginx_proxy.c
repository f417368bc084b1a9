#include "discovery/dialect/nginx_proxy.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/nginx_proxy_acme.h"
#include "discovery/dialect/nginx_proxy_auth.h"
#include "discovery/dialect/nginx_proxy_tls.h"
#include "discovery/dialect/nginx_proxy_upstream.h"
#include "discovery/dialect/site.h"
#include "discovery/dialect/variables.h"
#include "discovery/dialect/yaml.h"
#include "lb/base/yes_no.h"
#include "discovery/field.h"

#define DEFAULT_PORT 80

/* One host, one path of it. */
struct location {
    const char *word; /* "VIRTUAL_HOST" or "VIRTUAL_HOST_MULTIPORTS" */
    struct view host, path, dest, proto, port;
};

struct reading {
    const struct nginx_proxy_settings *settings;
    const struct statement_source *source;
    struct claims *claims;
    uint16_t default_port;
    const char *default_port_from;
    bool is_internal;
    struct route_wishes wishes; /* of each of its routes */
};

static const char *find(const struct statement_source *source, const char *word)
{
    const char *variable = variables_find(source->environment, word);
    return variable[0] != '\0' ? variable : field_str(source->labels, word);
}

static struct view find_trimmed(const struct reading *reading, const char *word)
{
    return yes_no_trim(view_str(find(reading->source, word)));
}

static void complain(struct reading *reading, const char *word, struct view value,
                     const char *accepted)
{
    statement_remark(reading->claims, word, value, accepted);
}

/* Nobody else gets its requests. */
static void refuse(struct reading *reading, struct route *route, const char *word,
                   struct view value, const char *accepted)
{
    char *sentence = statement_complain(word, value, accepted);
    claims_hold(reading->claims, route, sentence, "its route");
    free(sentence);
}

/* ---- what a location says ------------------------------------------------------------------- */

/* The only TCP port that is exposed, else 80, whether it is exposed or not. */
static void choose_default_port(struct reading *reading)
{
    json_t *object = (json_t *)(uintptr_t)reading->source->exposed;
    unsigned count = 0;
    uint16_t only = 0;
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = exposed_parse_port(json_object_iter_key(i));
        only = port > 0 ? port : only;
        count += port > 0;
    }
    reading->default_port = count == 1 ? only : DEFAULT_PORT;
    reading->default_port_from = count == 1 ? "the only TCP port that it exposes"
                                            : "what nginx-proxy takes without VIRTUAL_PORT";
}

static void set_port(struct reading *reading, const struct location *location,
                     struct claim_server *server, struct route *route)
{
    bool is_multiports = strcmp(location->word, "VIRTUAL_HOST") != 0;
    const char *word = is_multiports ? location->word : "VIRTUAL_PORT";
    uint64_t port;
    if (location->port.len == 0) {
        server->port = reading->default_port;
        server->port_from = reading->default_port_from;
    } else if (!view_parse_u64(location->port, 65535, &port) || port == 0) {
        refuse(reading, route, word, location->port,
               "one number from 1 to 65535 is accepted; several ports stand in "
               "VIRTUAL_HOST_MULTIPORTS");
    } else {
        server->port = (uint16_t)port;
        server->port_from = word;
    }
}

static void set_protocol(struct reading *reading, struct view proto, struct claim_server *server,
                         struct route *route)
{
    static const struct {
        const char *word, *protocol; /* NULL: not supported */
    } words[] = {{"http", "http"}, {"https", "https"}, {"grpc", "h2c"},
                 {"grpcs", NULL},  {"uwsgi", NULL},    {"fastcgi", NULL}};
    server->protocol = proto.len == 0 ? "http" : NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (view_eq_nocase(proto, view_str(words[i].word)))
            server->protocol = words[i].protocol;
    if (!server->protocol)
        refuse(reading, route, "VIRTUAL_PROTO", proto,
               "http, https or grpc is accepted; others are not supported");
}

static bool ends_in_slash(struct view text)
{
    return text.len > 0 && text.ptr[text.len - 1] == '/';
}

static struct view without_slash(struct view text)
{
    return ends_in_slash(text) ? view_of(text.ptr, text.len - 1) : text;
}

static void tell_dest(struct reading *reading, struct view dest)
{
    char *said = statement_quote("VIRTUAL_DEST", dest);
    claims_remark(reading->claims,
                  "%s is followed, and what is sent on begins with it and one slash: let both "
                  "VIRTUAL_PATH and VIRTUAL_DEST end in a slash",
                  said);
    free(said);
}

/* nginx puts VIRTUAL_DEST in the place of VIRTUAL_PATH, byte by byte; lb puts whole segments in the
 * place of others, which is the same where both end in a slash or neither does. */
static void set_dest(struct reading *reading, const struct location *location, struct route *route)
{
    struct view path = route->path.text;
    if (location->dest.len == 0)
        return;
    if (route->path.kind != ROUTE_PATH_START || location->dest.ptr[0] != '/') {
        refuse(reading, route, "VIRTUAL_DEST", location->dest,
               "a path that begins with / is accepted, and none where VIRTUAL_PATH is a regular "
               "expression");
        return;
    }
    if (path.len > 0 && ends_in_slash(path) != ends_in_slash(location->dest))
        tell_dest(reading, location->dest);
    route->strip = without_slash(path);
    route->add = claims_keep(reading->claims, without_slash(location->dest));
}

/* ---- claims --------------------------------------------------------------------------------- */

/* False: no server is needed. */
static bool add(struct reading *reading, const struct route *route)
{
    static const struct view ranges[] = {
        {"127.0.0.0/8", 11}, {"10.0.0.0/8", 10}, {"172.16.0.0/12", 13}, {"192.168.0.0/16", 14}};
    bool is_held = route->answer_status > 0;
    if (is_held || !reading->is_internal)
        return claims_add(reading->claims, route) && !is_held;
    return claims_add_for_clients(reading->claims, route, ranges,
                                  sizeof(ranges) / sizeof(ranges[0]));
}

/* The host that is the default has each of its locations for all other hosts, too. */
static void add_default(struct reading *reading, const struct location *location,
                        struct route route)
{
    route.host = (struct route_pattern){ROUTE_HOST, {"", 0}};
    if (reading->settings->default_host &&
        view_eq(location->host, view_str(reading->settings->default_host)))
        add(reading, &route);
}

/* What it says of TLS, and who gets in. */
static void ask(const struct reading *reading, const struct location *location, struct view name,
                struct route *route)
{
    struct route_wishes wishes = reading->wishes;
    if (route->answer_status > 0)
        return;
    if (reading->settings->has_htpasswd)
        nginx_proxy_auth_ask(reading->claims, name, location->path, &wishes);
    route_wishes_take(&wishes, "", reading->claims, route);
}

/* It believes servers that speak https, whoever they are. */
static void believe(struct claims *claims, const struct claim_server *server)
{
    bool is_https = strcmp(server->protocol, "https") == 0;
    struct claim_wish *wish = is_https ? claims_find_wish(claims, server->service) : NULL;
    if (wish)
        claims_mean(claims, wish, SERVICE_OPTION_BACKEND_VERIFY, VIEW("no"));
}

static void add_hosts(struct reading *reading, const struct location *location,
                      struct claim_server *server, struct route *route)
{
    struct route_pattern hosts[SITE_PATTERNS_MAX];
    size_t count = site_read_host(reading->claims, location->host, hosts);
    struct view name = location->host.ptr[0] == '~' ? location->host : hosts[0].text;
    bool is_in = false;
    if (route->answer_status == 0)
        route->service = claims_name_pool(reading->claims, name, location->path);
    ask(reading, location, name, route);
    for (size_t i = 0; i < count; i++) {
        route->host = hosts[i];
        is_in |= add(reading, route);
    }
    if (is_in) {
        server->service = route->service;
        claims_add_server(reading->claims, server);
        believe(reading->claims, server);
    }
    add_default(reading, location, *route);
}

static struct route begin_route(struct reading *reading, const char *word, struct view path)
{
    struct route route = {.dialect = VIEW("nginx-proxy"), .label = view_str(word)};
    route.path = site_read_path(reading->claims, path, ROUTE_PATH_START);
    return route;
}

static void claim_location(struct reading *reading, const struct location *location)
{
    struct claim_server server = {.port = 0};
    struct route route = begin_route(reading, location->word, location->path);
    set_port(reading, location, &server, &route);
    set_protocol(reading, location->proto, &server, &route);
    set_dest(reading, location, &route);
    add_hosts(reading, location, &server, &route);
}

/* ---- VIRTUAL_HOST --------------------------------------------------------------------------- */

static void read_hosts(struct reading *reading)
{
    struct view rest = view_str(find(reading->source, "VIRTUAL_HOST"));
    struct location location = {.word = "VIRTUAL_HOST",
                                .path = find_trimmed(reading, "VIRTUAL_PATH"),
                                .dest = find_trimmed(reading, "VIRTUAL_DEST"),
                                .proto = find_trimmed(reading, "VIRTUAL_PROTO"),
                                .port = find_trimmed(reading, "VIRTUAL_PORT")};
    if (location.path.len == 0)
        location.path = VIEW("/");
    while (rest.ptr) {
        location.host = yes_no_trim(view_cut(&rest, ','));
        if (location.host.len > 0)
            claim_location(reading, &location);
    }
}

/* ---- VIRTUAL_HOST_MULTIPORTS ---------------------------------------------------------------- */

static const char multiports[] = "VIRTUAL_HOST_MULTIPORTS";

/* A number or a string. */
static struct view scalar_of(const json_t *object, const char *key, char buffer[32])
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return yes_no_trim(view_str(field_str(object, key)));
    snprintf(buffer, 32, "%lld", (long long)json_integer_value(value));
    return view_str(buffer);
}

static bool is_map(const json_t *value)
{
    return json_is_object(value) || json_is_null(value);
}

/* What is below the host or its path cannot be read. */
static void hold(struct reading *reading, struct view host, const char *path, const char *accepted)
{
    struct location location = {.word = multiports, .host = host, .path = view_str(path)};
    struct route route = begin_route(reading, multiports, location.path);
    refuse(reading, &route, multiports, strcmp(path, "/") ? location.path : host, accepted);
    add_hosts(reading, &location, NULL, &route);
}

static void read_multiports_path(struct reading *reading, struct view host, const char *path,
                                 const json_t *value)
{
    char port[32], dest[32], proto[32];
    if (!is_map(value)) {
        hold(reading, host, path, "a path has port, dest and proto below it");
        return;
    }
    struct location location = {.word = multiports, .host = host, .path = view_str(path)};
    location.port = scalar_of(value, "port", port);
    location.dest = scalar_of(value, "dest", dest);
    location.proto = scalar_of(value, "proto", proto);
    claim_location(reading, &location);
}

static void read_multiports_host(struct reading *reading, const char *host, const json_t *paths)
{
    json_t *object = (json_t *)(uintptr_t)paths; /* jansson's iterators take no const */
    struct view name = yes_no_trim(view_str(host));
    bool has_path = false;
    if (name.len == 0) {
        complain(reading, multiports, name, "it names no host");
        return;
    }
    if (!is_map(paths)) {
        hold(reading, name, "/", "a host has paths below it");
        return;
    }
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *key = json_object_iter_key(i);
        if (key[0] == '/') {
            has_path = true;
            read_multiports_path(reading, name, key, json_object_iter_value(i));
        } else {
            complain(reading, multiports, view_str(key),
                     "a path begins with /; other words are not followed");
        }
    }
    if (!has_path)
        read_multiports_path(reading, name, "/", json_null());
}

static json_t *parse_multiports(struct view text, char error[YAML_ERROR_BYTES])
{
    json_t *document = text.len <= YAML_BYTES_MAX
                           ? json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL)
                           : NULL;
    return document ? document : yaml_parse(text, error);
}

/* A mistake in it leaves all of it out. */
static void read_multiports(struct reading *reading, struct view text)
{
    char error[YAML_ERROR_BYTES] = "";
    json_t *document = parse_multiports(text, error);
    if (!document)
        claims_remark(reading->claims, "%s cannot be used: %s", multiports, error);
    else if (!json_is_object(document))
        claims_remark(reading->claims, "%s cannot be used: it has hosts with paths below them",
                      multiports);
    else
        for (void *i = json_object_iter(document); i; i = json_object_iter_next(document, i))
            read_multiports_host(reading, json_object_iter_key(i), json_object_iter_value(i));
    json_decref(document);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static void read_access(struct reading *reading)
{
    struct view access = find_trimmed(reading, "NETWORK_ACCESS");
    if (access.len == 0)
        access = yes_no_trim(view_str(reading->settings->network_access));
    reading->is_internal = access.len > 0 && !view_eq(access, VIEW("external"));
    if (reading->is_internal && !view_eq(access, VIEW("internal")))
        complain(reading, "NETWORK_ACCESS", access,
                 "internal or external is accepted; it is taken for internal");
}

void nginx_proxy_read(const struct statement_source *source, struct statement *statement)
{
    static const struct nginx_proxy_settings none = {0};
    struct reading reading = {.settings = source->nginx_proxy ? source->nginx_proxy : &none,
                              .source = source,
                              .claims = &statement->claims};
    struct view ports = find_trimmed(&reading, multiports);
    if (ports.len == 0 && find_trimmed(&reading, "VIRTUAL_HOST").len == 0)
        return;
    reading.claims->is_asked = true;
    choose_default_port(&reading);
    read_access(&reading);
    nginx_proxy_tls_read(source, reading.claims, &reading.wishes);
    if (ports.len > 0) /* its indents count */
        read_multiports(&reading, view_str(find(source, multiports)));
    else
        read_hosts(&reading);
    nginx_proxy_upstream_read(source, statement);
    nginx_proxy_acme_read(source, reading.claims);
    nginx_proxy_tls_tell_others(source, reading.claims);
}
