#include "lb/sentry/sentry_post.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/sentry/sentry_event.h"

#define MS_NS             UINT64_C(1000000)
#define ANSWER_BYTES_MAX  65536u
#define HEADERS_BYTES_MAX 65536u
#define FIELD_BYTES_MAX   2048u /* of a header that is kept */
#define WAIT_MS           1000u

struct sentry_post {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct dsn dsn;
    uint32_t timeout_ms;
    _Atomic uint64_t until_ns;

    /* ---- of the answer that comes in */
    size_t header_bytes, body_bytes;
    bool is_cut; /* it was longer than is read; its status counts all the same */
    struct text retry_after, rate_limits;
    char curl_problem[CURL_ERROR_SIZE];
};

bool sentry_post_begin(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

void sentry_post_end(void)
{
    curl_global_cleanup();
}

const char *sentry_post_library_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

/* ---- what comes in; libcurl's callbacks only collect ------------------------------------------------ */

static void keep_header(struct view line, const char *name, struct text *out)
{
    struct view value = line, key = view_cut(&value, ':');
    if (!value.ptr || !view_eq_nocase(key, view_str(name)) ||
        out->len + value.len > FIELD_BYTES_MAX)
        return;
    while (value.len > 0 && (value.ptr[value.len - 1] == '\n' || value.ptr[value.len - 1] == '\r'))
        value.len--;
    if (out->len > 0)
        text_append_char(out, ',');
    text_append(out, view_trim(value));
}

static size_t take_header(char *bytes, size_t size, size_t count, void *owner)
{
    struct sentry_post *post = owner;
    struct view line = view_of(bytes, size * count);
    post->header_bytes += line.len;
    post->is_cut = post->is_cut || post->header_bytes > HEADERS_BYTES_MAX;
    if (post->is_cut)
        return 0;
    keep_header(line, "Retry-After", &post->retry_after);
    keep_header(line, "X-Sentry-Rate-Limits", &post->rate_limits);
    return line.len;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *owner)
{
    struct sentry_post *post = owner;
    (void)bytes;
    post->body_bytes += size * count;
    post->is_cut = post->is_cut || post->body_bytes > ANSWER_BYTES_MAX;
    return post->is_cut ? 0 : size * count;
}

static void forget_answer(struct sentry_post *post)
{
    text_clear(&post->retry_after);
    text_clear(&post->rate_limits);
    post->header_bytes = post->body_bytes = 0;
    post->is_cut = false;
    post->curl_problem[0] = '\0';
}

/* ---- one request ------------------------------------------------------------------------------------- */

/* The sockets are asked before the clock is: what is there is not late. */
static CURLcode run(struct sentry_post *post)
{
    uint64_t timeout_ns = clock_mono_ns() + post->timeout_ms * MS_NS;
    int running = 1, left;
    for (;;) {
        uint64_t asked_ns = clock_mono_ns(), end_ns = post->until_ns;
        if (curl_multi_perform(post->multi, &running) != CURLM_OK)
            return CURLE_FAILED_INIT;
        CURLMsg *message = curl_multi_info_read(post->multi, &left);
        if (message && message->msg == CURLMSG_DONE)
            return message->data.result;
        if (running == 0)
            return CURLE_FAILED_INIT;
        if (asked_ns >= timeout_ns)
            return CURLE_OPERATION_TIMEDOUT;
        if (asked_ns >= end_ns)
            return CURLE_ABORTED_BY_CALLBACK;
        end_ns = end_ns < timeout_ns ? end_ns : timeout_ns;
        uint64_t left_ms = (end_ns - asked_ns) / MS_NS + 1;
        curl_multi_poll(post->multi, NULL, 0, (int)(left_ms < WAIT_MS ? left_ms : WAIT_MS), NULL);
    }
}

static CURLcode send_it(struct sentry_post *post, struct view envelope, long *status)
{
    *status = 0;
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, envelope.ptr);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)envelope.len);
    if (curl_multi_add_handle(post->multi, post->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    CURLcode code = run(post);
    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, status);
    curl_multi_remove_handle(post->multi, post->easy);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDS, "");
    return code;
}

/* ---- in words ---------------------------------------------------------------------------------------- */

static const char *remedy_of(unsigned status)
{
    switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return "it sends elsewhere, which is not followed; put the right address into the DSN";
    case 400:
        return "it does not understand the event; look at its own log";
    case 401:
    case 403:
        return "it does not accept the key; take the DSN anew from the settings of the project";
    case 404:
        return "it has no such project; take the DSN anew from the settings of the project";
    case 413:
        return "the event is too large for it; let it accept 1 MB";
    case 429:
        return "it wants no more events for now; raise its limit, or the project's";
    default:
        return status >= 500
                   ? "it is in trouble itself; look at its own log"
                   : "that is no answer of a Sentry server; look at host and path of the DSN";
    }
}

