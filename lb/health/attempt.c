#include "lb/health/attempt.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define HEAD_BYTES_MAX 65536u

static const struct stream_handler stream_handler;
static void on_deadline(struct deadline *deadline);

void attempt_queue_init(struct attempt_queue *queue, struct loop *loop, unsigned max_count)
{
    *queue = (struct attempt_queue){.loop = loop, .max_count = max_count};
    list_init(&queue->waiting);
    parser_setup_init(&queue->setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = HEAD_BYTES_MAX,
                                              .max_field_count = HEAD_FIELD_MAX});
}

void attempt_init(struct attempt *attempt, struct attempt_queue *queue,
                  void (*on_done)(struct attempt *attempt))
{
    *attempt = (struct attempt){.queue = queue, .on_done = on_done};
    list_init(&attempt->node);
    deadline_init(&attempt->deadline, on_deadline);
}

/* ---- turns ------------------------------------------------------------------------------------
 */

static void begin(struct attempt *attempt)
{
    struct loop *loop = attempt->queue->loop;
    attempt->queue->running_count++;
    attempt->state = ATTEMPT_CONNECTING;
    deadline_arm(&loop->deadlines, &attempt->deadline, attempt->timeout_ms);
    int rc = stream_connect(&attempt->stream, loop, &attempt->address, &stream_handler, attempt);
    if (rc < 0) {
        snprintf(attempt->problem, sizeof(attempt->problem), "%s", stream_status_text(rc));
        attempt->state = ATTEMPT_CLOSING;
    }
}

void attempt_start(struct attempt *attempt, const struct address *address,
                   const struct check *check, bool is_http, unsigned timeout_ms)
{
    struct attempt_queue *queue = attempt->queue;
    attempt->address = *address;
    attempt->check = check;
    attempt->is_http = is_http;
    attempt->timeout_ms = timeout_ms;
    attempt->problem[0] = '\0';
    attempt->body_bytes = 0;
    if (queue->running_count < queue->max_count) {
        begin(attempt);
        return;
    }
    attempt->state = ATTEMPT_WAITING;
    list_append(&queue->waiting, &attempt->node);
}

static void on_closed(void *owner)
{
    struct attempt *attempt = owner;
    struct attempt_queue *queue = attempt->queue;
    deadline_disarm(&attempt->deadline);
    if (attempt->parser)
        parser_fini(attempt->parser);
    free(attempt->parser);
    attempt->parser = NULL;
    attempt->state = ATTEMPT_IDLE;
    queue->running_count--;
    if (!list_is_empty(&queue->waiting)) {
        struct attempt *next = list_entry(queue->waiting.next, struct attempt, node);
        list_unlink(&next->node);
        begin(next);
    }
    attempt->on_done(attempt);
}

static void close_it(struct attempt *attempt)
{
    attempt->state = ATTEMPT_CLOSING;
    stream_close(&attempt->stream);
}

bool attempt_cancel(struct attempt *attempt)
{
    if (attempt->state == ATTEMPT_WAITING) {
        list_unlink(&attempt->node);
        attempt->state = ATTEMPT_IDLE;
    }
    if (attempt->state == ATTEMPT_IDLE)
        return true;
    if (attempt->state != ATTEMPT_CLOSING)
        close_it(attempt);
    return false;
}

/* ---- the verdict ------------------------------------------------------------------------------
 */

static void pass(struct attempt *attempt)
{
    close_it(attempt);
}

static void fail(struct attempt *attempt, const char *problem)
{
    snprintf(attempt->problem, sizeof(attempt->problem), "%s", problem);
    close_it(attempt);
}

/* With what was asked, so that it can be tried by hand. */
static void fail_answer(struct attempt *attempt, const char *what)
{
    char problem[sizeof(attempt->problem)];
    const struct check *check = attempt->check;
    snprintf(problem, sizeof(problem), "%s %.60s: %s", check->method,
             check->path[0] ? check->path : "/", what);
    fail(attempt, problem);
}

