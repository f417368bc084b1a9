#include "discovery/dialect/lb_listeners.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/exposed.h"
#include "lb/base/edits.h"
#include "lb/base/yes_no.h"
#include "lb/contract/host_name.h"

#define LABEL_BYTES 128
#define NAMES_MAX   CLAIMS_LISTENERS_MAX
#define LEFT_OUT    "; that rule is left out"

#define ACCEPTED                                                                                   \
    "a port of lb's or the name of a listener, and behind it the container's own port where that " \
    "is another one, for example 10432:5432, is accepted" LEFT_OUT

struct reading {
    const struct lb_listeners_owner *owner;
    const struct statement_source *source;
    struct claims *claims;
    enum service_kind kind;
    char label[LABEL_BYTES]; /* lb.tcp, lb.NAME.udp */
    struct view server_names[NAMES_MAX];
    size_t server_name_count;
    struct view alpns[NAMES_MAX];
    size_t alpn_count;
};

bool lb_listeners_may_select(struct view word)
{
    static const char *const harmless[] = {"drain", "idle-timeout"};
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (edits_are_near(edits_between(word, view_str(harmless[i])), word))
            return false;
    return true;
}

/* ---- which connections ------------------------------------------------------------------------ */

/* In small letters, as ClientHellos are compared. */
static struct view keep_server_name(struct claims *claims, struct view name, struct text *problem)
{
    struct host_pattern pattern;
    struct text text = TEXT_INIT;
    if (!listener_rule_check_server_name(name, problem) ||
        !host_name_parse(name, &pattern, problem))
        return view_of("", 0);
    text_append_str(&text, pattern.form == HOST_SUFFIX ? "*" : "");
    text_append(&text, view_of(pattern.text, pattern.len));
    struct view kept = claims_keep(claims, text_view(&text));
    text_fini(&text);
    return kept;
}

static struct view keep_alpn(struct claims *claims, struct view alpn, struct text *problem)
{
    return listener_rule_check_alpn(alpn, problem) ? claims_keep(claims, alpn) : view_of("", 0);
}

/* False: something was meant, and nothing is left of it. What is no name is told. */
static bool read_list(struct reading *reading, const char *word, struct view list,
                      struct view (*keep)(struct claims *claims, struct view item,
                                          struct text *problem),
                      struct view out[NAMES_MAX], size_t *count)
{
    char label[LABEL_BYTES + 8];
    bool is_given = list.ptr != NULL;
    snprintf(label, sizeof(label), "%s.%s", reading->label, word);
    for (*count = 0; list.len > 0 && *count < NAMES_MAX;) {
        struct text problem = TEXT_INIT;
        struct view item = yes_no_trim(view_cut(&list, ','));
        out[*count] = item.len > 0 ? keep(reading->claims, item, &problem) : item;
        *count += out[*count].len > 0;
        if (problem.len > 0)
            statement_remark(reading->claims, label, item, text_str(&problem));
        text_fini(&problem);
    }
    if (is_given && *count == 0)
        claims_remark(reading->claims, "%s names nothing that can be used; %s is left out", label,
                      reading->label);
    return !is_given || *count > 0;
}

/* ---- the container's port --------------------------------------------------------------------- */

/* The port that labels name is that of the listener, unless it is for requests, or of the other kind, or
 * the container has ports of both numbers. */
static bool is_meant(const struct reading *reading, uint16_t own, uint16_t listener)
{
    const json_t *exposed = reading->source->exposed;
    bool of_udp = reading->kind == SERVICE_UDP;
    bool is_here = exposed_has(exposed, own, of_udp);
    if (own == 0 || reading->owner->has_site || (!is_here && exposed_has(exposed, own, !of_udp)))
        return false;
    return own == listener || !is_here || !exposed_has(exposed, listener, of_udp);
}

static void choose_port(const struct reading *reading, struct claim_listener *listener)
{
    bool of_udp = reading->kind == SERVICE_UDP;
    const json_t *exposed = reading->source->exposed;
    uint16_t lowest = exposed_find_lowest(exposed, of_udp);
    uint64_t own = 0;
    view_parse_u64(reading->owner->port, 65535, &own);
    if (is_meant(reading, (uint16_t)own, listener->rule.port)) {
        listener->port = (uint16_t)own;
        listener->port_from = "the label that names its port";
    } else if (exposed_has(exposed, listener->rule.port, of_udp)) {
        listener->port = listener->rule.port;
        listener->port_from = "that of its listener, which it exposes";
    } else {
        listener->port = lowest > 0 ? lowest : listener->rule.port;
        listener->port_from = lowest == 0 ? "that of its listener"
                              : of_udp    ? "the lowest of the UDP ports that it exposes"
                                          : "the lowest of the TCP ports that it exposes";
    }
}

/* ---- one listener ----------------------------------------------------------------------------- */

static bool parse_port(struct view text, uint16_t *out)
{
    uint64_t port;
    bool is_port = view_parse_u64(text, 65535, &port) && port > 0;
    *out = is_port ? (uint16_t)port : 0;
    return is_port;
}

