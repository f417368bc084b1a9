#include "lb/health/look.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/contract/passage_option.h"
#include "lb/health/question.h"
#include "lb/net/fault.h"
#include "lb/net/proxy_header.h"
#include "lb/net/stream_tls.h"

static const struct stream_handler stream_handler;
static const struct udp_probe_handler udp_handler;
static void begin_talk(struct look *look);
static void on_deadline(struct deadline *deadline);

void look_queue_init(struct look_queue *queue, struct loop *loop, unsigned max_count)
{
    *queue = (struct look_queue){.loop = loop, .max_count = max_count};
    list_init(&queue->waiting);
    http_answer_setup(&queue->setup);
}

void look_init(struct look *look, struct look_queue *queue, void (*on_done)(struct look *look))
{
    *look = (struct look){.queue = queue, .on_done = on_done};
    list_init(&look->node);
    deadline_init(&look->deadline, on_deadline);
}

static bool is_by_udp(const struct look *look)
{
    return look->mode == CHECK_UDP || look->mode == CHECK_DNS;
}

/* ---- places ---------------------------------------------------------------------------------- */

void look_secure(struct look *look, const struct endpoint *endpoint, const struct check *check,
                 enum check_mode mode)
{
    struct backend_tls *tls = look->queue->tls;
    const char *problem = "";
    struct tls_client *client = NULL;
    if (tls && question_is_by_tls(endpoint, check, mode))
        client = backend_tls_find(tls, &endpoint->policy->tls, endpoint->server_name, &problem);
    look->client = client ? tls_client_ref(client) : NULL;
    snprintf(look->refusal, sizeof(look->refusal), "%s", problem);
}

bool look_is_outdated(const struct look *look, const struct endpoint *endpoint)
{
    return look->client &&
           look->client != backend_tls_find(look->queue->tls, &endpoint->policy->tls,
                                            endpoint->server_name, NULL);
}

bool look_admit(struct look *look, struct endpoint *endpoint, bool *is_soon)
{
    struct admit_office *office = look->queue->office;
    enum admit admit = office ? admit_try(endpoint) : ADMIT_FREE;
    *is_soon = admit == ADMIT_FULL && admit_ask(office, endpoint, office->worker_count);
    if (admit == ADMIT_PLACE)
        look->place = endpoint_ref(endpoint);
    return admit != ADMIT_FULL;
}

static void give_place_back(struct look *look)
{
    struct admit_office *office = look->queue->office;
    if (!look->place)
        return;
    admit_release(look->place);
    endpoint_unref(look->place);
    look->place = NULL;
    for (unsigned i = 0; atomic_load(&office->waiting_count) > 0 && i < office->worker_count; i++)
        office->ring(office->owner, i);
}

/* ---- turns ----------------------------------------------------------------------------------- */

/* It is closing already. */
static void fail_to_begin(struct look *look, int status)
{
    snprintf(look->problem, sizeof(look->problem), "%s", stream_status_text(status));
    look->is_own_fault = fault_is_own(status);
    if (look->is_own_fault && look->queue->on_own_fault)
        look->queue->on_own_fault(status);
    look->state = LOOK_CLOSING;
}

static void begin_by_tcp(struct look *look)
{
    struct loop *loop = look->queue->loop;
    struct stream *stream = &look->by.stream;
    int rc = look->client ? stream_connect_tls(stream, loop, &look->address, look->client,
                                               &stream_handler, look)
                          : stream_connect(stream, loop, &look->address, &stream_handler, look);
    if (rc < 0)
        fail_to_begin(look, rc);
}

static void begin_by_udp(struct look *look)
{
    int rc = udp_probe_open(&look->by.probe, look->queue->loop, &look->address, &udp_handler, look);
    if (rc < 0)
        fail_to_begin(look, rc);
    else
        begin_talk(look);
}

static void begin(struct look *look)
{
    struct loop *loop = look->queue->loop;
    bool is_short = is_by_udp(look) && talk_wants_nothing(look->mode, look->check);
    if (is_short && look->timeout_ms > LOOK_REFUSAL_MS)
        look->timeout_ms = LOOK_REFUSAL_MS;
    look->queue->running_count++;
    look->state = LOOK_CONNECTING;
    deadline_arm(&loop->deadlines, &look->deadline, look->timeout_ms);
    if (is_by_udp(look))
        begin_by_udp(look);
    else
        begin_by_tcp(look);
}

