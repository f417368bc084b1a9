#include "discovery/dialect/lb_site.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/certificate_names.h"
#include "discovery/dialect/site.h"
#include "discovery/field.h"
#include "discovery/dialect/statement.h"
#include "lb/base/yes_no.h"
#include "lb/contract/route_check.h"

#define PRIORITY_MAX   1000000000u
#define PRIORITY_WORDS "a whole number from -1000000000 to 1000000000 is accepted"
#define LABEL_BYTES    (LB_SITE_NAME_BYTES_MAX + 32)
#define SHOWN_BYTES    64

static bool is_route(const struct lb_site *site)
{
    return site->host.len > 0 || site->path.len > 0;
}

/* `lb.NAME.word` */
static const char *write_label(const struct lb_site *site, const char *word,
                               char label[LABEL_BYTES])
{
    snprintf(label, LABEL_BYTES, "lb.%.*s%s%s", (int)site->name.len,
             site->name.len > 0 ? site->name.ptr : "", site->name.len > 0 ? "." : "", word);
    return label;
}

/* Its route is held, if it has one. */
static void complain(struct claims *claims, const struct lb_site *site, const char *word,
                     struct view value, const char *accepted, struct route *route)
{
    char label[LABEL_BYTES];
    char *sentence = statement_complain(write_label(site, word, label), value, accepted);
    if (is_route(site))
        claims_hold(claims, route, sentence, "its route");
    else
        claims_remark(claims, "%s", sentence);
    free(sentence);
}

/* `part` is what is looked at, and nothing else of a route. */
static bool is_part_right(struct route part, struct text *problem)
{
    part.answer_status = CLAIMS_DENIED_STATUS;
    return route_check(&part, problem);
}

static void tell_path(struct claims *claims, const struct lb_site *site, const char *problem,
                      struct route *route)
{
    struct text sentence = TEXT_INIT;
    text_appendf(&sentence, "lb.%.*s%spath: %s", (int)site->name.len, site->name.ptr,
                 site->name.len > 0 ? "." : "", problem);
    if (site->host.len > 0)
        claims_hold(claims, route, text_str(&sentence), "whatever no other route has of its host");
    else
        claims_remark(claims, "%s", text_str(&sentence));
    text_fini(&sentence);
}

/* Of a host whose path cannot be read all is held that nobody else has. False: there is no host. */
static bool set_path(struct claims *claims, const struct lb_site *site, struct route *route)
{
    struct text problem = TEXT_INIT;
    if (site->path.len > 0)
        route->path = site_read_path(claims, site->path, ROUTE_PATH);
    route->yields = !is_part_right((struct route){.path = route->path}, &problem);
    if (route->yields) {
        tell_path(claims, site, text_str(&problem), route);
        route->path = (struct route_pattern){ROUTE_PATH, {"", 0}};
    }
    text_fini(&problem);
    return !route->yields || site->host.len > 0;
}

static void set_port(struct claims *claims, const struct lb_site *site, struct claim_server *server,
                     struct route *route)
{
    uint64_t port = 0;
    server->port_from = "a label lb.NAME.port";
    if (site->port.len > 0 && (!view_parse_u64(site->port, 65535, &port) || port == 0)) {
        complain(claims, site, "port", site->port, "a number from 1 to 65535 is accepted", route);
        port = 0;
    }
    server->port = (uint16_t)port;
}

static void set_protocol(struct claims *claims, const struct lb_site *site,
                         struct claim_server *server, struct route *route)
{
    const char *protocol =
        site->protocol.len > 0 ? claims_find_protocol(site->protocol) : server->protocol;
    if (protocol && (!is_route(site) || claims_is_of_sites(protocol)))
        server->protocol = protocol;
    else
        complain(claims, site, "protocol", site->protocol,
                 is_route(site) ? CLAIMS_SITE_PROTOCOLS_ACCEPTED : CLAIMS_PROTOCOLS_ACCEPTED,
                 route);
}

static void set_priority(struct claims *claims, const struct lb_site *site, struct route *route)
{
    struct view digits = site->priority;
    bool is_negative = view_starts_with(digits, VIEW("-"));
    uint64_t value = 0;
    bool counts = is_negative || !route->yields; /* no path of others comes after it */
    if (is_negative)
        digits = view_skip(digits, 1);
    if (site->priority.len > 0 && !view_parse_u64(digits, PRIORITY_MAX, &value))
        complain(claims, site, "priority", site->priority, PRIORITY_WORDS, route);
    else if (counts)
        route->priority = is_negative ? -(int)value : (int)value;
}

