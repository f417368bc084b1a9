#include "lb/contract/listener_rule.h"

#include "lb/contract/host_name.h"

#define ACCEPTED_TCP                                                                               \
    "IP:PORT, and behind it /SERVER-NAME, #ALPN and =SERVICE where they are wanted, for example "  \
    "0.0.0.0:5432=db or 0.0.0.0:443/a.test=shop, is accepted"
#define ACCEPTED_UDP "IP:PORT and =SERVICE, for example 0.0.0.0:53=dns, is accepted"

static bool refuse(struct text *problem, const char *what, const char *accepted)
{
    text_append_str(problem, what);
    text_append_str(problem, "; ");
    text_append_str(problem, accepted);
    return false;
}

static bool is_port(struct view text, uint16_t *out)
{
    uint64_t value;
    if (!view_parse_u64(text, UINT16_MAX, &value))
        return false;
    *out = (uint16_t)value;
    return true;
}

/* What stands behind `mark`, if it is there, is cut off `*text`. */
static struct view cut_off(struct view *text, char mark)
{
    struct view rest = *text;
    struct view before = view_cut(&rest, mark);
    bool is_there = before.len < text->len;
    *text = before;
    return is_there ? rest : view_of(NULL, 0);
}

static bool read_address(struct view text, struct address *out)
{
    uint16_t port;
    bool has_no_host = text.len > 0 && text.ptr[0] == ':';
    if (is_port(has_no_host ? view_skip(text, 1) : text, &port))
        return address_parse_ip(VIEW("0.0.0.0"), port, out);
    return address_parse(text, out);
}

static bool is_service(struct view service)
{
    for (size_t i = 0; i < service.len; i++)
        if ((unsigned char)service.ptr[i] <= ' ' || service.ptr[i] == '\177')
            return false;
    return service.len > 0 && service.len <= LISTENER_RULE_NAME_BYTES_MAX;
}

bool listener_rule_parse(struct view text, enum service_kind kind, struct listener_rule *out,
                         struct text *problem)
{
    const char *accepted = kind == SERVICE_TCP ? ACCEPTED_TCP : ACCEPTED_UDP;
    struct view rest = text;
    *out = (struct listener_rule){.kind = kind};
    out->service = cut_off(&rest, '=');
    out->alpn = cut_off(&rest, '#');
    out->server_name = cut_off(&rest, '/');
    if (!read_address(rest, &out->at))
        return refuse(problem, "names no address to listen at", accepted);
    if (kind == SERVICE_UDP && (out->server_name.ptr || out->alpn.ptr))
        return refuse(problem, "asks for a name, which datagrams do not say", accepted);
    if (out->server_name.ptr && !listener_rule_check_server_name(out->server_name, problem))
        return false;
    if (out->alpn.ptr && !listener_rule_check_alpn(out->alpn, problem))
        return false;
    if ((out->service.ptr || out->server_name.ptr || out->alpn.ptr) && !is_service(out->service))
        return refuse(problem, "names no service behind its =", accepted);
    out->port = address_port(&out->at);
    return true;
}

void listener_rule_format(const struct listener_rule *rule, struct text *out)
{
    char at[ADDRESS_TEXT_BYTES];
    text_append_str(out, address_format(&rule->at, at));
    if (rule->server_name.len > 0) {
        text_append_char(out, '/');
        text_append(out, rule->server_name);
    }
    if (rule->alpn.len > 0) {
        text_append_char(out, '#');
        text_append(out, rule->alpn);
    }
    if (rule->service.len > 0) {
        text_append_char(out, '=');
        text_append(out, rule->service);
    }
}

/* ---- names ------------------------------------------------------------------------------------ */

/* An IP address, which no client says in its ClientHello (RFC 6066 § 3). */
static bool ends_in_number(struct view name)
{
    struct view label = name;
    while (name.ptr)
        label = view_cut(&name, '.');
    for (size_t i = 0; i < label.len; i++)
        if (label.ptr[i] < '0' || label.ptr[i] > '9')
            return false;
    return true;
}

bool listener_rule_check_server_name(struct view text, struct text *problem)
{
    struct host_pattern pattern;
    if (!host_name_parse(text, &pattern, problem))
        return false;
    if ((pattern.form == HOST_EXACT || pattern.form == HOST_SUFFIX) && !ends_in_number(text) &&
        view_find(text, ':') < 0)
        return true;
    text_append_str(problem,
                    "is no name that a TLS client asks for; a.test or *.a.test is accepted");
    return false;
}

bool listener_rule_check_alpn(struct view text, struct text *problem)
{
    bool is_good = text.len > 0 && text.len <= LISTENER_RULE_ALPN_BYTES_MAX;
    for (size_t i = 0; i < text.len; i++)
        is_good &=
            text.ptr[i] > ' ' && text.ptr[i] < '\177' && text.ptr[i] != '=' && text.ptr[i] != ',';
    if (!is_good)
        text_append_str(problem,
                        "is no protocol of ALPN; h2 or http/1.1, for example, is accepted");
    return is_good;
}

bool listener_rule_is_alike(const struct listener_rule *a, const struct listener_rule *b)
{
    return a->kind == b->kind && view_eq_nocase(a->server_name, b->server_name) &&
           view_eq(a->alpn, b->alpn);
}
