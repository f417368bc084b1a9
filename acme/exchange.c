#include "acme/exchange.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define MS_NS             UINT64_C(1000000)
#define TIMEOUT_MS        30000u
#define BYTES_MAX         ((size_t)1 << 20)
#define HEADERS_BYTES_MAX 65536u
#define REDIRECTS_MAX     5L
#define RETRY_AFTER_MAX_S (7u * 24 * 3600)

struct exchange {
    CURLM *multi;
    CURL *easy;
    int stop_fd;
    const char *ca_file;
    bool is_stopped;
    unsigned longest_ms; /* of any request; 0: as it says */

    /* ---- of the request that runs */
    const struct exchange_request *request;
    struct exchange_answer *answer;
    size_t header_bytes;
    bool is_cut;
    char curl_problem[CURL_ERROR_SIZE];
};

bool exchange_begin(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void exchange_end(void)
{
    curl_global_cleanup();
}

const char *exchange_library_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

/* ---- what comes in; libcurl's callbacks only collect -------------------------------------------------- */

static bool keep(struct view value, char *out, size_t bytes)
{
    if (value.len >= bytes)
        return false;
    memcpy(out, value.ptr, value.len);
    out[value.len] = '\0';
    return true;
}

/* Seconds, or a date. */
static unsigned read_retry_after(struct view value)
{
    char text[64];
    uint64_t seconds;
    if (view_parse_u64(value, UINT32_MAX, &seconds))
        return seconds < RETRY_AFTER_MAX_S ? (unsigned)seconds : RETRY_AFTER_MAX_S;
    if (!keep(value, text, sizeof(text)))
        return 0;
    time_t then = curl_getdate(text, NULL), now = time(NULL);
    if (then <= now)
        return 0;
    return then - now < (time_t)RETRY_AFTER_MAX_S ? (unsigned)(then - now) : RETRY_AFTER_MAX_S;
}

static void take_field(struct exchange_answer *answer, struct view line)
{
    struct view value = line, name = view_cut(&value, ':');
    if (!value.ptr)
        return;
    while (value.len > 0 && (value.ptr[value.len - 1] == '\n' || value.ptr[value.len - 1] == '\r'))
        value.len--;
    value = view_trim(value);
    if (view_eq_nocase(name, VIEW("Location")))
        keep(value, answer->location, sizeof(answer->location));
    else if (view_eq_nocase(name, VIEW("Replay-Nonce")))
        keep(value, answer->nonce, sizeof(answer->nonce));
    else if (view_eq_nocase(name, VIEW("Content-Type")))
        keep(value, answer->type, sizeof(answer->type));
    else if (view_eq_nocase(name, VIEW("X-Consul-Index")))
        keep(value, answer->index, sizeof(answer->index));
    else if (view_eq_nocase(name, VIEW("Retry-After")))
        answer->retry_after_s = read_retry_after(value);
}

static size_t take_header(char *bytes, size_t size, size_t count, void *owner)
{
    struct exchange *exchange = owner;
    struct view line = view_of(bytes, size * count);
    exchange->header_bytes += line.len;
    exchange->is_cut = exchange->is_cut || exchange->header_bytes > HEADERS_BYTES_MAX;
    if (exchange->is_cut)
        return 0;
    take_field(exchange->answer, line);
    return line.len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *owner)
{
    struct exchange *exchange = owner;
    size_t most = exchange->request->bytes_max ? exchange->request->bytes_max : BYTES_MAX;
    exchange->is_cut = exchange->is_cut || exchange->answer->body.len + size * count > most;
    if (exchange->is_cut)
        return 0;
    text_append(&exchange->answer->body, view_of(bytes, size * count));
    return size * count;
}

/* ---- one request --------------------------------------------------------------------------------------- */

static void set_body(CURL *easy, const struct exchange_request *request)
{
    if (request->body.ptr) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr);
    }
    if (request->method && strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (request->method)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_trust(CURL *easy, const struct exchange *exchange,
                      const struct exchange_request *request)
{
    const char *file = request->ca_file ? request->ca_file : exchange->ca_file;
    const char *folder = getenv("SSL_CERT_DIR");
    if (!file)
        file = getenv("SSL_CERT_FILE");
    if (file && file[0])
        curl_easy_setopt(easy, CURLOPT_CAINFO, file);
    if (folder && folder[0])
        curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
    if (request->is_unverified) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_options(struct exchange *exchange, const struct exchange_request *request)
{
    CURL *easy = exchange->easy;
    curl_easy_reset(easy); /* connections stay */
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follows ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10L * TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "lb-acme/" LB_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->curl_problem);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    if (request->is_direct)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (request->socket_path)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->socket_path);
    set_trust(easy, exchange, request);
    set_body(easy, request);
}

static struct curl_slist *make_fields(const struct exchange_request *request)
{
    char line[256];
    struct curl_slist *fields = curl_slist_append(NULL, "Expect:");
    if (request->content_type) {
        snprintf(line, sizeof(line), "Content-Type: %s", request->content_type);
        fields = curl_slist_append(fields, line);
    }
    if (request->accept) {
        snprintf(line, sizeof(line), "Accept: %s", request->accept);
        fields = curl_slist_append(fields, line);
    }
    if (request->field)
        fields = curl_slist_append(fields, request->field);
    return fields;
}

