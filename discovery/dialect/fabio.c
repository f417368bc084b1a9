#include "discovery/dialect/fabio.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/port_words.h"
#include "discovery/dialect/registrator.h"
#include "discovery/dialect/registrator_ports.h"
#include "discovery/dialect/site.h"
#include "lb/base/yes_no.h"
#include "lb/base/cidr.h"

#define RANGES_MAX  16u
#define SHOWN_BYTES 80

struct reading {
    struct claims *claims;
    struct view tag;
    struct route route;
    struct claim_server server;
    struct view allowed[RANGES_MAX];
    size_t allowed_count;
    struct route_condition denied[RANGES_MAX];
    unsigned denied_count;
    bool is_left_out;    /* it leads nowhere */
    const char *refused; /* why it is not served: it asks for a protection that lb does not have */
};

static void remark(const struct reading *reading, const char *what)
{
    char *shown = clean_copy(reading->tag, SHOWN_BYTES);
    claims_remark(reading->claims, "the tag \"%s\": %s", shown, what);
    free(shown);
}

/* ---- options -------------------------------------------------------------------------------- */

static void set_strip(struct reading *reading, struct view value)
{
    if (view_starts_with(reading->route.path.text, value))
        reading->route.strip = claims_keep(reading->claims, value);
    else
        remark(reading, "strip= is not followed: the path does not begin with it");
}

static void set_prepend(struct reading *reading, struct view value)
{
    reading->route.add = claims_keep(reading->claims, value);
}

static void set_proto(struct reading *reading, struct view value)
{
    if (view_eq(value, VIEW("http")))
        reading->server.protocol = "http";
    else if (view_eq(value, VIEW("https")))
        reading->server.protocol = "https";
    else if (view_eq(value, VIEW("grpc")))
        reading->server.protocol = "h2c";
    else
        reading->is_left_out = true;
    if (reading->is_left_out)
        remark(reading, "proto= is not supported: http, https or grpc is");
}

/* "ip:RANGE,ip:RANGE". */
static size_t read_ranges(struct reading *reading, struct view list, struct view *out)
{
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    size_t count = 0;
    while (list.ptr) {
        struct view item = yes_no_trim(view_cut(&list, ','));
        if (count == RANGES_MAX || !view_starts_with(item, VIEW("ip:")) ||
            !cidr_parse_masking(view_skip(item, 3), &cidr))
            return 0;
        out[count++] = claims_keep(reading->claims, view_str(cidr_format(&cidr, buffer)));
    }
    return count;
}

static void refuse(struct reading *reading, const char *what)
{
    if (!reading->refused)
        reading->refused = what;
    remark(reading, what);
}

static void set_allow(struct reading *reading, struct view value)
{
    reading->allowed_count = read_ranges(reading, value, reading->allowed);
    if (reading->allowed_count == 0)
        refuse(reading, "allow= takes up to 16 of ip:10.0.0.0/8; nothing is served");
}

static void set_deny(struct reading *reading, struct view value)
{
    struct view ranges[RANGES_MAX];
    size_t count = read_ranges(reading, value, ranges);
    if (count == 0)
        refuse(reading, "deny= takes up to 16 of ip:10.0.0.0/8; nothing is served");
    reading->denied_count = 0;
    for (size_t i = 0; i < count; i++)
        reading->denied[reading->denied_count++] =
            (struct route_condition){.kind = ROUTE_CLIENT, .is_not = true, .value = ranges[i]};
}

static void set_auth(struct reading *reading, struct view value)
{
    (void)value;
    refuse(reading, "auth= is not supported, and nothing is served without it");
}

static void set_redirect(struct reading *reading, struct view value)
{
    (void)value;
    refuse(reading, "redirect= is not supported, and nothing is served without it");
}

static void pass_over(struct reading *reading, struct view value)
{
    (void)value;
    remark(reading, "of its options one is not supported (weight, host, tlsskipverify, pxyproto)");
}

static void read_option(struct reading *reading, struct view option)
{
    static const struct {
        const char *word;
        void (*read)(struct reading *reading, struct view value);
    } options[] = {
        {"strip", set_strip},       {"prepend", set_prepend},     {"proto", set_proto},
        {"allow", set_allow},       {"deny", set_deny},           {"auth", set_auth},
        {"redirect", set_redirect}, {"weight", pass_over},        {"host", pass_over},
        {"pxyproto", pass_over},    {"tlsskipverify", pass_over},
    };
    struct view value = option, word = view_cut(&value, '=');
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (view_eq(word, view_str(options[i].word))) {
            options[i].read(reading, value);
            return;
        }
    remark(reading, "it has an option that fabio does not know");
}

/* ---- routes --------------------------------------------------------------------------------- */

