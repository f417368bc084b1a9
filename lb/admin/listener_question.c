#include "lb/admin/listener_question.h"

#include "lb/admin/paths.h"
#include "lb/base/shown.h"

static bool refuse(const struct listener_question *out, const char *fault, struct text *problem)
{
    text_append_str(problem, "url \"");
    shown_append(problem, text_view(&out->url));
    text_appendf(problem, "\": %s", fault);
    return false;
}

static struct view value_of(struct view query, struct view key)
{
    while (query.ptr) {
        struct view value = view_cut(&query, '&');
        if (view_eq(view_cut(&value, '='), key))
            return value;
    }
    return view_of(NULL, 0);
}

static bool take_scheme(struct view *rest, enum service_kind *kind)
{
    bool is_tcp = rest->len >= 6 && view_eq_nocase(view_of(rest->ptr, 6), VIEW("tcp://"));
    bool is_udp = rest->len >= 6 && view_eq_nocase(view_of(rest->ptr, 6), VIEW("udp://"));
    *kind = is_udp ? SERVICE_UDP : SERVICE_TCP;
    if (is_tcp || is_udp)
        *rest = view_skip(*rest, 6);
    return is_tcp || is_udp;
}

bool listener_question_is(struct view query)
{
    struct text url = TEXT_INIT;
    enum service_kind kind;
    bool is_one = paths_decode(value_of(query, VIEW("url")), &url);
    struct view rest = text_view(&url);
    is_one = is_one && take_scheme(&rest, &kind);
    text_fini(&url);
    return is_one;
}

/* What stands behind `mark`, if it is there, is cut off `*rest`. */
static struct view cut_off(struct view *rest, char mark)
{
    struct view behind = *rest, before = view_cut(&behind, mark);
    bool is_there = before.len < rest->len;
    *rest = before;
    return is_there ? behind : view_of(NULL, 0);
}

/* "IP:PORT", "NAME:PORT", ":PORT" or the port alone; leaves the host, without the brackets of an address. */
static bool take_port(struct view *host, uint16_t *port)
{
    uint64_t number;
    size_t end = host->len;
    while (end > 0 && host->ptr[end - 1] != ':')
        end--;
    if (!view_parse_u64(view_skip(*host, end), UINT16_MAX, &number) || number == 0)
        return false;
    host->len = end > 0 ? end - 1 : 0;
    if (host->len >= 2 && host->ptr[0] == '[' && host->ptr[host->len - 1] == ']')
        *host = view_of(host->ptr + 1, host->len - 2);
    *port = (uint16_t)number;
    return true;
}

static bool check_names(const struct listener_question *out, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_good = true;
    if (out->kind == SERVICE_UDP && (out->server_name.len > 0 || out->alpn.len > 0))
        return refuse(out, "asks for a name, which datagrams do not say; write udp://:PORT",
                      problem);
    if (out->server_name.len > 0 && out->server_name.ptr[0] == '*')
        return refuse(out, "asks for many names; write one, as in tcp://:443/a.test", problem);
    if (out->server_name.len > 0)
        is_good = listener_rule_check_server_name(out->server_name, &fault);
    if (is_good && out->alpn.len > 0)
        is_good = listener_rule_check_alpn(out->alpn, &fault);
    if (!is_good)
        refuse(out, text_str(&fault), problem);
    text_fini(&fault);
    return is_good;
}

static void lower(struct view name)
{
    for (size_t i = 0; i < name.len; i++)
        ((char *)(uintptr_t)name.ptr)[i] = view_lower_char(name.ptr[i]);
}

static bool take_url(struct listener_question *out, struct text *problem)
{
    struct view rest = text_view(&out->url);
    take_scheme(&rest, &out->kind);
    out->alpn = cut_off(&rest, '#');
    out->server_name = cut_off(&rest, '/');
    if (!take_port(&rest, &out->port))
        return refuse(out, "has no port; write tcp://:PORT, or tcp://:PORT/SERVER-NAME", problem);
    bool is_name = rest.len > 0 && !address_parse_ip(rest, out->port, &out->at);
    if (is_name && out->server_name.len > 0)
        return refuse(out, "begins with no IP address; write tcp://IP:PORT/SERVER-NAME", problem);
    if (is_name)
        out->server_name = rest;
    if (!check_names(out, problem))
        return false;
    lower(out->server_name);
    return true;
}

bool listener_question_read(struct listener_question *out, struct view query, struct text *problem)
{
    *out = (struct listener_question){.url = TEXT_INIT};
    paths_decode(value_of(query, VIEW("url")), &out->url);
    for (struct view rest = query; rest.ptr;) {
        struct view value = view_cut(&rest, '&'), key = view_cut(&value, '=');
        if (!view_eq(key, VIEW("url")))
            return refuse(out, "takes no method, header or client: these are of requests", problem);
    }
    return take_url(out, problem);
}

void listener_question_fini(struct listener_question *question)
{
    text_fini(&question->url);
}