static bool sees_stop(struct exchange *exchange)
{
    struct pollfd fd = {.fd = exchange->stop_fd, .events = POLLIN};
    exchange->is_stopped = exchange->is_stopped || (fd.fd >= 0 && poll(&fd, 1, 0) > 0);
    return exchange->is_stopped;
}

/* The sockets are asked before the clock is: what is there is not late. */
static CURLcode run(struct exchange *exchange, unsigned timeout_ms)
{
    uint64_t timeout_ns = clock_mono_ns() + timeout_ms * MS_NS;
    struct curl_waitfd stop = {.fd = exchange->stop_fd, .events = CURL_WAIT_POLLIN};
    int running = 1, left;
    for (;;) {
        uint64_t asked_ns = clock_mono_ns();
        if (curl_multi_perform(exchange->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        CURLMsg *message = curl_multi_info_read(exchange->multi, &left);
        if (message && message->msg == CURLMSG_DONE)
            return message->data.result;
        if (running == 0)
            return CURLE_FAILED_INIT;
        if (asked_ns >= timeout_ns)
            return CURLE_OPERATION_TIMEDOUT;
        if (sees_stop(exchange))
            return CURLE_ABORTED_BY_CALLBACK;
        uint64_t left_ms = (timeout_ns - asked_ns) / MS_NS + 1;
        curl_multi_poll(exchange->multi, &stop, exchange->stop_fd >= 0,
                        (int)(left_ms < 1000 ? left_ms : 1000), NULL);
    }
}

static void explain(const struct exchange *exchange, CURLcode code, unsigned timeout_ms,
                    struct text *problem)
{
    if (exchange->is_cut)
        text_append_str(problem, "its answer is longer than any that is expected");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        text_appendf(problem, "it has not answered within %u s", timeout_ms / 1000);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        text_append_str(problem, "it had not answered when this program was told to end");
    else
        text_append_str(problem, exchange->curl_problem[0] ? exchange->curl_problem
                                                           : curl_easy_strerror(code));
}

static void forget(struct exchange_answer *answer)
{
    exchange_answer_fini(answer);
    *answer = (struct exchange_answer){0};
}

bool exchange_run(struct exchange *exchange, const struct exchange_request *request,
                  struct exchange_answer *answer, struct text *problem)
{
    unsigned timeout_ms = request->timeout_ms ? request->timeout_ms : TIMEOUT_MS;
    struct curl_slist *fields = make_fields(request);
    long status = 0;
    if (exchange->longest_ms && timeout_ms > exchange->longest_ms)
        timeout_ms = exchange->longest_ms;
    forget(answer);
    exchange->request = request;
    exchange->answer = answer;
    exchange->header_bytes = 0;
    exchange->is_cut = false;
    exchange->curl_problem[0] = '\0';
    set_options(exchange, request);
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, fields);
    CURLcode code = CURLE_FAILED_INIT;
    if (curl_multi_add_handle(exchange->multi, exchange->easy) == CURLM_OK)
        code = run(exchange, timeout_ms);
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(exchange->multi, exchange->easy);
    curl_easy_reset(exchange->easy);
    curl_slist_free_all(fields);
    answer->status = (unsigned)status;
    if (code == CURLE_OK && status >= 200)
        return true;
    explain(exchange, code, timeout_ms, problem);
    forget(answer);
    return false;
}

void exchange_answer_fini(struct exchange_answer *answer)
{
    text_fini(&answer->body);
}

bool exchange_wait(struct exchange *exchange, unsigned ms)
{
    struct pollfd fd = {.fd = exchange->stop_fd, .events = POLLIN};
    uint64_t until_ns = clock_mono_ns() + ms * MS_NS;
    for (;;) {
        uint64_t now_ns = clock_mono_ns();
        if (sees_stop(exchange))
            return false;
        if (now_ns >= until_ns)
            return true;
        poll(&fd, 1, (int)((until_ns - now_ns) / MS_NS + 1));
    }
}

bool exchange_is_stopped(const struct exchange *exchange)
{
    return exchange->is_stopped;
}

void exchange_say_farewell(struct exchange *exchange, unsigned ms)
{
    exchange->stop_fd = -1;
    exchange->is_stopped = false;
    exchange->longest_ms = ms;
}

/* ---- URLs ------------------------------------------------------------------------------------------------ */

void exchange_host(const char *url, char out[EXCHANGE_FIELD_BYTES])
{
    const char *at = strstr(url, "://");
    struct view rest = view_str(at ? at + 3 : url);
    struct view host = view_cut(&rest, '/');
    host.len = host.len < EXCHANGE_FIELD_BYTES ? host.len : EXCHANGE_FIELD_BYTES - 1;
    keep(host, out, EXCHANGE_FIELD_BYTES);
}

struct exchange *exchange_open(int stop_fd, const char *ca_file)
{
    struct exchange *exchange = memory_new(sizeof(*exchange));
    exchange->stop_fd = stop_fd;
    exchange->ca_file = ca_file;
    exchange->multi = curl_multi_init();
    exchange->easy = curl_easy_init();
    if (exchange->multi && exchange->easy)
        return exchange;
    exchange_close(exchange);
    return NULL;
}

void exchange_close(struct exchange *exchange)
{
    if (!exchange)
        return;
    curl_easy_cleanup(exchange->easy);
    curl_multi_cleanup(exchange->multi);
    free(exchange);
}