static void say(struct sentry_post_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct sentry_post_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(result->problem, sizeof(result->problem), format, args);
    va_end(args);
}

static void describe(const struct sentry_post *post, CURLcode code,
                     struct sentry_post_result *result)
{
    const char *where = post->dsn.shown;
    if (result->answer.status > 0)
        say(result, "Sentry (%.200s) answers %u: %s", where, result->answer.status,
            remedy_of(result->answer.status));
    else if (code == CURLE_OPERATION_TIMEDOUT)
        say(result,
            "Sentry (%.200s) has not answered within %u ms; look whether it runs and can be "
            "reached",
            where, post->timeout_ms);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        say(result, "Sentry (%.200s) had not answered when this program ended", where);
    else
        say(result, "Sentry (%.100s) cannot be reached: %.160s; look at the DSN and at the network",
            where, post->curl_problem[0] != '\0' ? post->curl_problem : curl_easy_strerror(code));
}

void sentry_post_run(struct sentry_post *post, struct view envelope,
                     struct sentry_post_result *result)
{
    long status;
    forget_answer(post);
    CURLcode code = send_it(post, envelope, &status);
    bool is_whole = code == CURLE_OK || (post->is_cut && status >= 200);
    *result = (struct sentry_post_result){
        .is_sent = is_whole && status >= 200 && status < 300,
        .is_away = !is_whole || status >= 500,
        .answer = {.status = is_whole ? (unsigned)status : 0, .wall_ns = clock_wall_ns()}};
    if (is_whole) {
        result->answer.retry_after = text_view(&post->retry_after);
        result->answer.rate_limits = text_view(&post->rate_limits);
    }
    if (!result->is_sent)
        describe(post, code, result);
}

void sentry_post_hurry(struct sentry_post *post, uint64_t until_ns)
{
    post->until_ns = until_ns;
    curl_multi_wakeup(post->multi);
}

/* ---- opening ------------------------------------------------------------------------------------------- */

/* The key goes into a header of each request, and so nowhere into a URL that somebody logs. */
static void set_headers(struct sentry_post *post)
{
    struct text line = TEXT_INIT;
    text_appendf(&line,
                 "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=" SENTRY_SDK_NAME
                 "/" LB_VERSION ", sentry_key=%s",
                 post->dsn.public_key);
    if (post->dsn.secret_key[0] != '\0')
        text_appendf(&line, ", sentry_secret=%s", post->dsn.secret_key);
    post->headers = curl_slist_append(NULL, text_str(&line));
    post->headers = curl_slist_append(post->headers, "Content-Type: application/x-sentry-envelope");
    post->headers = curl_slist_append(post->headers, "Expect:"); /* no 100 Continue, please */
    explicit_bzero(line.bytes, line.len);
    text_fini(&line);
    curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
}

/* No timeout of libcurl's, which looks at the clock before it looks at the socket. A resolver that hangs is left behind. */
static void set_options(struct sentry_post *post, const char *ca_file, const char *ca_folder)
{
    CURL *easy = post->easy;
    curl_easy_setopt(easy, CURLOPT_URL, post->dsn.endpoint);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, post->dsn.is_tls ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10L * post->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, SENTRY_SDK_NAME "/" LB_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, post->curl_problem);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, post);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, post);
    if (ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    if (ca_folder)
        curl_easy_setopt(easy, CURLOPT_CAPATH, ca_folder);
    set_headers(post);
}

struct sentry_post *sentry_post_open(const struct dsn *dsn, const char *ca_file,
                                     const char *ca_folder, uint32_t timeout_ms)
{
    struct sentry_post *post = memory_new(sizeof(*post));
    post->dsn = *dsn;
    post->timeout_ms = timeout_ms;
    post->until_ns = UINT64_MAX;
    post->multi = curl_multi_init();
    post->easy = curl_easy_init();
    if (!post->multi || !post->easy) {
        sentry_post_close(post);
        return NULL;
    }
    set_options(post, ca_file, ca_folder);
    return post;
}

void sentry_post_close(struct sentry_post *post)
{
    if (!post)
        return;
    curl_easy_cleanup(post->easy);
    curl_multi_cleanup(post->multi);
    for (struct curl_slist *line = post->headers; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(post->headers);
    text_fini(&post->retry_after);
    text_fini(&post->rate_limits);
    dsn_forget(&post->dsn);
    free(post);
}
