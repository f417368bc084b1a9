#include "lb/health/look.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/health/question.h"
#include "lb/net/fault.h"

#define HEAD_BYTES_MAX 65536u

static const struct stream_handler stream_handler;
static void on_deadline(struct deadline *deadline);

void look_queue_init(struct look_queue *queue, struct loop *loop, unsigned max_count)
{
    *queue = (struct look_queue){.loop = loop, .max_count = max_count};
    list_init(&queue->waiting);
    parser_setup_init(&queue->setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = HEAD_BYTES_MAX,
                                              .max_field_count = HEAD_FIELD_MAX});
}

void look_init(struct look *look, struct look_queue *queue, void (*on_done)(struct look *look))
{
    *look = (struct look){.queue = queue, .on_done = on_done};
    list_init(&look->node);
    deadline_init(&look->deadline, on_deadline);
}

/* ---- places ---------------------------------------------------------------------------------- */

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

static void begin(struct look *look)
{
    struct loop *loop = look->queue->loop;
    look->queue->running_count++;
    look->state = LOOK_CONNECTING;
    deadline_arm(&loop->deadlines, &look->deadline, look->timeout_ms);
    int rc = stream_connect(&look->stream, loop, &look->address, &stream_handler, look);
    if (rc < 0) {
        snprintf(look->problem, sizeof(look->problem), "%s", stream_status_text(rc));
        look->is_own_fault = fault_is_own(rc);
        if (look->is_own_fault && look->queue->on_own_fault)
            look->queue->on_own_fault(rc);
        look->state = LOOK_CLOSING;
    }
}

void look_start(struct look *look, const struct address *address, const struct check *check,
                bool is_http, unsigned timeout_ms)
{
    struct look_queue *queue = look->queue;
    look->address = question_target(check, address);
    look->check = check;
    look->is_http = is_http;
    look->timeout_ms = timeout_ms;
    look->problem[0] = '\0';
    look->is_own_fault = false;
    look->body_bytes = 0;
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
    if (look->parser)
        parser_fini(look->parser);
    free(look->parser);
    look->parser = NULL;
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
    stream_close(&look->stream);
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
    question_describe(look->check, &problem);
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

static void fail_status(struct look *look, unsigned status)
{
    char what[80];
    struct text accepted = TEXT_INIT;
    check_format(look->check, VIEW("status"), &accepted);
    snprintf(what, sizeof(what), "status %u instead of %.40s", status, text_str(&accepted));
    text_fini(&accepted);
    fail_answer(look, what);
}

static void on_deadline(struct deadline *deadline)
{
    struct look *look = list_entry(deadline, struct look, deadline);
    char what[48];
    if (look->state == LOOK_CONNECTING) {
        fail_connect(look, "connect timed out");
    } else if (look->state == LOOK_ANSWERING) {
        snprintf(what, sizeof(what), "not answered within %u ms", look->timeout_ms);
        fail_answer(look, what);
    }
}

/* ---- HTTP ------------------------------------------------------------------------------------ */

/* The server has not stood still where it was lb that came late: what follows gets its time. */
static void extend_if_late(struct look *look)
{
    struct deadline_wheel *wheel = &look->queue->loop->deadlines;
    if (look->is_extended || !deadline_is_overdue(wheel, &look->deadline))
        return;
    look->is_extended = true;
    deadline_arm(wheel, &look->deadline, look->timeout_ms);
}

static void send_request(struct look *look)
{
    struct text request = TEXT_INIT;
    question_write(look->check, &look->address, &request);
    struct iovec piece = {.iov_base = request.bytes, .iov_len = request.len};
    look->state = LOOK_ANSWERING;
    look->parser = memory_new(sizeof(*look->parser));
    parser_init(look->parser, &look->queue->setup);
    look->parser->answers_head_request = strcmp(look->check->method, "HEAD") == 0;
    finder_init(&look->finder, view_str(look->check->text));
    stream_write(&look->stream, &piece, 1); /* a broken one is told by the read side */
    text_fini(&request);
    stream_resume(&look->stream);
}

static void on_connected(void *owner, int status)
{
    struct look *look = owner;
    extend_if_late(look);
    if (status < 0)
        fail_connect(look, stream_status_text(status));
    else if (look->is_http)
        send_request(look);
    else
        pass(look);
}

static void on_head(struct look *look)
{
    unsigned status = look->parser->head.status;
    bool answers_head_request = look->parser->answers_head_request;
    if (status < 200 && status != 101) {
        parser_reset(look->parser);
        look->parser->answers_head_request = answers_head_request;
    } else if (!check_takes_status(look->check, status)) {
        fail_status(look, status);
    } else if (!look->check->text[0]) {
        pass(look);
    }
}

static void on_body(struct look *look, struct view piece)
{
    if (piece.len > LOOK_BODY_MAX - look->body_bytes)
        piece.len = LOOK_BODY_MAX - look->body_bytes;
    look->body_bytes += piece.len;
    if (finder_take(&look->finder, piece))
        pass(look);
    else if (look->body_bytes == LOOK_BODY_MAX)
        fail_answer(look, "the first 64 KiB of the body have not the expected text");
}

static void on_message_end(struct look *look)
{
    fail_answer(look, "the body has not the expected text");
}

static void on_data(void *owner, struct view data)
{
    struct look *look = owner;
    struct view piece;
    extend_if_late(look);
    while (look->state == LOOK_ANSWERING) {
        switch (parser_step(look->parser, &data, &piece)) {
        case PARSER_MORE:
            return;
        case PARSER_HEAD:
            on_head(look);
            break;
        case PARSER_BODY:
            on_body(look, piece);
            break;
        case PARSER_END:
            on_message_end(look);
            break;
        case PARSER_ERROR:
            fail_answer(look, "the answer is no proper HTTP");
            break;
        }
    }
}

static void on_eof(void *owner)
{
    struct look *look = owner;
    if (parser_finish(look->parser) == PARSER_END)
        on_message_end(look);
    else
        fail_answer(look, "the connection ended before the answer did");
}

static void on_broken(void *owner, int status)
{
    fail_answer(owner, stream_status_text(status));
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