/* The path itself, or another one. */
static void set_strip(struct claims *claims, const struct lb_site *site, struct route *route)
{
    struct text problem = TEXT_INIT;
    enum yes_no answer = route->yields ? YES_NO_NO : yes_no_read(site->strip);
    bool is_path = site->strip.len > 0 && site->strip.ptr[0] == '/';
    bool is_good = site->strip.len == 0 || answer == YES_NO_NO ||
                   (is_path && is_part_right((struct route){.strip = site->strip}, &problem)) ||
                   (answer == YES_NO_YES && route->path.text.len > 0 &&
                    !route_kind_is_regex(route->path.kind));
    if (!is_good)
        complain(claims, site, "strip", site->strip,
                 "a path, false, or true beside a path that is no regular expression is accepted",
                 route);
    else if (is_path)
        route->strip = claims_keep(claims, site->strip);
    else if (answer == YES_NO_YES)
        route->strip = route->path.text;
    text_fini(&problem);
}

/* `"lb.rates" may mean lb.rate`. Gives: free it. */
static char *write_guess(const struct lb_site *site)
{
    char label[LABEL_BYTES], *shown = clean_copy(site->misspelt, SHOWN_BYTES);
    struct text sentence = TEXT_INIT;
    text_appendf(&sentence, "\"%s\" may mean %s", shown,
                 write_label(site, route_option_word(site->meant), label));
    free(shown);
    return sentence.bytes;
}

static void set_options(struct claims *claims, const struct lb_site *site, struct route *route)
{
    char prefix[LABEL_BYTES], *guess = site->misspelt.len > 0 ? write_guess(site) : NULL;
    if (guess)
        claims_hold(claims, route, guess, "its route");
    free(guess);
    route_wishes_take(&site->wishes, write_label(site, "", prefix), claims, route);
}

static struct view keep_label(struct claims *claims, const struct lb_site *site)
{
    struct text label = TEXT_INIT;
    text_append_str(&label, "lb.");
    text_append(&label, site->name);
    text_append_str(&label, site->name.len > 0 ? "." : "");
    text_append_str(&label, site->host.len > 0 ? "host" : "path");
    struct view kept = claims_keep(claims, text_view(&label));
    text_fini(&label);
    return kept;
}

/* A host and its path, without a name between, are a site: all containers that claim it serve it. */
static void add_site(struct claims *claims, const struct lb_site *site, struct view host,
                     const struct claim_server *server, struct route *route)
{
    struct route_pattern hosts[SITE_PATTERNS_MAX] = {route->host};
    struct claim_server of_site = *server;
    bool is_in = false;
    size_t count = host.len > 0 ? site_read_host(claims, host, hosts) : 1;
    of_site.is_site = site->name.len == 0;
    if (of_site.is_site) {
        struct view name = host.len > 0 && host.ptr[0] == '~' ? host : hosts[0].text;
        of_site.service = claims_name_pool(claims, name, site->path);
    }
    bool is_held = route->answer_status > 0;
    if (!is_held)
        route->service = of_site.service;
    for (size_t i = 0; i < count; i++) {
        route->host = hosts[i];
        is_in |= claims_add(claims, route);
    }
    if (is_in && of_site.is_site && !is_held)
        claims_add_server(claims, &of_site);
}