/* HOST/PATH. */
static bool read_source(struct reading *reading, struct view source)
{
    ptrdiff_t slash = view_find(source, '/');
    const char *problem = NULL;
    struct route_pattern hosts[SITE_PATTERNS_MAX];
    if (view_find(source, '$') >= 0)
        problem = "what stands for fabio's own environment is not supported";
    else if (view_starts_with(source, VIEW(":")))
        problem = "TCP is not supported by tags";
    else if (slash < 0)
        problem = "it has no / behind the host";
    if (problem) {
        remark(reading, problem);
        return false;
    }
    struct view host = view_of(source.ptr, (size_t)slash), path = view_skip(source, (size_t)slash);
    reading->route.path = (struct route_pattern){ROUTE_PATH_START, {"", 0}};
    if (path.len > 1)
        reading->route.path.text = claims_keep(reading->claims, path);
    if (host.len > 0 && host.ptr[0] != '~') {
        site_read_host(reading->claims, host, hosts);
        reading->route.host = hosts[0];
    }
    reading->route.service = claims_name_pool(reading->claims, reading->route.host.text, path);
    return true;
}

static void add_denying(struct reading *reading)
{
    struct route answer = reading->route;
    size_t size = reading->denied_count * sizeof(reading->denied[0]);
    struct route_condition *kept = claims_room(reading->claims, size);
    memcpy(kept, reading->denied, size);
    reading->route.conditions = kept;
    reading->route.condition_count = reading->denied_count;
    answer.service = view_of("", 0);
    answer.answer_status = CLAIMS_FORBIDDEN_STATUS;
    answer.why = VIEW("clients of a range in deny= are kept out");
    claims_add(reading->claims, &answer);
}

static void add(struct reading *reading)
{
    bool is_in;
    if (reading->refused) {
        reading->route.service = view_of("", 0);
        reading->route.why = view_str(reading->refused);
        reading->route.answer_status = CLAIMS_DENIED_STATUS;
        claims_add(reading->claims, &reading->route);
        return;
    }
    if (reading->denied_count > 0)
        add_denying(reading);
    if (reading->allowed_count > 0)
        is_in = claims_add_for_clients(reading->claims, &reading->route, reading->allowed,
                                       reading->allowed_count);
    else
        is_in = claims_add(reading->claims, &reading->route);
    reading->server.service = reading->route.service;
    if (is_in)
        claims_add_server(reading->claims, &reading->server);
}

void fabio_read_tag(struct claims *claims, struct view tag, uint16_t port, const char *from)
{
    static const struct view prefix = {"urlprefix-", 10};
    struct reading reading = {
        .claims = claims,
        .tag = tag,
        .server = {.port = port, .protocol = "http", .port_from = "the word SERVICE_<port>_TAGS"}};
    struct view rest = tag;
    if (!view_starts_with(tag, prefix))
        return;
    claims->is_asked = true;
    rest = view_skip(rest, prefix.len);
    reading.route.dialect = VIEW("fabio");
    reading.route.label = claims_keep(claims, view_str(from));
    if (!read_source(&reading, view_cut(&rest, ' ')))
        return;
    while (rest.ptr) {
        struct view option = view_cut(&rest, ' ');
        if (option.len > 0)
            read_option(&reading, option);
    }
    if (!reading.is_left_out)
        add(&reading);
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* Of the words for one port, or, 0, for all; they lead to `port`, 0: to whichever it is. */
static void read_tags(const struct statement_source *source, uint16_t word_port, uint16_t port,
                      struct claims *claims)
{
    char from[STATEMENT_FROM_BYTES];
    json_t *tags = registrator_ports_tags(source, word_port, from);
    for (size_t i = 0; i < json_array_size(tags); i++)
        fabio_read_tag(claims, view_str(json_string_value(json_array_get(tags, i))), port, from);
    json_decref(tags);
}

static bool is_ignored(const struct statement_source *source, uint16_t port)
{
    struct statement_of_port said = {0};
    registrator_read_port(source, port, &said);
    bool is_out = said.ignored_by[0] != '\0';
    statement_of_port_fini(&said);
    return is_out;
}

/* As registrator has it, each port has its own tags, or those for all. Where no port has any of its own,
 * and no two have names, they are for the one that lb chooses. */
void fabio_read(const struct statement_source *source, struct statement *statement)
{
    struct port_words tagged = {.count = 0}, all = {.count = 0};
    if (registrator_find(source, "SERVICE_IGNORE")[0] != '\0')
        return;
    port_words_add_named(&tagged, source, "TAGS");
    port_words_add_named(&all, source, "NAME");
    bool is_by_port = tagged.count > 0 || all.count > 1;
    if (tagged.count > 0)
        port_words_add_exposed(&all, source);
    port_words_add_named(&all, source, "TAGS");
    for (size_t i = 0; is_by_port && i < all.count; i++)
        if (!is_ignored(source, all.ports[i]))
            read_tags(source, port_words_has(&tagged, all.ports[i]) ? all.ports[i] : 0,
                      all.ports[i], &statement->claims);
    if (!is_by_port)
        read_tags(source, 0, 0, &statement->claims);
}
