#include "discovery/consul/consul_agent.h"

#include <stdio.h>
#include <sys/un.h>

#include "discovery/net/fetch.h"
#include "lb/base/view.h"

static const struct scheme {
    const char *text;
    bool is_socket;
    bool has_tls;
    const char *port; /* where none is given */
} schemes[] = {
    {"http://", false, false, "80"},
    {"https://", false, true, "443"},
    {"consul://", false, false, "8500"},
    {"consul-tls://", false, true, "8501"},
    {"consul-unix://", true, false, ""},
    {"unix://", true, false, ""},
    {.text = "", false, false, .port = "8500"},
};

static const struct scheme *find_scheme(struct view text)
{
    for (size_t i = 0;; i++)
        if (view_starts_with(text, view_str(schemes[i].text)))
            return &schemes[i];
}

static bool parse_socket(struct view path, struct server_url *out, const char **problem)
{
    *problem = "the path of the socket must begin with /";
    if (path.len == 0 || path.ptr[0] != '/')
        return false;
    *problem = "the path of the socket is longer than 107 bytes";
    if (path.len >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return false;
    snprintf(out->socket_path, sizeof(out->socket_path), "%.*s", (int)path.len, path.ptr);
    snprintf(out->url, sizeof(out->url), "http://consul");
    return true;
}

/* Where the host ends: at its port's colon, or at the end; an IPv6 address stands in brackets. */
static size_t find_port(struct view rest)
{
    if (rest.len > 0 && rest.ptr[0] == '[') {
        const char *end = memchr(rest.ptr, ']', rest.len);
        return end ? (size_t)(end - rest.ptr) + 1 : 0;
    }
    const char *colon = memchr(rest.ptr, ':', rest.len);
    return colon ? (size_t)(colon - rest.ptr) : rest.len;
}

static bool is_host(struct view host)
{
    bool is_ipv6 = host.len > 0 && host.ptr[0] == '[';
    if (host.len == 0 || host.len > 255 || (is_ipv6 && host.len < 4))
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = view_lower_char(host.ptr[i]);
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!is_word && (c == '\0' || !strchr(is_ipv6 ? "[]:." : "-._", c)))
            return false;
    }
    return true;
}

static bool parse_place(struct view rest, const struct scheme *scheme, struct server_url *out,
                        const char **problem)
{
    uint64_t number;
    if (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    size_t host_len = rest.len > 0 ? find_port(rest) : 0;
    struct view host = view_of(rest.ptr, host_len), port = view_str(scheme->port);
    *problem = "the host is missing or holds characters that no host name has";
    if (!is_host(host))
        return false;
    *problem = "the port must be a number from 1 to 65535, and nothing may follow";
    if (rest.len > host_len) {
        if (rest.ptr[host_len] != ':')
            return false;
        port = view_skip(rest, host_len + 1);
    }
    if (!view_parse_u64(port, 65535, &number) || number == 0)
        return false;
    snprintf(out->url, sizeof(out->url), "http%s://%.*s:%u", scheme->has_tls ? "s" : "",
             (int)host.len, host.ptr, (unsigned)number);
    return true;
}

bool consul_agent_parse_url(const char *text, struct consul_agent *agent, const char **problem)
{
    struct server_url *out = &agent->server;
    struct view all = view_str(text);
    *out = (struct server_url){.text = ""};
    *problem = "it is too long";
    if (all.len >= SERVER_URL_BYTES / 2)
        return false;
    memcpy(out->text, text, all.len);
    const struct scheme *scheme = find_scheme(all);
    struct view rest = view_skip(all, strlen(scheme->text));
    *problem = "it begins with no scheme that is known";
    if (!scheme->is_socket && memmem(rest.ptr, rest.len, "://", 3))
        return false;
    return scheme->is_socket ? parse_socket(rest, out, problem)
                             : parse_place(rest, scheme, out, problem);
}

void consul_agent_demand_tls(struct consul_agent *agent)
{
    struct server_url *server = &agent->server;
    char rest[SERVER_URL_BYTES - sizeof("https://")];
    if (server->socket_path[0] != '\0' || !view_starts_with(view_str(server->url), VIEW("http://")))
        return;
    snprintf(rest, sizeof(rest), "%s", server->url + strlen("http://"));
    snprintf(server->url, sizeof(server->url), "https://%s", rest);
}

struct fetch_pool *consul_agent_open_pool(struct fetch_loop *loop, const struct consul_agent *agent)
{
    return fetch_pool_open_with(loop, &agent->server,
                                &(struct fetch_pool_options){.tls = agent->tls,
                                                             .token = {.header = "X-Consul-Token",
                                                                       .token = agent->token,
                                                                       .file = agent->token_file}});
}

void consul_agent_append_escaped(struct text *out, const char *name)
{
    for (; *name != '\0'; name++) {
        char c = view_lower_char(*name);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("-._~", c))
            text_append_char(out, *name);
        else
            text_appendf(out, "%%%02X", (unsigned char)*name);
    }
}
