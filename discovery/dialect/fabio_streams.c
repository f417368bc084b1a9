#include "discovery/dialect/fabio_streams.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/contract/host_name.h"

#define SHOWN_BYTES   80
#define PORT_OF_NAMES 443u

struct wishes {
    struct claims *claims;
    struct view tag;
    struct listener_rule rule;
    bool has_names;    /* tcp+sni */
    bool wants_client; /* pxyproto=true */
    bool is_refused;
};

static void remark(const struct wishes *wishes, const char *what)
{
    char *shown = clean_copy(wishes->tag, SHOWN_BYTES);
    claims_remark(wishes->claims, "the tag \"%s\": %s", shown, what);
    free(shown);
}

static bool refuse(struct wishes *wishes, const char *what)
{
    remark(wishes, what);
    wishes->is_refused = true;
    return false;
}

/* ---- the tag ------------------------------------------------------------------------------------ */

/* Whether it is one of those; the last proto= counts. */
static bool is_stream(struct view options, bool *has_names)
{
    bool is_there = false;
    while (options.ptr) {
        struct view value = view_cut(&options, ' '), word = view_cut(&value, '=');
        if (!view_eq(word, VIEW("proto")))
            continue;
        *has_names = view_eq(value, VIEW("tcp+sni"));
        is_there = *has_names || view_eq(value, VIEW("tcp"));
    }
    return is_there;
}

static bool parse_port(struct view text, uint16_t *out)
{
    uint64_t port;
    bool is_port = view_parse_u64(text, 65535, &port) && port > 0;
    if (is_port)
        *out = (uint16_t)port;
    return is_port;
}

static bool read_name(struct wishes *wishes, struct view host)
{
    struct host_pattern pattern;
    struct text problem = TEXT_INIT, name = TEXT_INIT;
    bool is_name = listener_rule_check_server_name(host, &problem) &&
                   host_name_parse(host, &pattern, &problem);
    if (!is_name)
        refuse(wishes, "its host is no name that a TLS client asks for; it is left out");
    else
        text_appendf(&name, "%s%s", pattern.form == HOST_SUFFIX ? "*" : "", pattern.text);
    wishes->rule.server_name = claims_keep(wishes->claims, text_view(&name));
    text_fini(&problem);
    text_fini(&name);
    return is_name;
}

/* ":3306", or "a.test/", "a.test:8443/". */
static bool read_source(struct wishes *wishes, struct view source)
{
    struct view path = source, port = view_cut(&path, '/'), host = view_cut(&port, ':');
    wishes->rule.port = PORT_OF_NAMES;
    if (path.len > 0)
        return refuse(wishes, "no connection has a path; it is left out");
    if (!wishes->has_names && (host.len > 0 || !port.ptr))
        return refuse(wishes, "proto=tcp takes :PORT, as urlprefix-:3306; it is left out");
    if (port.ptr && !parse_port(port, &wishes->rule.port))
        return refuse(wishes, "its port is no number from 1 to 65535; it is left out");
    return !wishes->has_names || read_name(wishes, host);
}

/* ---- its options -------------------------------------------------------------------------------- */

static void read_option(struct wishes *wishes, struct view option)
{
    struct view value = option, word = view_cut(&value, '=');
    if (word.len == 0 || view_eq(word, VIEW("proto")))
        return;
    if (view_eq(word, VIEW("pxyproto")))
        wishes->wants_client = view_eq(value, VIEW("true"));
    else if (view_eq(word, VIEW("allow")) || view_eq(word, VIEW("deny")))
        refuse(wishes, "allow= and deny= are not supported for connections; it is left out");
    else
        remark(wishes, "of its options one is not supported for connections");
}

/* As fabio has it, the text of version 1. */
static void ask_proxy_protocol(struct wishes *wishes)
{
    struct claim_wish *wish = claims_find_wish(wishes->claims, wishes->rule.service);
    if (wish)
        claims_ask(wishes->claims, wish, SERVICE_OPTION_PROXY_PROTOCOL, VIEW("v1"), "");
}

/* All containers with the same tag are one service: ":3306", "a.test:443". */
static struct view name_service(const struct wishes *wishes)
{
    struct text name = TEXT_INIT;
    text_append(&name, wishes->rule.server_name);
    text_appendf(&name, ":%u", wishes->rule.port);
    struct view kept = claims_name_pool(wishes->claims, text_view(&name), VIEW("/"));
    text_fini(&name);
    return kept;
}

bool fabio_streams_read(struct claims *claims, struct view tag, uint16_t port, const char *from)
{
    struct view rest = tag, source = view_cut(&rest, ' ');
    struct wishes wishes = {.claims = claims, .tag = tag};
    wishes.rule = (struct listener_rule){.kind = SERVICE_TCP, .dialect = VIEW("fabio")};
    if (!is_stream(rest, &wishes.has_names))
        return false;
    claims->asks_listener = true;
    if (!read_source(&wishes, source))
        return true;
    while (rest.ptr)
        read_option(&wishes, view_cut(&rest, ' '));
    if (wishes.is_refused)
        return true;
    wishes.rule.label = claims_keep(claims, view_str(from));
    wishes.rule.service = name_service(&wishes);
    if (wishes.wants_client)
        ask_proxy_protocol(&wishes);
    claims_add_server(claims, &(struct claim_server){.service = wishes.rule.service,
                                                     .port = port,
                                                     .protocol = "tcp",
                                                     .port_from = "the word SERVICE_<port>_TAGS"});
    claims_add_listener(claims, &(struct claim_listener){.rule = wishes.rule});
    return true;
}