static void fail_status(struct attempt *attempt, unsigned status)
{
    char what[80];
    struct text accepted = TEXT_INIT;
    check_format(attempt->check, VIEW("status"), &accepted);
    snprintf(what, sizeof(what), "status %u instead of %.40s", status, text_str(&accepted));
    text_fini(&accepted);
    fail_answer(attempt, what);
}

static void on_deadline(struct deadline *deadline)
{
    struct attempt *attempt = list_entry(deadline, struct attempt, deadline);
    char what[48];
    if (attempt->state == ATTEMPT_CONNECTING) {
        fail(attempt, "connect timed out");
    } else if (attempt->state == ATTEMPT_ANSWERING) {
        snprintf(what, sizeof(what), "not answered within %u ms", attempt->timeout_ms);
        fail_answer(attempt, what);
    }
}

/* ---- HTTP -------------------------------------------------------------------------------------
 */

static void send_request(struct attempt *attempt)
{
    const struct check *check = attempt->check;
    char host[ADDRESS_TEXT_BYTES], request[CHECK_STRING_BYTES + ADDRESS_TEXT_BYTES + 160];
    int len = snprintf(request, sizeof(request),
                       "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lb-health\r\nAccept: */*\r\n"
                       "Connection: close\r\n\r\n",
                       check->method, check->path[0] ? check->path : "/",
                       address_format(&attempt->address, host));
    struct iovec piece = {.iov_base = request, .iov_len = (size_t)len};
    attempt->state = ATTEMPT_ANSWERING;
    attempt->parser = memory_new(sizeof(*attempt->parser));
    parser_init(attempt->parser, &attempt->queue->setup);
    attempt->parser->answers_head_request = strcmp(check->method, "HEAD") == 0;
    finder_init(&attempt->finder, view_str(check->text));
    stream_write(&attempt->stream, &piece, 1); /* a broken one is told by the read side */
    stream_resume(&attempt->stream);
}

static void on_connected(void *owner, int status)
{
    struct attempt *attempt = owner;
    if (status < 0)
        fail(attempt, stream_status_text(status));
    else if (attempt->is_http)
        send_request(attempt);
    else
        pass(attempt);
}

static void on_head(struct attempt *attempt)
{
    unsigned status = attempt->parser->head.status;
    bool answers_head_request = attempt->parser->answers_head_request;
    if (status < 200 && status != 101) {
        parser_reset(attempt->parser);
        attempt->parser->answers_head_request = answers_head_request;
    } else if (!check_takes_status(attempt->check, status)) {
        fail_status(attempt, status);
    } else if (!attempt->check->text[0]) {
        pass(attempt);
    }
}

static void on_body(struct attempt *attempt, struct view piece)
{
    if (piece.len > ATTEMPT_BODY_MAX - attempt->body_bytes)
        piece.len = ATTEMPT_BODY_MAX - attempt->body_bytes;
    attempt->body_bytes += piece.len;
    if (finder_take(&attempt->finder, piece))
        pass(attempt);
    else if (attempt->body_bytes == ATTEMPT_BODY_MAX)
        fail_answer(attempt, "the first 64 KiB of the body have not the expected text");
}

static void on_message_end(struct attempt *attempt)
{
    fail_answer(attempt, "the body has not the expected text");
}

static void on_data(void *owner, struct view data)
{
    struct attempt *attempt = owner;
    struct view piece;
    while (attempt->state == ATTEMPT_ANSWERING) {
        switch (parser_step(attempt->parser, &data, &piece)) {
        case PARSER_MORE:
            return;
        case PARSER_HEAD:
            on_head(attempt);
            break;
        case PARSER_BODY:
            on_body(attempt, piece);
            break;
        case PARSER_END:
            on_message_end(attempt);
            break;
        case PARSER_ERROR:
            fail_answer(attempt, "the answer is no proper HTTP");
            break;
        }
    }
}

static void on_eof(void *owner)
{
    struct attempt *attempt = owner;
    if (parser_finish(attempt->parser) == PARSER_END)
        on_message_end(attempt);
    else
        fail_answer(attempt, "the connection ended before the answer did");
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
