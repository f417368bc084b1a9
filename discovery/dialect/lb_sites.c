#include "discovery/dialect/lb_sites.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/dialect/site.h"
#include "lb/base/yes_no.h"
#include "lb/base/edits.h"
#include "lb/base/memory.h"

#define NAME_BYTES_MAX 64u
#define PRIORITY_MAX   1000000000u
#define PRIORITY_WORDS "a whole number from -1000000000 to 1000000000 is accepted"
#define CHECK_EDITS    1 /* lb.chek.path is meant as lb.check.path */

/* What was said of one site; borrowed from the labels. */
struct site {
    struct view name; /* empty: the container's own */
    struct view host, path, strip, priority, port;
};

struct reading {
    struct claims *claims;
    struct site sites[LB_SITES_MAX];
    size_t count;
};

/* ---- labels --------------------------------------------------------------------------------- */

static const struct word {
    const char *word;
    size_t offset;
    bool has_name; /* only there */
} words[] = {
    {"host", offsetof(struct site, host), false},
    {"path", offsetof(struct site, path), false},
    {"strip", offsetof(struct site, strip), false},
    {"priority", offsetof(struct site, priority), false},
    {"port", offsetof(struct site, port), true},
};

static bool is_name(struct view name)
{
    static const struct view other = {"check", 5};
    for (size_t i = 0; i < name.len; i++) {
        char c = view_lower_char(name.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return name.len > 0 && name.len <= NAME_BYTES_MAX && edits_between(name, other) > CHECK_EDITS;
}

/* lb.NAME.WORD or lb.WORD. NULL: it is none of them. */
static const struct word *parse_label(const char *label, struct view *name)
{
    struct view rest = view_str(label);
    *name = view_of("", 0);
    if (!view_starts_with(rest, VIEW("lb.")))
        return NULL;
    rest = view_skip(rest, 3);
    if (view_find(rest, '.') >= 0) {
        *name = view_cut(&rest, '.');
        if (!is_name(*name))
            return NULL;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (view_eq(rest, view_str(words[i].word)))
            return words[i].has_name && name->len == 0 ? NULL : &words[i];
    return NULL;
}

bool lb_sites_is_named(const char *label)
{
    struct view name;
    return parse_label(label, &name) && name.len > 0;
}

static struct site *find_or_add(struct reading *reading, struct view name)
{
    for (size_t i = 0; i < reading->count; i++)
        if (view_eq(reading->sites[i].name, name))
            return &reading->sites[i];
    if (reading->count == LB_SITES_MAX) {
        claims_remark(reading->claims,
                      "its labels name more than %u sites; put the others on another container",
                      LB_SITES_MAX);
        return NULL;
    }
    reading->sites[reading->count] = (struct site){.name = name};
    return &reading->sites[reading->count++];
}

static void read_label(struct reading *reading, const char *label, const char *text)
{
    struct view name, value = yes_no_trim(view_str(text));
    const struct word *word = parse_label(label, &name);
    struct site *site = word && value.len > 0 ? find_or_add(reading, name) : NULL;
    if (site)
        memcpy((char *)site + word->offset, &value, sizeof(value));
}

/* ---- claims --------------------------------------------------------------------------------- */

static bool is_route(const struct site *site)
{
    return site->host.len > 0 || site->path.len > 0;
}

/* Its route is held, if it has one. */
static void complain(struct reading *reading, const struct site *site, const char *word,
                     struct view value, const char *accepted, struct route *route)
{
    char label[NAME_BYTES_MAX + 16];
    snprintf(label, sizeof(label), "lb.%.*s%s%s", (int)site->name.len,
             site->name.len > 0 ? site->name.ptr : "", site->name.len > 0 ? "." : "", word);
    char *sentence = statement_complain(label, value, accepted);
    if (is_route(site))
        claims_hold(reading->claims, route, sentence, "its route");
    else
        claims_remark(reading->claims, "%s", sentence);
    free(sentence);
}

/* `part` is what is looked at, and nothing else of a route. */
static bool is_part_right(struct route part, struct text *problem)
{
    part.answer_status = CLAIMS_DENIED_STATUS;
    return route_check(&part, problem);
}

static void tell_path(struct reading *reading, const struct site *site, const char *problem,
                      struct route *route)
{
    struct text sentence = TEXT_INIT;
    text_appendf(&sentence, "lb.%.*s%spath: %s", (int)site->name.len, site->name.ptr,
                 site->name.len > 0 ? "." : "", problem);
    if (site->host.len > 0)
        claims_hold(reading->claims, route, text_str(&sentence),
                    "whatever no other route has of its host");
    else
        claims_remark(reading->claims, "%s", text_str(&sentence));
    text_fini(&sentence);
}

/* Of a host whose path cannot be read all is held that nobody else has. False: there is no host. */
static bool set_path(struct reading *reading, const struct site *site, struct route *route)
{
    struct text problem = TEXT_INIT;
    if (site->path.len > 0)
        route->path = site_read_path(reading->claims, site->path, ROUTE_PATH);
    route->yields = !is_part_right((struct route){.path = route->path}, &problem);
    if (route->yields) {
        tell_path(reading, site, text_str(&problem), route);
        route->path = (struct route_pattern){ROUTE_PATH, {"", 0}};
    }
    text_fini(&problem);
    return !route->yields || site->host.len > 0;
}

static void set_port(struct reading *reading, const struct site *site, struct claim_server *server,
                     struct route *route)
{
    uint64_t port = 0;
    server->port_from = "a label lb.NAME.port";
    if (site->port.len > 0 && (!view_parse_u64(site->port, 65535, &port) || port == 0)) {
        complain(reading, site, "port", site->port, "a number from 1 to 65535 is accepted", route);
        port = 0;
    }
    server->port = (uint16_t)port;
}

static void set_priority(struct reading *reading, const struct site *site, struct route *route)
{
    struct view digits = site->priority;
    bool is_negative = view_starts_with(digits, VIEW("-"));
    uint64_t value = 0;
    bool counts = is_negative || !route->yields; /* no path of others comes after it */
    if (is_negative)
        digits = view_skip(digits, 1);
    if (site->priority.len > 0 && !view_parse_u64(digits, PRIORITY_MAX, &value))
        complain(reading, site, "priority", site->priority, PRIORITY_WORDS, route);
    else if (counts)
        route->priority = is_negative ? -(int)value : (int)value;
}

/* The path itself, or another one. */
static void set_strip(struct reading *reading, const struct site *site, struct route *route)
{
    struct text problem = TEXT_INIT;
    enum yes_no answer = route->yields ? YES_NO_NO : yes_no_read(site->strip);
    bool is_path = site->strip.len > 0 && site->strip.ptr[0] == '/';
    bool is_good = site->strip.len == 0 || answer == YES_NO_NO ||
                   (is_path && is_part_right((struct route){.strip = site->strip}, &problem)) ||
                   (answer == YES_NO_YES && route->path.text.len > 0 &&
                    !route_kind_is_regex(route->path.kind));
    if (!is_good)
        complain(reading, site, "strip", site->strip,
                 "a path, false, or true beside a path that is no regular expression is accepted",
                 route);
    else if (is_path)
        route->strip = claims_keep(reading->claims, site->strip);
    else if (answer == YES_NO_YES)
        route->strip = route->path.text;
    text_fini(&problem);
}

static struct view keep_label(struct reading *reading, const struct site *site)
{
    struct text label = TEXT_INIT;
    text_append_str(&label, "lb.");
    text_append(&label, site->name);
    text_append_str(&label, site->name.len > 0 ? "." : "");
    text_append_str(&label, site->host.len > 0 ? "host" : "path");
    struct view kept = claims_keep(reading->claims, text_view(&label));
    text_fini(&label);
    return kept;
}

/* A host and its path, without a name between, are a site: all containers that claim it serve it. */
static void add_site(struct reading *reading, const struct site *site, struct view host,
                     const struct claim_server *server, struct route *route)
{
    struct route_pattern hosts[SITE_PATTERNS_MAX] = {route->host};
    struct claim_server of_site = *server;
    bool is_in = false;
    size_t count = host.len > 0 ? site_read_host(reading->claims, host, hosts) : 1;
    of_site.is_site = site->name.len == 0;
    if (of_site.is_site) {
        struct view name = host.len > 0 && host.ptr[0] == '~' ? host : hosts[0].text;
        of_site.service = claims_name_pool(reading->claims, name, site->path);
    }
    bool is_held = route->answer_status > 0;
    if (!is_held)
        route->service = of_site.service;
    for (size_t i = 0; i < count; i++) {
        route->host = hosts[i];
        is_in |= claims_add(reading->claims, route);
    }
    if (is_in && of_site.is_site && !is_held)
        claims_add_server(reading->claims, &of_site);
}

static void add_hosts(struct reading *reading, const struct site *site,
                      const struct claim_server *server, struct route *route)
{
    struct view rest = site->host;
    if (site->host.len == 0)
        add_site(reading, site, rest, server, route);
    while (rest.len > 0 && !claims_are_full(reading->claims)) {
        struct view host = yes_no_trim(view_cut(&rest, ','));
        if (host.len > 0)
            add_site(reading, site, host, server, route);
    }
}

static void claim_route(struct reading *reading, const struct site *site,
                        struct claim_server *server, struct route *route)
{
    reading->claims->is_asked = true;
    if (!set_path(reading, site, route))
        return;
    set_port(reading, site, server, route);
    set_priority(reading, site, route);
    set_strip(reading, site, route);
    add_hosts(reading, site, server, route);
    if (site->name.len > 0 && route->answer_status == 0)
        claims_add_server(reading->claims, server);
}

/* What belongs to a route has none here. */
static void claim_port(struct reading *reading, const struct site *site,
                       struct claim_server *server, struct route *route)
{
    set_port(reading, site, server, route);
    set_priority(reading, site, route);
    if (site->port.len == 0)
        complain(reading, site, "strip", site->strip, "it belongs to a host or a path", route);
    else if (server->port > 0 && site->name.len > 0)
        claims_add_server(reading->claims, server);
}

static void claim(struct reading *reading, const struct site *site)
{
    struct claim_server server = {.service = claims_keep(reading->claims, site->name),
                                  .protocol = "http"};
    struct route route = {.dialect = VIEW("lb"), .service = server.service};
    route.label = keep_label(reading, site);
    if (is_route(site))
        claim_route(reading, site, &server, &route);
    else
        claim_port(reading, site, &server, &route);
}

void lb_sites_read(const struct statement_source *source, struct claims *claims)
{
    json_t *labels = (json_t *)(uintptr_t)source->labels; /* jansson's iterators take no const */
    struct reading *reading = memory_new(sizeof(*reading));
    reading->claims = claims;
    for (void *i = json_object_iter(labels); i; i = json_object_iter_next(labels, i))
        read_label(reading, json_object_iter_key(i), json_string_value(json_object_iter_value(i)));
    for (size_t i = 0; i < reading->count; i++)
        claim(reading, &reading->sites[i]);
    free(reading);
}
