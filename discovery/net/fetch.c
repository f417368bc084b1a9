#include "discovery/net/fetch.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/net/fetch_state.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define HEADERS_MAX_BYTES 65536

#define CONNECT_NEVER_MS (24 * 3600 * 1000L)

/* Takes it out of libcurl; it stays in the list until the turn is over. */
static void bury(struct fetch *fetch)
{
    if (fetch->is_dead)
        return;
    fetch->is_dead = true;
    curl_multi_remove_handle(fetch->pool->loop->multi, fetch->easy);
    curl_easy_cleanup(fetch->easy);
    curl_slist_free_all(fetch->headers);
    text_fini(&fetch->body);
    fetch->pool = NULL;
}

struct fetch_pool *fetch_pool_open(struct fetch_loop *loop, const struct server_url *server)
{
    struct fetch_pool *pool = memory_new(sizeof(*pool));
    pool->loop = loop;
    pool->server = *server;
    return pool;
}

/* libcurl asks for the certificate of the host that stands in the URL: so the name that it is for stands
 * there, with where that is to be found. */
static void take_server_name(struct fetch_pool *pool)
{
    const struct view scheme = VIEW("https://");
    struct view url = view_str(pool->server.url);
    if (!pool->tls.server_name || !view_starts_with(url, scheme))
        return;
    char place[SERVER_URL_BYTES];
    snprintf(place, sizeof(place), "::%s", url.ptr + scheme.len);
    pool->detour = curl_slist_append(NULL, place);
    snprintf(pool->server.url, sizeof(pool->server.url), "https://%.255s%s", pool->tls.server_name,
             strrchr(place, ':'));
}

struct fetch_pool *fetch_pool_open_with(struct fetch_loop *loop, const struct server_url *server,
                                        const struct fetch_pool_options *options)
{
    struct fetch_pool *pool = fetch_pool_open(loop, server);
    pool->tls = options->tls;
    fetch_token_init(&pool->token, &options->token);
    take_server_name(pool);
    return pool;
}

const char *fetch_pool_token_problem(const struct fetch_pool *pool)
{
    return pool->token.problem;
}

void fetch_pool_close(struct fetch_pool *pool)
{
    if (!pool)
        return;
    list_for_each (node, &pool->loop->fetches) {
        struct fetch *fetch = list_entry(node, struct fetch, node);
        if (fetch->pool == pool)
            bury(fetch);
    }
    curl_slist_free_all(pool->detour);
    free(pool);
}

/* libcurl's callbacks only collect: it must not be called again from inside of them. */
static size_t take_header(char *bytes, size_t size, size_t count, void *owner)
{
    struct fetch *fetch = owner;
    long status = 0;
    size_t len = size * count;
    fetch->header_bytes += len;
    fetch->taken_bytes += len;
    if (fetch->header_bytes > HEADERS_MAX_BYTES) {
        fetch->problem = "the headers of the answer are larger than 64 KiB";
        return 0;
    }
    bool is_end = len > 0 && (bytes[0] == '\r' || bytes[0] == '\n');
    if (is_end && curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
        status >= 200)
        fetch->has_headers = true;
    return len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *owner)
{
    struct fetch *fetch = owner;
    size_t len = size * count;
    if (!fetch->request.on_bytes && len > fetch->request.max_bytes - fetch->body.len) {
        fetch->problem = "the answer is larger than is accepted";
        fetch->is_too_large = true;
        return 0;
    }
    text_append(&fetch->body, view_of(bytes, len));
    fetch->taken_bytes += len;
    return len;
}

static void set_target(struct fetch *fetch)
{
    const struct server_url *server = &fetch->pool->server;
    const struct fetch_request *request = &fetch->request;
    struct text url = TEXT_INIT;
    if (request->address) {
        bool is_ipv6 = strchr(request->address, ':');
        text_appendf(&url, "http://%s%s%s:%u/", is_ipv6 ? "[" : "", request->address,
                     is_ipv6 ? "]" : "", request->port);
        curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_ONLY, 1L);
    } else {
        text_appendf(&url, "%s%s", server->url, request->target);
        if (server->socket_path[0] != '\0')
            curl_easy_setopt(fetch->easy, CURLOPT_UNIX_SOCKET_PATH, server->socket_path);
    }
    curl_easy_setopt(fetch->easy, CURLOPT_URL, text_str(&url));
    text_fini(&url);
}

