#include "acme/consul.h"

#include <stdio.h>
#include <stdlib.h>

#include "acme/disk.h"

#define TIMEOUT_MS 10000u
#define BYTES_MAX  ((size_t)64 << 20) /* of all values */

/* ---- where it is ----------------------------------------------------------------------------------------- */

static bool set_place(struct consul *consul, struct view url)
{
    static const struct {
        struct view scheme;
        const char *spoken, *port; /* where none is said; "": the scheme's */
    } schemes[] = {{VIEW("http://"), "http", ""},
                   {VIEW("https://"), "https", ""},
                   {VIEW("consul://"), "http", ":8500"},
                   {VIEW("consul-tls://"), "https", ":8501"},
                   {VIEW(""), "http", ":8500"}};
    size_t i = 0;
    while (!view_starts_with(url, schemes[i].scheme))
        i++;
    url = view_skip(url, schemes[i].scheme.len);
    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        url.len--;
    bool has_port = url.len > 0 && view_find(url, url.ptr[0] == '[' ? ']' : ':') >= 0 &&
                    (url.ptr[0] != '[' || url.ptr[url.len - 1] != ']');
    int len =
        snprintf(consul->url, sizeof(consul->url), "%s://%.*s%s/v1/", schemes[i].spoken,
                 (int)(url.len < 1024 ? url.len : 1024), url.ptr, has_port ? "" : schemes[i].port);
    for (size_t at = 0; at < url.len; at++)
        if (url.ptr[at] <= ' ' || url.ptr[at] > '~' || url.ptr[at] == '@')
            return false;
    return url.len > 0 && len > 0 && (size_t)len < sizeof(consul->url);
}

static bool set_url(struct consul *consul, const char *url)
{
    struct view text = view_str(url);
    bool is_socket = view_starts_with(text, VIEW("unix://"));
    if (is_socket || view_starts_with(text, VIEW("consul-unix://"))) {
        text = view_skip(text, is_socket ? 7 : 14);
        snprintf(consul->url, sizeof(consul->url), "http://consul/v1/");
        snprintf(consul->socket_path, sizeof(consul->socket_path), "%s", text.ptr);
        return text.len > 0 && text.len < sizeof(consul->socket_path) && text.ptr[0] == '/';
    }
    return set_place(consul, text);
}

static bool is_token(struct view token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
            return false;
    return token.len > 0 && token.len < CONSUL_TOKEN_BYTES;
}

static bool set_token(struct consul *consul, struct text *problem)
{
    struct text text = TEXT_INIT;
    const char *file = getenv("CONSUL_HTTP_TOKEN_FILE"), *token = getenv("CONSUL_HTTP_TOKEN");
    bool is_good = true;
    if (file && file[0]) {
        is_good = disk_read(file, CONSUL_TOKEN_BYTES, &text);
        while (text.len > 0 && text.bytes[text.len - 1] <= ' ')
            text.len--;
    } else if (token && token[0]) {
        text_append_str(&text, token);
    }
    is_good = is_good && (text.len == 0 ? !(file && file[0]) : is_token(text_view(&text)));
    if (is_good && text.len > 0)
        snprintf(consul->field, sizeof(consul->field), "X-Consul-Token: %.*s", (int)text.len,
                 text.bytes);
    if (!is_good)
        text_append_str(problem, "Consul's token cannot be read; look at CONSUL_HTTP_TOKEN and "
                                 "CONSUL_HTTP_TOKEN_FILE");
    if (text.bytes)
        explicit_bzero(text.bytes, text.len);
    text_fini(&text);
    return is_good;
}