void look_start(struct look *look, const struct address *address, const struct check *check,
                enum check_mode mode, unsigned timeout_ms)
{
    struct look_queue *queue = look->queue;
    look->address = question_target(check, address);
    look->check = check;
    look->mode = mode;
    look->timeout_ms = timeout_ms;
    look->problem[0] = '\0';
    look->is_own_fault = false;
    look->is_extended = false;
    if (queue->running_count < queue->max_count) {
        begin(look);
        return;
    }
    look->state = LOOK_WAITING;
    list_append(&queue->waiting, &look->node);
}

static void on_closed(void *owner)
{
    struct look *look = owner;
    struct look_queue *queue = look->queue;
    deadline_disarm(&look->deadline);
    if (look->http)
        http_answer_fini(look->http);
    free(look->http);
    free(look->talk);
    tls_client_unref(look->client);
    look->client = NULL;
    look->http = NULL;
    look->talk = NULL;
    look->state = LOOK_IDLE;
    give_place_back(look);
    queue->running_count--;
    if (!list_is_empty(&queue->waiting)) {
        struct look *next = list_entry(queue->waiting.next, struct look, node);
        list_unlink(&next->node);
        begin(next);
    }
    look->on_done(look);
}

static void close_it(struct look *look)
{
    look->state = LOOK_CLOSING;
    if (is_by_udp(look))
        udp_probe_close(&look->by.probe);
    else
        stream_close(&look->by.stream);
}

bool look_cancel(struct look *look)
{
    if (look->state == LOOK_WAITING) {
        list_unlink(&look->node);
        look->state = LOOK_IDLE;
        give_place_back(look);
    }
    if (look->state == LOOK_IDLE)
        return true;
    if (look->state != LOOK_CLOSING)
        close_it(look);
    return false;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static void pass(struct look *look)
{
    close_it(look);
}

static void fail(struct look *look, const char *problem)
{
    snprintf(look->problem, sizeof(look->problem), "%s", problem);
    close_it(look);
}

/* With what was asked, so that it can be tried by hand. */
static void fail_answer(struct look *look, const char *what)
{
    struct text problem = TEXT_INIT;
    question_describe(look->check, look->mode, &problem);
    text_appendf(&problem, ": %s", what);
    fail(look, text_str(&problem));
    text_fini(&problem);
}

/* Nothing was asked yet; another port than that of requests is named. */
static void fail_connect(struct look *look, const char *what)
{
    char problem[sizeof(look->problem)];
    snprintf(problem, sizeof(problem), "port %u: %.100s", address_port(&look->address), what);
    fail(look, look->check->port > 0 ? problem : what);
}

/* What the socket told. */
static void fail_status(struct look *look, int status)
{
    bool is_refused = is_by_udp(look) && status == UV_ECONNREFUSED;
    fail_answer(look, is_refused ? "nobody listens on that port" : stream_status_text(status));
}

/* The clock says that it is over: for a datagram that nobody has refused that is well. */
static void end_in_silence(struct look *look)
{
    char what[48];
    if (is_by_udp(look))
        udp_probe_look(&look->by.probe); /* the socket has the last word */
    if (look->state != LOOK_ANSWERING)
        return;
    if (talk_wants_nothing(look->mode, look->check)) {
        pass(look);
        return;
    }
    snprintf(what, sizeof(what), "not answered within %u ms", look->timeout_ms);
    fail_answer(look, what);
}

static void on_deadline(struct deadline *deadline)
{
    struct look *look = list_entry(deadline, struct look, deadline);
    if (look->state == LOOK_CONNECTING)
        fail_connect(look, look->client ? "no connection with TLS in time" : "connect timed out");
    else if (look->state == LOOK_ANSWERING)
        end_in_silence(look);
}

/* The server has not stood still where it was lb that came late: what follows gets its time. */
static void extend_if_late(struct look *look)
{
    struct deadline_wheel *wheel = &look->queue->loop->deadlines;
    if (look->is_extended || !deadline_is_overdue(wheel, &look->deadline))
        return;
    look->is_extended = true;
    deadline_arm(wheel, &look->deadline, look->timeout_ms);
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void say(struct look *look, struct view words)
{
    struct iovec piece = {.iov_base = (void *)(uintptr_t)words.ptr, .iov_len = words.len};
    if (words.len > 0)
        stream_write(&look->by.stream, &piece, 1); /* a broken one is told by the read side */
}

/* A server that wants a PROXY header hears that nobody's bytes follow but lb's own. */
static void introduce(struct look *look)
{
    char header[PROXY_HEADER_WRITTEN_BYTES_MAX];
    if (look->proxy_version == PROXY_VERSION_1)
        say(look, view_of(header, proxy_header_write_v1(NULL, NULL, header)));
    else if (look->proxy_version == PROXY_VERSION_2)
        say(look, view_of(header, proxy_header_write_v2(NULL, NULL, header)));
}

static void ask_by_http(struct look *look)
{
    struct text request = TEXT_INIT;
    question_write(look->check, &look->address, &request);
    look->http = memory_new(sizeof(*look->http));
    http_answer_init(look->http, &look->queue->setup, look->check);
    say(look, text_view(&request));
    text_fini(&request);
}

static void send_datagram(struct look *look)
{
    int rc = udp_probe_send(&look->by.probe, talk_words(look->talk));
    if (rc < 0)
        fail_status(look, rc);
}

static void begin_talk(struct look *look)
{
    look->state = LOOK_ANSWERING;
    look->talk = memory_new(sizeof(*look->talk));
    talk_init(look->talk, look->mode, look->check);
    if (is_by_udp(look))
        send_datagram(look);
    else
        say(look, talk_words(look->talk));
}

/* Of a handshake, as much as there is room for. */
static void fail_handshake(struct look *look, struct view problem)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, problem);
    fail_connect(look, text_str(&shown));
    text_fini(&shown);
}

