#include "discovery/net/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

#define HEADERS_MAX_BYTES 65536
#define WAIT_FDS_MAX      16
#define IDLE_MAX          16
#define ROUNDS_MAX        4

/* Once its time is over an answer is read on so often while some of it is there. */
#define LATE_ROUNDS_MAX 64

#define CONNECT_NEVER_MS (24 * 3600 * 1000L)

struct fetch_pool {
    CURLM *multi;
    struct server_url server;
    struct list fetches;
    struct fetch_failure failure; /* of the request whose on_done is being called */
};

struct fetch {
    struct list node;
    struct fetch_pool *pool;
    struct fetch_request request;
    CURL *easy;
    uint64_t until_ns;                /* a stream's: for its headers; 0: no deadline */
    uint64_t taken_bytes, told_bytes; /* so far, and when it was last looked at */
    size_t header_bytes;
    unsigned late_rounds;
    struct text body;
    char curl_problem[CURL_ERROR_SIZE];
    const char *problem; /* ours; wins over libcurl's */
    char problem_text[CURL_ERROR_SIZE + 128];
    enum fetch_end end;
    int os_error;
    bool has_headers;
    bool is_opened; /* on_open was called */
    bool is_finished;
    bool is_too_large;
    bool is_dead; /* freed at the end of the turn */
};

struct fetch_pool *fetch_pool_open(const struct server_url *server)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return NULL;
    }
    struct fetch_pool *pool = memory_new(sizeof(*pool));
    pool->multi = multi;
    pool->server = *server;
    list_init(&pool->fetches);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    return pool;
}

/* Takes it out of libcurl; it stays in the list until the turn is over. */
static void bury(struct fetch *fetch)
{
    if (fetch->is_dead)
        return;
    fetch->is_dead = true;
    curl_multi_remove_handle(fetch->pool->multi, fetch->easy);
    curl_easy_cleanup(fetch->easy);
    text_fini(&fetch->body);
}

static void reap(struct fetch_pool *pool)
{
    list_for_each_safe (node, &pool->fetches) {
        struct fetch *fetch = list_entry(node, struct fetch, node);
        if (fetch->is_dead) {
            list_unlink(node);
            free(fetch);
        }
    }
}

void fetch_pool_close(struct fetch_pool *pool)
{
    if (!pool)
        return;
    list_for_each (node, &pool->fetches)
        bury(list_entry(node, struct fetch, node));
    reap(pool);
    curl_multi_cleanup(pool->multi);
    curl_global_cleanup();
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

static void set_options(struct fetch *fetch)
{
    const struct fetch_request *request = &fetch->request;
    set_target(fetch);
    curl_easy_setopt(fetch->easy, CURLOPT_PROTOCOLS_STR, "http");
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
    if (request->on_bytes && !request->has_end) {
        curl_easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(fetch->easy, CURLOPT_FORBID_REUSE, 1L);
    }
}

struct fetch *fetch_start(struct fetch_pool *pool, const struct fetch_request *request)
{
    struct fetch *fetch = memory_new(sizeof(*fetch));
    fetch->pool = pool;
    fetch->request = *request;
    fetch->request.target = fetch->request.address = NULL; /* borrowed for this call only */
    list_append(&pool->fetches, &fetch->node);
    fetch->easy = curl_easy_init();
    if (!fetch->easy) {
        fetch->problem = "libcurl has no memory for a request";
        fetch->is_finished = true;
        return fetch;
    }
    fetch->request.target = request->target;
    fetch->request.address = request->address;
    set_options(fetch);
    fetch->request.target = fetch->request.address = NULL;
    CURLMcode code = curl_multi_add_handle(pool->multi, fetch->easy);
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

void fetch_pool_wait(struct fetch_pool *pool, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct curl_waitfd extra[WAIT_FDS_MAX];
    if (count > WAIT_FDS_MAX)
        count = WAIT_FDS_MAX;
    for (size_t i = 0; i < count; i++)
        extra[i] = (struct curl_waitfd){
            .fd = fds[i].fd,
            .events = (short)((fds[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                              (fds[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)),
        };
    curl_multi_poll(pool->multi, extra, (unsigned)count, timeout_ms, NULL);
    /* libcurl does not pass on errors and hang-ups. */
    poll(fds, count, 0);
}

static enum fetch_end end_of(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        return FETCH_NOT_CONNECTED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return FETCH_NOT_RESOLVED;
    case CURLE_OPERATION_TIMEDOUT:
        return FETCH_TIMED_OUT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, which is what all other bytes look like */
    case CURLE_WEIRD_SERVER_REPLY:
        return FETCH_NOT_HTTP;
    default:
        return FETCH_CUT_OFF;
    }
}

/* Ends of streams that are no fault of the request: 18 is how an engine's /events always ends. */
static void describe(struct fetch *fetch, CURLcode code)
{
    long os_error = 0;
    curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &os_error);
    fetch->end = end_of(code);
    fetch->os_error = (int)os_error;
    const char *what = fetch->curl_problem[0] ? fetch->curl_problem : curl_easy_strerror(code);
    if (code == CURLE_COULDNT_CONNECT && os_error != 0)
        snprintf(fetch->problem_text, sizeof(fetch->problem_text), "cannot connect: %s",
                 strerror((int)os_error));
    else
        snprintf(fetch->problem_text, sizeof(fetch->problem_text), "%s", what);
    fetch->problem = fetch->problem_text;
}

static void collect_finished(struct fetch_pool *pool)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(pool->multi, &left)) != NULL;) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct fetch *fetch = (struct fetch *)(void *)private;
        fetch->is_finished = true;
        if (message->data.result != CURLE_OK && !fetch->problem)
            describe(fetch, message->data.result);
    }
}

