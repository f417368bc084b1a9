#include "discovery/net/server_url.h"

#include <stdio.h>
#include <sys/un.h>

#include "lb/base/view.h"

static bool parse_unix(struct view path, struct server_url *out, const char **problem)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        *problem = "the path of the socket must begin with /";
        return false;
    }
    if (path.len >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        *problem = "the path of the socket is longer than 107 bytes";
        return false;
    }
    memcpy(out->socket_path, path.ptr, path.len);
    out->socket_path[path.len] = '\0';
    snprintf(out->url, sizeof(out->url), "http://docker");
    return true;
}

static bool parse_tcp(struct view rest, struct server_url *out, const char **problem)
{
    if (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    size_t colon = rest.len;
    while (colon > 0 && rest.ptr[colon - 1] != ':')
        colon--;
    uint64_t port;
    *problem = "the port must be a number from 1 to 65535";
    if (colon == 0 || !view_parse_u64(view_skip(rest, colon), 65535, &port) || port == 0)
        return false;
    struct view host = view_of(rest.ptr, colon - 1);
    *problem = "the host is missing or holds characters that no host name has";
    if (host.len == 0)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = view_lower_char(host.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("-._[]:", c))
            return false;
    }
    snprintf(out->url, sizeof(out->url), "http://%.*s", (int)rest.len, rest.ptr);
    return true;
}

bool server_url_parse(const char *text, struct server_url *out, const char **problem)
{
    *out = (struct server_url){.text = ""};
    struct view v = view_str(text);
    if (v.len >= SERVER_URL_BYTES - sizeof("http://")) {
        *problem = "it is too long";
        return false;
    }
    memcpy(out->text, text, v.len);
    if (view_starts_with(v, VIEW("unix://")))
        return parse_unix(view_skip(v, 7), out, problem);
    if (view_starts_with(v, VIEW("tcp://")))
        return parse_tcp(view_skip(v, 6), out, problem);
    if (view_starts_with(v, VIEW("http://")))
        return parse_tcp(view_skip(v, 7), out, problem);
    *problem = "it begins with no scheme that is known";
    return false;
}
