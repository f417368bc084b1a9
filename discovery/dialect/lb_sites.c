#include "discovery/dialect/lb_sites.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/misspelling.h"
#include "discovery/dialect/route_wishes.h"
#include "discovery/dialect/site.h"
#include "lb/base/yes_no.h"
#include "lb/base/edits.h"
#include "lb/base/memory.h"
#include "lb/contract/route_check.h"

#define NAME_BYTES_MAX 64u
#define PRIORITY_MAX   1000000000u
#define PRIORITY_WORDS "a whole number from -1000000000 to 1000000000 is accepted"
#define LABEL_BYTES    (NAME_BYTES_MAX + 32)
#define SHOWN_BYTES    64
#define CHECK_EDITS    1 /* lb.chek.path is meant as lb.check.path */

/* What was said of one site; borrowed from the labels. */
struct site {
    struct view name; /* empty: the container's own */
    struct view host, path, strip, priority, port, weight, protocol;
    struct route_wishes wishes;
    struct service_options of_service;
    struct view misspelt; /* a label that may mean an option it is not served without; or empty */
    enum route_option_kind meant; /* by that */
};

struct reading {
    struct claims *claims;
    struct site sites[LB_SITES_MAX];
    size_t count;
};

/* ---- labels --------------------------------------------------------------------------------- */

/* Beside the options of routes and of services. */
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
    {"weight", offsetof(struct site, weight), true}, /* lb.weight is the endpoint's */
    {"protocol", offsetof(struct site, protocol), true},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

const char *lb_sites_word_at(size_t index)
{
    if (index < WORD_COUNT)
        return words[index].word;
    index -= WORD_COUNT;
    if (index < ROUTE_OPTION_COUNT)
        return route_option_word((enum route_option_kind)index);
    index -= ROUTE_OPTION_COUNT;
    return index < SERVICE_OPTION_COUNT ? service_option_word((enum service_option_kind)index)
                                        : NULL;
}

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

/* Without a name they are deadlines of the container, whichever way its requests come. */
static bool is_of_endpoint(enum route_option_kind kind)
{
    return kind == ROUTE_OPTION_RESPONSE_TIMEOUT || kind == ROUTE_OPTION_BODY_TIMEOUT ||
           kind == ROUTE_OPTION_STREAM_TIMEOUT;
}

/* lb.NAME.WORD or lb.WORD, whatever the words are. False: it is neither. */
static bool split_label(struct view label, struct view *name, struct view *word)
{
    *name = view_of("", 0);
    if (!view_starts_with(label, VIEW("lb.")))
        return false;
    *word = view_skip(label, 3);
    if (view_find(*word, '.') >= 0)
        *name = view_cut(word, '.');
    return name->len == 0 ? word->len > 0 && word->ptr[0] != '.' : is_name(*name);
}

/* Where its value goes; SIZE_MAX: it is no word of a site. */
static size_t find_place(struct view name, struct view word)
{
    enum route_option_kind kind = route_option_parse(word);
    enum service_option_kind of_service = service_option_parse(word);
    for (size_t i = 0; i < WORD_COUNT; i++)
        if (view_eq(word, view_str(words[i].word)))
            return words[i].has_name && name.len == 0 ? SIZE_MAX : words[i].offset;
    if (of_service < SERVICE_OPTION_COUNT)
        return offsetof(struct site, of_service.values) + of_service * sizeof(struct view);
    if (kind == ROUTE_OPTION_COUNT || (name.len == 0 && is_of_endpoint(kind)))
        return SIZE_MAX;
    return offsetof(struct site, wishes.values) + kind * sizeof(struct view);
}