static bool begins_with_digits_only(struct view text)
{
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9')
        i++;
    return i > 0 && (i == text.len || text.ptr[i] == '/');
}

/* As the operator calls it: neither a number nor an address, which it is not asked for by. */
static bool is_listener_name(struct view text)
{
    struct address address;
    return text.len <= LISTENER_RULE_NAME_BYTES_MAX && !begins_with_digits_only(text) &&
           !address_parse_ip(text, 0, &address) && view_find(text, ' ') < 0 &&
           clean_is_clean(text, LISTENER_RULE_NAME_BYTES_MAX);
}

/* LISTENER[:PORT]. False: it is none. */
static bool read_listener(struct reading *reading, struct view item, struct claim_listener *out)
{
    struct view port = item, name = yes_no_trim(view_cut(&port, ':'));
    if (!parse_port(name, &out->rule.port)) {
        if (name.len == 0 || !is_listener_name(name))
            return false;
        out->rule.listener = claims_keep(reading->claims, name);
    }
    if (!port.ptr) {
        choose_port(reading, out);
        return true;
    }
    out->port_from = reading->kind == SERVICE_UDP ? "the label lb.udp" : "the label lb.tcp";
    return parse_port(yes_no_trim(port), &out->port);
}

/* One rule for each name of a server and of ALPN; without any, one for all connections. */
static void add_rules(struct reading *reading, struct claim_listener *listener)
{
    size_t names = reading->server_name_count, alpns = reading->alpn_count;
    for (size_t i = 0; i < (names > 0 ? names : 1); i++)
        for (size_t k = 0; k < (alpns > 0 ? alpns : 1); k++) {
            if (names > 0)
                listener->rule.server_name = reading->server_names[i];
            if (alpns > 0)
                listener->rule.alpn = reading->alpns[k];
            claims_add_listener(reading->claims, listener);
        }
}

static void claim_one(struct reading *reading, struct view item)
{
    struct view label = claims_keep(reading->claims, view_str(reading->label));
    struct claim_listener listener = {
        .rule = {.kind = reading->kind, .dialect = VIEW("lb"), .label = label}};
    listener.rule.service = claims_keep(reading->claims, reading->owner->name);
    if (!read_listener(reading, item, &listener))
        statement_remark(reading->claims, reading->label, item, ACCEPTED);
    else if (listener.port == 0)
        statement_remark(reading->claims, reading->label, item,
                         "it exposes no such port; the listener, : and the container's own port is "
                         "accepted" LEFT_OUT);
    else
        add_rules(reading, &listener);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static bool is_hindered(struct reading *reading, struct view misspelt)
{
    uint64_t port;
    if (misspelt.len > 0) {
        char *shown = clean_copy(misspelt, 64);
        claims_remark(reading->claims,
                      "the label \"%s\" is not known, and may say which connections are meant; %s "
                      "is left out",
                      shown, reading->label);
        free(shown);
        return true;
    }
    return reading->owner->port.len > 0 &&
           !view_parse_u64(reading->owner->port, 65535, &port); /* it is told */
}

static void claim_list(struct reading *reading, struct view list, struct view misspelt)
{
    if (is_hindered(reading, misspelt))
        return;
    while (list.len > 0) {
        struct view item = yes_no_trim(view_cut(&list, ','));
        if (item.len > 0)
            claim_one(reading, item);
    }
}

static void begin(struct reading *reading, enum service_kind kind)
{
    struct view name = reading->owner->name;
    reading->kind = kind;
    reading->server_name_count = reading->alpn_count = 0;
    snprintf(reading->label, sizeof(reading->label), "lb.%.*s%s%s", (int)name.len,
             name.len > 0 ? name.ptr : "", name.len > 0 ? "." : "", service_kind_word(kind));
}

static void claim_tcp(struct reading *reading, const struct lb_listeners *listeners)
{
    begin(reading, SERVICE_TCP);
    if (listeners->tcp.len == 0) {
        if (listeners->server_names.ptr || listeners->alpns.ptr)
            claims_remark(reading->claims, "%s.%s belongs to %s, which is not given",
                          reading->label, listeners->server_names.ptr ? "sni" : "alpn",
                          reading->label);
        return;
    }
    bool is_good = read_list(reading, "sni", listeners->server_names, keep_server_name,
                             reading->server_names, &reading->server_name_count);
    is_good = read_list(reading, "alpn", listeners->alpns, keep_alpn, reading->alpns,
                        &reading->alpn_count) &&
              is_good;
    if (is_good)
        claim_list(reading, listeners->tcp, listeners->misspelt_tcp);
}

void lb_listeners_claim(const struct lb_listeners *listeners,
                        const struct lb_listeners_owner *owner,
                        const struct statement_source *source, struct claims *claims)
{
    struct reading reading = {.owner = owner, .source = source, .claims = claims};
    claims->asks_listener |= listeners->tcp.len > 0 || listeners->udp.len > 0;
    claim_tcp(&reading, listeners);
    begin(&reading, SERVICE_UDP);
    claim_list(&reading, listeners->udp, listeners->misspelt_udp);
}
