#include "discovery/dialect/lb_sites.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/dialect/lb_site.h"
#include "discovery/dialect/misspelling.h"
#include "discovery/dialect/route_wishes.h"
#include "lb/base/yes_no.h"
#include "lb/base/edits.h"
#include "lb/base/memory.h"

#define CHECK_EDITS 1 /* lb.chek.path is meant as lb.check.path */

struct reading {
    struct claims *claims;
    struct lb_site sites[LB_SITES_MAX];
    size_t count;
};

/* ---- labels --------------------------------------------------------------------------------- */

/* Beside the options of routes and of services. */
static const struct word {
    const char *word;
    size_t offset;
    bool has_name; /* only there */
} words[] = {
    {"host", offsetof(struct lb_site, host), false},
    {"path", offsetof(struct lb_site, path), false},
    {"strip", offsetof(struct lb_site, strip), false},
    {"priority", offsetof(struct lb_site, priority), false},
    {"port", offsetof(struct lb_site, port), true},
    {"weight", offsetof(struct lb_site, weight), true}, /* lb.weight is the endpoint's */
    {"protocol", offsetof(struct lb_site, protocol), true},
    {"tls", offsetof(struct lb_site, tls), false},
    {"tcp", offsetof(struct lb_site, listeners.tcp), false},
    {"udp", offsetof(struct lb_site, listeners.udp), false},
    {"tcp.sni", offsetof(struct lb_site, listeners.server_names), false},
    {"tcp.alpn", offsetof(struct lb_site, listeners.alpns), false},
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
    return name.len > 0 && name.len <= LB_SITE_NAME_BYTES_MAX &&
           edits_between(name, other) > CHECK_EDITS;
}

/* tcp and udp are no names of services: what stands behind them belongs to them. */
static bool begins_with_kind(struct view text)
{
    struct view kind = view_cut(&text, '.');
    return view_eq(kind, VIEW("tcp")) || view_eq(kind, VIEW("udp"));
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
    if (view_find(*word, '.') >= 0 && !begins_with_kind(*word))
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
        return offsetof(struct lb_site, of_service.values) + of_service * sizeof(struct view);
    if (kind == ROUTE_OPTION_COUNT || (name.len == 0 && is_of_endpoint(kind)))
        return SIZE_MAX;
    return offsetof(struct lb_site, wishes.values) + kind * sizeof(struct view);
}

bool lb_sites_is_named(const char *label)
{
    struct view name, word;
    return split_label(view_str(label), &name, &word) && name.len > 0 &&
           find_place(name, word) != SIZE_MAX;
}

static struct lb_site *find_or_add(struct reading *reading, struct view name)
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
    reading->sites[reading->count] = (struct lb_site){.name = name};
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
    struct lb_site *site =
        kind < ROUTE_OPTION_COUNT ? find_or_add(reading, claims_keep(reading->claims, name)) : NULL;
    if (!site || site->misspelt.len > 0)
        return;
    site->misspelt = view_str(label);
    site->meant = kind;
}

/* lb.tcp.snl: the rule of lb.tcp may not be the one that is meant. */
static void read_of_listener(struct reading *reading, const char *label)
{
    struct view name, word;
    if (!split_label(view_str(label), &name, &word) || !begins_with_kind(word))
        return;
    bool of_udp = view_eq(view_cut(&word, '.'), VIEW("udp"));
    struct lb_site *site = lb_listeners_may_select(word)
                               ? find_or_add(reading, claims_keep(reading->claims, name))
                               : NULL;
    if (site && of_udp)
        site->listeners.misspelt_udp = view_str(label);
    else if (site)
        site->listeners.misspelt_tcp = view_str(label);
}

/* Where an empty value is no sign that nothing is meant. */
static bool is_closed_when_empty(struct view word)
{
    return route_wishes_keeps_out(route_option_parse(word)) || view_eq(word, VIEW("tcp.sni")) ||
           view_eq(word, VIEW("tcp.alpn"));
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
    if (place == SIZE_MAX) {
        read_misspelt(reading, label);
        read_of_listener(reading, label);
    }
    bool is_said = value.len > 0 || (place != SIZE_MAX && is_closed_when_empty(word));
    struct lb_site *site = place != SIZE_MAX && is_said ? find_or_add(reading, name) : NULL;
    if (site)
        memcpy((char *)site + place, &value, sizeof(value));
}

void lb_sites_read(const struct statement_source *source, struct claims *claims)
{
    json_t *labels = (json_t *)(uintptr_t)source->labels; /* jansson's iterators take no const */
    struct reading *reading = memory_new(sizeof(*reading));
    reading->claims = claims;
    for (void *i = json_object_iter(labels); i; i = json_object_iter_next(labels, i))
        read_label(reading, json_object_iter_key(i), json_string_value(json_object_iter_value(i)));
    for (size_t i = 0; i < reading->count; i++)
        lb_site_claim(&reading->sites[i], source, claims);
    free(reading);
}