static void set_tls(struct fetch *fetch)
{
    const struct fetch_tls *tls = &fetch->pool->tls;
    CURL *easy = fetch->easy;
    /* One connection for each question: a server counts them so, and one that is stuck holds up no other. */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (tls->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file);
    if (tls->ca_path)
        curl_easy_setopt(easy, CURLOPT_CAPATH, tls->ca_path);
    if (tls->cert_file)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert_file);
    if (tls->key_file)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_file);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls->is_unverified ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls->is_unverified ? 0L : 2L);
    if (fetch->pool->detour)
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, fetch->pool->detour);
}

/* The body is copied: whoever asks may let go of it. */
static void set_message(struct fetch *fetch)
{
    const struct fetch_request *request = &fetch->request;
    for (size_t i = 0; i < FETCH_HEADERS_MAX && request->headers[i]; i++)
        fetch->headers = curl_slist_append(fetch->headers, request->headers[i]);
    const char *token = request->address ? NULL : fetch_token_look(&fetch->pool->token);
    if (token)
        fetch->headers = curl_slist_append(fetch->headers, token);
    if (request->body.len > 0) {
        curl_easy_setopt(fetch->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(fetch->easy, CURLOPT_COPYPOSTFIELDS, request->body.ptr);
        /* Else libcurl waits a second for a 100 Continue, which few servers send. */
        fetch->headers = curl_slist_append(fetch->headers, "Expect:");
    }
    if (request->method || request->body.len > 0)
        curl_easy_setopt(fetch->easy, CURLOPT_CUSTOMREQUEST,
                         request->method ? request->method : "PUT");
    if (fetch->headers)
        curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
}

static void set_options(struct fetch *fetch)
{
    const struct fetch_request *request = &fetch->request;
    set_target(fetch);
    set_message(fetch);
    bool has_tls = view_starts_with(view_str(fetch->pool->server.url), VIEW("https://"));
    curl_easy_setopt(fetch->easy, CURLOPT_PROTOCOLS_STR,
                     has_tls && !request->address ? "https" : "http");
    if (has_tls && !request->address)
        set_tls(fetch);
    curl_easy_setopt(fetch->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(fetch->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(fetch->easy, CURLOPT_USERAGENT, "lb-discovery/" LB_VERSION);
    /* No timeout of libcurl's: it looks at the clock before it looks at the socket, so that a
     * process that was held up would lose answers that are there; and a stream may be quiet. */
    curl_easy_setopt(fetch->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_NEVER_MS);
    fetch->until_ns = clock_mono_ns() + request->timeout_ms * 1000000ull;
    curl_easy_setopt(fetch->easy, CURLOPT_ERRORBUFFER, fetch->curl_problem);
    curl_easy_setopt(fetch->easy, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(fetch->easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(fetch->easy, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(fetch->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(fetch->easy, CURLOPT_WRITEDATA, fetch);
    if (request->is_alone || (request->on_bytes && !request->has_end)) {
        curl_easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(fetch->easy, CURLOPT_FORBID_REUSE, 1L);
    }
}

/* It was borrowed for the start. */
static void forget_message(struct fetch_request *request)
{
    request->method = request->target = request->address = NULL;
    request->headers[0] = NULL;
    request->body = view_of("", 0);
}

struct fetch *fetch_start(struct fetch_pool *pool, const struct fetch_request *request)
{
    struct fetch *fetch = memory_new(sizeof(*fetch));
    fetch->pool = pool;
    fetch->request = *request;
    list_append(&pool->loop->fetches, &fetch->node);
    fetch->easy = curl_easy_init();
    if (!fetch->easy) {
        fetch->problem = "libcurl has no memory for a request";
        fetch->is_finished = true;
        return fetch;
    }
    set_options(fetch);
    forget_message(&fetch->request);
    CURLMcode code = curl_multi_add_handle(pool->loop->multi, fetch->easy);
    if (code != CURLM_OK) {
        fetch->problem = curl_multi_strerror(code);
        fetch->is_finished = true;
    }
    return fetch;
}

void fetch_cancel(struct fetch *fetch)
{
    bury(fetch);
}

const struct fetch_failure *fetch_pool_failure(const struct fetch_pool *pool)
{
    return &pool->failure;
}

const char *fetch_header(const struct fetch *fetch, const char *name)
{
    struct curl_header *header;
    if (curl_easy_header(fetch->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return "";
    return header->value;
}

const char *fetch_library_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
