#include "appserver/request.h"

static int refuse(int status, const char *reason, const char **why)
{
    *why = reason;
    return status;
}

/* The next line without its end; false at the blank line that ends the head. */
static bool next_line(struct view *rest, struct view *line)
{
    *line = view_cut(rest, '\n');
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    return line->len > 0;
}

/* The path of origin-form and absolute-form targets (RFC 9112 § 3.2), without the query. */
static struct view path_of(struct view target)
{
    struct view path = target;
    struct view scheme = VIEW("http://");
    if (path.len >= scheme.len && view_eq_nocase(view_of(path.ptr, scheme.len), scheme)) {
        path = view_skip(path, scheme.len);
        while (path.len > 0 && path.ptr[0] != '/' && path.ptr[0] != '?')
            path = view_skip(path, 1);
        if (path.len == 0 || path.ptr[0] == '?')
            path = VIEW("/");
    }
    ptrdiff_t query = view_find(path, '?');
    if (query >= 0)
        path.len = (size_t)query;
    return path;
}

static int parse_start_line(struct view line, struct request *out, const char **why)
{
    out->method = view_cut(&line, ' ');
    out->target = view_cut(&line, ' ');
    out->path = path_of(out->target);
    out->http11 = view_eq(line, VIEW("HTTP/1.1"));
    out->head_only = view_eq(out->method, VIEW("HEAD"));
    if (!out->http11 && !view_eq(line, VIEW("HTTP/1.0")))
        return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here", why);
    if (view_eq(out->method, VIEW("CONNECT")))
        return refuse(501, "this server is no proxy", why);
    return 0;
}

static int parse_field(struct view line, struct request *out, unsigned *hosts, const char **why)
{
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return refuse(400, "a field is folded over several lines", why);
    if (line.ptr[0] == ':')
        return refuse(400, "a field has no name", why);
    struct view value = line;
    struct view name = view_cut(&value, ':');
    value = view_trim(value);
    if (view_eq_nocase(name, VIEW("host"))) {
        (*hosts)++;
    } else if (view_eq_nocase(name, VIEW("transfer-encoding"))) {
        if (!out->http11)
            return refuse(400, "Transfer-Encoding is not for HTTP/1.0", why);
        if (!view_eq_nocase(value, VIEW("chunked")))
            return refuse(501, "the only transfer coding known here is chunked", why);
        out->has_body = true;
    } else if (view_eq_nocase(name, VIEW("expect"))) {
        if (!view_eq_nocase(value, VIEW("100-continue")))
            return refuse(417, "the only expectation known here is 100-continue", why);
        out->expects_continue = out->http11;
    } else if (view_eq_nocase(name, VIEW("upgrade"))) {
        out->upgrade = value;
    } else if (view_eq_nocase(name, VIEW("sec-websocket-key"))) {
        out->websocket_key = value;
    } else if (view_eq_nocase(name, VIEW("sec-websocket-version"))) {
        out->websocket_version = value;
    } else {
        trace_take(&out->trace, name, value);
    }
    return 0;
}

int request_parse(struct view head, struct request *out, const char **why)
{
    *out = (struct request){0};
    while (head.len > 0 && (head.ptr[0] == '\r' || head.ptr[0] == '\n'))
        head = view_skip(head, 1);
    out->head = head;
    struct view rest = head;
    struct view line;
    next_line(&rest, &line);
    int status = parse_start_line(line, out, why);
    unsigned hosts = 0;
    while (status == 0 && next_line(&rest, &line))
        status = parse_field(line, out, &hosts, why);
    if (status == 0 && (hosts > 1 || (hosts == 0 && out->http11)))
        return refuse(400, "there must be exactly one Host field", why);
    return status;
}