static void note_failure(const struct fetch *fetch, int status)
{
    struct fetch_failure *failure = &fetch->pool->failure;
    *failure =
        (struct fetch_failure){.kind = fetch->end, .os_error = fetch->os_error, .status = status};
    if (fetch->problem && failure->kind == FETCH_FINE)
        failure->kind = FETCH_CUT_OFF;
    if (fetch->problem || status < 400)
        return;
    char *sample = clean_copy(text_view(&fetch->body), sizeof(failure->sample) - 1);
    snprintf(failure->sample, sizeof(failure->sample), "%s", sample);
    free(sample);
    failure->kind = FETCH_REFUSED;
}

static void finish(struct fetch *fetch)
{
    long status = 0;
    if (fetch->easy)
        curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    struct fetch_answer answer = {.status = (int)status,
                                  .body = text_view(&fetch->body),
                                  .problem = fetch->problem,
                                  .is_too_large = fetch->is_too_large,
                                  .fetch = fetch};
    note_failure(fetch, (int)status);
    fetch->request.on_done(fetch->request.owner, &answer);
    fetch->pool->failure = (struct fetch_failure){.kind = FETCH_FINE};
    bury(fetch);
}

/* libcurl was asked after its time and had nothing more, which is the only way to be too late.
 * Gives true when it must be asked once more. */
static bool check_deadline(struct fetch *fetch, uint64_t asked_ns)
{
    bool has_more = fetch->taken_bytes != fetch->told_bytes;
    fetch->told_bytes = fetch->taken_bytes;
    if (fetch->is_dead || fetch->is_finished || fetch->until_ns == 0 || asked_ns < fetch->until_ns)
        return false;
    if (has_more && fetch->late_rounds++ < LATE_ROUNDS_MAX)
        return true;
    fetch->problem = "no answer came in time";
    fetch->end = FETCH_TIMED_OUT;
    fetch->is_finished = true;
    return false;
}

static void deliver(struct fetch *fetch)
{
    const struct fetch_request *request = &fetch->request;
    long status = 0;
    if (fetch->has_headers && !fetch->is_opened) {
        fetch->is_opened = true;
        if (request->on_bytes && !request->has_end)
            fetch->until_ns = 0;
        curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
        if (request->on_open)
            request->on_open(request->owner, (int)status);
    }
    if (!fetch->is_dead && request->on_bytes && fetch->body.len > 0) {
        /* Taken out first: the handler may cancel the request, which frees the body. */
        struct text bytes = fetch->body;
        fetch->body = TEXT_INIT;
        request->on_bytes(request->owner, text_view(&bytes));
        text_fini(&bytes);
    }
    if (!fetch->is_dead && fetch->is_finished)
        finish(fetch);
}

/* Calls the handlers. Gives true when it may be worth to look at libcurl once more. */
static bool deliver_all(struct fetch_pool *pool, uint64_t asked_ns, unsigned *late_count)
{
    const struct list *last = pool->fetches.prev;
    *late_count = 0;
    list_for_each (node, &pool->fetches) {
        struct fetch *fetch = list_entry(node, struct fetch, node);
        *late_count += check_deadline(fetch, asked_ns);
        if (!fetch->is_dead)
            deliver(fetch);
    }
    bool has_started = pool->fetches.prev != last;
    reap(pool);
    return has_started;
}

void fetch_pool_turn(struct fetch_pool *pool)
{
    int running;
    unsigned late_count = 0;
    bool has_started = true;
    /* What the handlers start goes out at once. Handlers are always the last to be called: bytes
     * that libcurl has taken off a socket wake nobody, so they must not be left to the next turn.
     */
    for (int round = 0; late_count > 0 || (has_started && round < ROUNDS_MAX); round++) {
        uint64_t asked_ns = clock_mono_ns();
        curl_multi_perform(pool->multi, &running);
        collect_finished(pool);
        has_started = deliver_all(pool, asked_ns, &late_count);
    }
}
