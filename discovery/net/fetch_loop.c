#include "discovery/net/fetch_loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/net/fetch.h"
#include "discovery/net/fetch_state.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define WAIT_FDS_MAX 16
#define IDLE_MAX     16
#define ROUNDS_MAX   4

/* Once its time is over an answer is read on so often while some of it is there. */
#define LATE_ROUNDS_MAX 64

struct fetch_loop *fetch_loop_open(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return NULL;
    }
    struct fetch_loop *loop = memory_new(sizeof(*loop));
    loop->multi = multi;
    list_init(&loop->fetches);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    return loop;
}

static void reap(struct fetch_loop *loop)
{
    list_for_each_safe (node, &loop->fetches) {
        struct fetch *fetch = list_entry(node, struct fetch, node);
        if (fetch->is_dead) {
            list_unlink(node);
            free(fetch);
        }
    }
}

void fetch_loop_close(struct fetch_loop *loop)
{
    if (!loop)
        return;
    reap(loop);
    curl_multi_cleanup(loop->multi);
    curl_global_cleanup();
    free(loop);
}

void fetch_loop_wait(struct fetch_loop *loop, struct pollfd *fds, size_t count, int timeout_ms)
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
    curl_multi_poll(loop->multi, extra, (unsigned)count, timeout_ms, NULL);
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
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return FETCH_NOT_TRUSTED;
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

static void collect_finished(struct fetch_loop *loop)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(loop->multi, &left)) != NULL;) {
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
    if (fetch->is_dead)
        return; /* its pool was closed */
    fetch->pool->failure = (struct fetch_failure){.kind = FETCH_FINE};
    fetch_cancel(fetch);
}

/* A host that is off takes no connection, which is not the same as taking it and saying nothing. */
static void note_lateness(struct fetch *fetch)
{
    curl_off_t connected_us = 0;
    bool is_known = fetch->easy && curl_easy_getinfo(fetch->easy, CURLINFO_CONNECT_TIME_T,
                                                     &connected_us) == CURLE_OK;
    bool is_connected = !is_known || connected_us > 0;
    fetch->problem =
        is_connected ? "no answer came in time" : "cannot connect: nobody answers in time";
    fetch->end = is_connected ? FETCH_TIMED_OUT : FETCH_NOT_CONNECTED;
    fetch->os_error = is_connected ? 0 : ETIMEDOUT;
    fetch->is_finished = true;
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
    note_lateness(fetch);
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
static bool deliver_all(struct fetch_loop *loop, uint64_t asked_ns, unsigned *late_count)
{
    const struct list *last = loop->fetches.prev;
    *late_count = 0;
    list_for_each (node, &loop->fetches) {
        struct fetch *fetch = list_entry(node, struct fetch, node);
        *late_count += check_deadline(fetch, asked_ns);
        if (!fetch->is_dead)
            deliver(fetch);
    }
    bool has_started = loop->fetches.prev != last;
    reap(loop);
    return has_started;
}

void fetch_loop_turn(struct fetch_loop *loop)
{
    int running;
    unsigned late_count = 0;
    bool has_started = true;
    /* What the handlers start goes out at once. Handlers are always the last to be called: bytes
     * that libcurl has taken off a socket wake nobody, so they must not be left to the next turn.
     */
    for (int round = 0; late_count > 0 || (has_started && round < ROUNDS_MAX); round++) {
        uint64_t asked_ns = clock_mono_ns();
        curl_multi_perform(loop->multi, &running);
        collect_finished(loop);
        has_started = deliver_all(loop, asked_ns, &late_count);
    }
}