bool consul_open(struct consul *consul, struct exchange *exchange, const char *url,
                 struct text *problem)
{
    const char *named = getenv("CONSUL_HTTP_ADDR"), *ca = getenv("CONSUL_CACERT");
    *consul = (struct consul){.exchange = exchange, .ca_file = ca && ca[0] ? ca : NULL};
    if (!url[0])
        url = named && named[0] ? named : CONSUL_DEFAULT_URL;
    if (!set_url(consul, url)) {
        text_append_str(problem, "that is no URL of a Consul agent; http://HOST:PORT, https://..., "
                                 "unix:///PATH or HOST:PORT is accepted");
        return false;
    }
    return set_token(consul, problem);
}

/* ---- requests ---------------------------------------------------------------------------------------------- */

static bool complain(const struct consul *consul, const char *why, struct trouble *trouble)
{
    char host[EXCHANGE_FIELD_BYTES];
    exchange_host(consul->url, host);
    trouble_say(trouble, exchange_is_stopped(consul->exchange) ? TROUBLE_STOPPED : TROUBLE_HERE,
                "Consul at %s: %.300s; look at the agent, and whether the token may write under "
                "lb/acme/ and make "
                "sessions",
                consul->socket_path[0] ? consul->socket_path : host, why);
    return false;
}

bool consul_ask(struct consul *consul, const char *method, const char *path, struct view body,
                struct exchange_answer *answer, struct trouble *trouble)
{
    char url[EXCHANGE_URL_BYTES + 512], why[64];
    struct text problem = TEXT_INIT;
    snprintf(url, sizeof(url), "%s%s", consul->url, path);
    struct exchange_request request = {.method = method,
                                       .url = url,
                                       .body = body,
                                       .field = consul->field[0] ? consul->field : NULL,
                                       .socket_path =
                                           consul->socket_path[0] ? consul->socket_path : NULL,
                                       .ca_file = consul->ca_file,
                                       .bytes_max = BYTES_MAX,
                                       .timeout_ms = TIMEOUT_MS,
                                       .is_direct = true};
    bool is_good = exchange_run(consul->exchange, &request, answer, &problem);
    if (!is_good)
        complain(consul, text_str(&problem), trouble);
    text_fini(&problem);
    if (!is_good || answer->status == 200 || answer->status == 404)
        return is_good;
    snprintf(why, sizeof(why), "it answers %u", answer->status);
    return complain(consul, why, trouble);
}

bool consul_ask_truth(struct consul *consul, const char *method, const char *path, struct view body,
                      bool *is_true, struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    bool is_good = consul_ask(consul, method, path, body, &answer, trouble);
    *is_true =
        is_good && answer.status == 200 && view_starts_with(text_view(&answer.body), VIEW("true"));
    exchange_answer_fini(&answer);
    return is_good;
}

static bool is_session(const char *id)
{
    for (const char *c = id; c && *c; c++)
        if (!((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'f') || *c == '-'))
            return false;
    return id && id[0] && strlen(id) < CONSUL_SESSION_BYTES;
}

bool consul_make_session(struct consul *consul, const char *name, char out[CONSUL_SESSION_BYTES],
                         struct trouble *trouble)
{
    struct exchange_answer answer = {0};
    json_error_t problem;
    json_t *wanted = json_pack("{s:s, s:s, s:s, s:s}", "Name", name, "TTL", "60s", "LockDelay",
                               "1s", "Behavior", "release");
    char *bytes = wanted ? json_dumps(wanted, 0) : NULL;
    bool is_good =
        bytes && consul_ask(consul, "PUT", "session/create", view_str(bytes), &answer, trouble);
    json_t *made = is_good && answer.body.len > 0
                       ? json_loadb(answer.body.bytes, answer.body.len, 0, &problem)
                       : NULL;
    const char *id = json_string_value(json_object_get(made, "ID"));
    if (is_good && !is_session(id))
        is_good = complain(consul, "it makes no session", trouble);
    if (is_good)
        snprintf(out, CONSUL_SESSION_BYTES, "%s", id);
    json_decref(made);
    json_decref(wanted);
    free(bytes);
    exchange_answer_fini(&answer);
    return is_good;
}