static void on_connected(void *owner, int status)
{
    struct look *look = owner;
    struct view problem =
        status < 0 && look->client ? stream_tls_problem(&look->by.stream) : VIEW("");
    extend_if_late(look);
    if (problem.len > 0) {
        fail_handshake(look, problem);
        return;
    }
    if (status < 0) {
        fail_connect(look, stream_status_text(status));
        return;
    }
    if (look->refusal[0]) {
        fail_connect(look, look->refusal);
        return;
    }
    introduce(look);
    if (talk_wants_nothing(look->mode, look->check)) {
        pass(look);
        return;
    }
    look->state = LOOK_ANSWERING;
    if (look->mode == CHECK_HTTP || look->mode == CHECK_HTTPS)
        ask_by_http(look);
    else
        begin_talk(look);
    stream_resume(&look->by.stream);
}

/* ---- what is heard --------------------------------------------------------------------------- */

static const char *problem_of(const struct look *look)
{
    return look->http ? look->http->problem : look->talk->problem;
}

static void follow(struct look *look, enum verdict verdict)
{
    if (verdict == VERDICT_WELL)
        pass(look);
    else if (verdict == VERDICT_BAD)
        fail_answer(look, problem_of(look));
    else if (look->talk && !is_by_udp(look))
        say(look, talk_words(look->talk));
}

static void on_data(void *owner, struct view data)
{
    struct look *look = owner;
    extend_if_late(look);
    follow(look, look->http ? http_answer_take(look->http, data) : talk_take(look->talk, data));
}

static void on_eof(void *owner)
{
    struct look *look = owner;
    follow(look, look->http ? http_answer_end(look->http) : talk_end(look->talk));
}

static void on_broken(void *owner, int status)
{
    fail_status(owner, status);
}

static void on_drained(void *owner)
{
    (void)owner;
}

static const struct stream_handler stream_handler = {
    .on_connected = on_connected,
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_broken = on_broken,
    .on_closed = on_closed,
};

static const struct udp_probe_handler udp_handler = {
    .on_datagram = on_data,
    .on_broken = on_broken,
    .on_closed = on_closed,
};