static void add_hosts(struct claims *claims, const struct lb_site *site,
                      const struct claim_server *server, struct route *route)
{
    struct view rest = site->host;
    if (site->host.len == 0)
        add_site(claims, site, rest, server, route);
    while (rest.len > 0 && !claims_are_full(claims)) {
        struct view host = yes_no_trim(view_cut(&rest, ','));
        if (host.len > 0)
            add_site(claims, site, host, server, route);
    }
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* False: none is to be ordered. */
static bool wants_certificate(struct claims *claims, const struct lb_site *site,
                              const struct route *route)
{
    char label[LABEL_BYTES];
    if (site->tls.len == 0 || yes_no_read(site->tls) == YES_NO_NO)
        return false;
    if (view_eq_nocase(site->tls, VIEW("auto")))
        return route->answer_status == 0;
    statement_remark(claims, write_label(site, "tls", label), site->tls,
                     "auto, or off, is accepted; lb.certificate names a file");
    return false;
}

/* For the hosts of its own routes, which came behind `route_count` others; a site without a name, and
 * without a host, means whatever hosts the container has. */
static void claim_certificate(struct claims *claims, const struct lb_site *site,
                              const struct route *route, size_t route_count)
{
    char label[LABEL_BYTES];
    if (!wants_certificate(claims, site, route))
        return;
    struct certificate_names names = {.claims = claims, .word = write_label(site, "tls", label)};
    struct certificate_wish wish = {.dialect = VIEW("lb"),
                                    .label = claims_keep(claims, view_str(label))};
    if (site->host.len == 0 && site->name.len == 0) {
        claims->certified_by = wish.label;
        return;
    }
    certificate_names_add_routes(&names, claims->routes + route_count,
                                 claims->route_count - route_count);
    if (names.count == 0)
        claims_remark(claims, "%s=auto: no host is named that a certificate could be for", label);
    certificate_names_wish(&names, &wish);
}

static void claim_route(struct claims *claims, const struct lb_site *site,
                        struct claim_server *server, struct route *route)
{
    claims->is_asked = true;
    if (!set_path(claims, site, route))
        return;
    set_port(claims, site, server, route);
    set_protocol(claims, site, server, route);
    set_priority(claims, site, route);
    set_strip(claims, site, route);
    set_options(claims, site, route);
    add_hosts(claims, site, server, route);
    if (site->name.len > 0 && route->answer_status == 0)
        claims_add_server(claims, server);
}

/* What keeps others out would do nothing here, so that the container is not served. */
static void claim_options(struct claims *claims, const struct lb_site *site)
{
    enum route_option_kind kind = route_wishes_first(&site->wishes);
    char label[LABEL_BYTES], host[LABEL_BYTES], path[LABEL_BYTES], *guess = NULL;
    struct text sentence = TEXT_INIT;
    if (site->misspelt.len > 0)
        kind = site->meant;
    if (kind == ROUTE_OPTION_COUNT)
        return;
    if (site->misspelt.len > 0)
        guess = write_guess(site);
    text_appendf(&sentence, "%s%s belongs to a host or a path, and neither %s nor %s is given",
                 guess ? guess : "",
                 guess ? ", which" : write_label(site, route_option_word(kind), label),
                 write_label(site, "host", host), write_label(site, "path", path));
    if (route_wishes_is_needed(kind))
        claims_fail(claims, text_str(&sentence));
    else
        claims_remark(claims, "%s", text_str(&sentence));
    text_fini(&sentence);
    free(guess);
}

/* What belongs to a route has none here. */
static void claim_port(struct claims *claims, const struct lb_site *site,
                       struct claim_server *server, struct route *route)
{
    set_port(claims, site, server, route);
    set_protocol(claims, site, server, route);
    set_priority(claims, site, route);
    claim_options(claims, site);
    if (site->strip.len > 0)
        complain(claims, site, "strip", site->strip, "it belongs to a host or a path", route);
    bool is_for_listeners = site->listeners.tcp.len > 0 || site->listeners.udp.len > 0;
    if (server->port > 0 && site->name.len > 0 && (!is_for_listeners || site->protocol.len > 0))
        claims_add_server(claims, server);
}

/* Without a name they are for all services of the container but those that have one. */
static void ask_service(struct claims *claims, const struct lb_site *site)
{
    char prefix[LABEL_BYTES];
    struct claim_wish *wish = claims_find_wish(claims, site->name);
    write_label(site, "", prefix);
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT && wish; kind++)
        if (site->of_service.values[kind].len > 0)
            claims_ask(claims, wish, (enum service_option_kind)kind, site->of_service.values[kind],
                       prefix);
    if (wish && site->weight.len > 0)
        claims_weigh(claims, wish, site->weight, site->name.len > 0 ? prefix : "lb.service.");
    if (wish)
        wish->is_alone = site->name.len > 0;
}

/* lb.port and lb.protocol are of the container, and read by others. */
static void claim_listeners(struct claims *claims, const struct lb_site *site,
                            const struct statement_source *source)
{
    bool is_own = site->name.len == 0;
    struct view protocol = site->protocol, port = site->port;
    if (is_own) {
        port = yes_no_trim(view_str(field_str(source->labels, "lb.port")));
        protocol = yes_no_trim(view_str(field_str(source->labels, "lb.protocol")));
    }
    const char *spoken = claims_find_protocol(protocol);
    struct lb_listeners_owner owner = {.name = site->name,
                                       .port = port,
                                       .has_site = is_route(site) ||
                                                   (spoken && claims_is_of_sites(spoken))};
    lb_listeners_claim(&site->listeners, &owner, source, claims);
}

void lb_site_claim(const struct lb_site *site, const struct statement_source *source,
                   struct claims *claims)
{
    struct claim_server server = {.service = claims_keep(claims, site->name), .protocol = "http"};
    struct route route = {.dialect = VIEW("lb"), .service = server.service};
    size_t route_count = claims->route_count;
    route.label = keep_label(claims, site);
    ask_service(claims, site);
    claim_listeners(claims, site, source);
    if (is_route(site))
        claim_route(claims, site, &server, &route);
    else
        claim_port(claims, site, &server, &route);
    claim_certificate(claims, site, &route, route_count);
}