bool lb_sites_is_named(const char *label)
{
    struct view name, word;
    return split_label(view_str(label), &name, &word) && name.len > 0 &&
           find_place(name, word) != SIZE_MAX;
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

/* The option that a label, which is none, may mean, and that its site is not served without. */
static enum route_option_kind guess(const char *label, char buffer[MISSPELLING_WORD_BYTES],
                                    struct view *name)
{
    bool has_dot;
    struct view word, meant = misspelling_normalise(label, buffer, &has_dot);
    if (!split_label(meant, name, &word))
        return ROUTE_OPTION_COUNT;
    return has_dot ? route_wishes_guess(word) : route_wishes_guess_near(word);
}

static void read_misspelt(struct reading *reading, const char *label)
{
    char buffer[MISSPELLING_WORD_BYTES];
    struct view name;
    enum route_option_kind kind = guess(label, buffer, &name);
    struct site *site =
        kind < ROUTE_OPTION_COUNT ? find_or_add(reading, claims_keep(reading->claims, name)) : NULL;
    if (!site || site->misspelt.len > 0)
        return;
    site->misspelt = view_str(label);
    site->meant = kind;
}

/* lb.service.weight is of the service that the container has without a name. */
static bool is_of_unnamed(struct view name, struct view word)
{
    return view_eq(name, VIEW("service")) && view_eq(word, VIEW("weight"));
}

static void read_label(struct reading *reading, const char *label, const char *text)
{
    struct view name, word, value = yes_no_trim(view_str(text));
    size_t place = split_label(view_str(label), &name, &word) ? find_place(name, word) : SIZE_MAX;
    if (place != SIZE_MAX && is_of_unnamed(name, word))
        name = view_of("", 0);
    if (place == SIZE_MAX)
        read_misspelt(reading, label);
    struct site *site = place != SIZE_MAX && value.len > 0 ? find_or_add(reading, name) : NULL;
    if (site)
        memcpy((char *)site + place, &value, sizeof(value));
}

/* ---- claims --------------------------------------------------------------------------------- */

static bool is_route(const struct site *site)
{
    return site->host.len > 0 || site->path.len > 0;
}

/* `lb.NAME.word` */
static const char *write_label(const struct site *site, const char *word, char label[LABEL_BYTES])
{
    snprintf(label, LABEL_BYTES, "lb.%.*s%s%s", (int)site->name.len,
             site->name.len > 0 ? site->name.ptr : "", site->name.len > 0 ? "." : "", word);
    return label;
}

/* Its route is held, if it has one. */
static void complain(struct reading *reading, const struct site *site, const char *word,
                     struct view value, const char *accepted, struct route *route)
{
    char label[LABEL_BYTES];
    char *sentence = statement_complain(write_label(site, word, label), value, accepted);
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

static void set_protocol(struct reading *reading, const struct site *site,
                         struct claim_server *server, struct route *route)
{
    const char *protocol =
        site->protocol.len > 0 ? claims_find_protocol(site->protocol) : server->protocol;
    if (protocol)
        server->protocol = protocol;
    else
        complain(reading, site, "protocol", site->protocol, CLAIMS_PROTOCOLS_ACCEPTED, route);
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

/* `"lb.rates" may mean lb.rate`. Gives: free it. */
static char *write_guess(const struct site *site)
{
    char label[LABEL_BYTES], *shown = clean_copy(site->misspelt, SHOWN_BYTES);
    struct text sentence = TEXT_INIT;
    text_appendf(&sentence, "\"%s\" may mean %s", shown,
                 write_label(site, route_option_word(site->meant), label));
    free(shown);
    return sentence.bytes;
}

static void set_options(struct reading *reading, const struct site *site, struct route *route)
{
    char prefix[LABEL_BYTES], *guess = site->misspelt.len > 0 ? write_guess(site) : NULL;
    if (guess)
        claims_hold(reading->claims, route, guess, "its route");
    free(guess);
    route_wishes_take(&site->wishes, write_label(site, "", prefix), reading->claims, route);
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
    set_protocol(reading, site, server, route);
    set_priority(reading, site, route);
    set_strip(reading, site, route);
    set_options(reading, site, route);
    add_hosts(reading, site, server, route);
    if (site->name.len > 0 && route->answer_status == 0)
        claims_add_server(reading->claims, server);
}

/* What keeps others out would do nothing here, so that the container is not served. */
static void claim_options(struct reading *reading, const struct site *site)
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
        claims_fail(reading->claims, text_str(&sentence));
    else
        claims_remark(reading->claims, "%s", text_str(&sentence));
    text_fini(&sentence);
    free(guess);
}

/* What belongs to a route has none here. */
static void claim_port(struct reading *reading, const struct site *site,
                       struct claim_server *server, struct route *route)
{
    set_port(reading, site, server, route);
    set_protocol(reading, site, server, route);
    set_priority(reading, site, route);
    claim_options(reading, site);
    if (site->strip.len > 0)
        complain(reading, site, "strip", site->strip, "it belongs to a host or a path", route);
    if (server->port > 0 && site->name.len > 0)
        claims_add_server(reading->claims, server);
}

/* Without a name they are for all services of the container but those that have one. */
static void ask_service(struct reading *reading, const struct site *site)
{
    char prefix[LABEL_BYTES];
    struct claim_wish *wish = claims_find_wish(reading->claims, site->name);
    write_label(site, "", prefix);
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT && wish; kind++)
        if (site->of_service.values[kind].len > 0)
            claims_ask(reading->claims, wish, (enum service_option_kind)kind,
                       site->of_service.values[kind], prefix);
    if (wish && site->weight.len > 0)
        claims_weigh(reading->claims, wish, site->weight,
                     site->name.len > 0 ? prefix : "lb.service.");
    if (wish)
        wish->is_alone = site->name.len > 0;
}

static void claim(struct reading *reading, const struct site *site)
{
    struct claim_server server = {.service = claims_keep(reading->claims, site->name),
                                  .protocol = "http"};
    struct route route = {.dialect = VIEW("lb"), .service = server.service};
    route.label = keep_label(reading, site);
    ask_service(reading, site);
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
