#include "lb/run/admin.h"

#include <stdlib.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/http/answer.h"
#include "lb/net/stream.h"

struct connection {
    struct stream stream;
    struct list node;
    struct deadline deadline;
    struct admin *admin;
    struct parser parser;
    bool is_answered;
};

static const struct stream_handler stream_handler;

static void close_connection(struct connection *connection)
{
    list_unlink(&connection->node);
    deadline_disarm(&connection->deadline);
    stream_close(&connection->stream);
}

static void on_closed(void *owner)
{
    struct connection *connection = owner;
    connection->admin->connection_count--;
    parser_fini(&connection->parser);
    free(connection);
}

static void on_deadline(struct deadline *deadline)
{
    close_connection(list_entry(deadline, struct connection, deadline));
}

static void on_connection(void *owner, struct listener *listener)
{
    struct admin *admin = owner;
    struct connection *connection = memory_new(sizeof(*connection));
    connection->admin = admin;
    parser_init(&connection->parser, &admin->setup);
    deadline_init(&connection->deadline, on_deadline);
    list_append(&admin->connections, &connection->node);
    admin->connection_count++;
    int rc = stream_accept(&connection->stream, admin->options.loop, listener, &stream_handler,
                           connection);
    if (rc < 0 || admin->connection_count > ADMIN_CONNECTION_MAX) {
        close_connection(connection);
        return;
    }
    deadline_arm(&admin->options.loop->deadlines, &connection->deadline, ADMIN_TIMEOUT_MS);
    stream_resume(&connection->stream);
}

/* ---- answers ----------------------------------------------------------------------------------
 */

static void send_answer(struct connection *connection, const struct admin_answer *answer,
                        bool is_to_head)
{
    struct text out = TEXT_INIT;
    text_appendf(&out,
                 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                 "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s"
                 "Connection: close\r\n\r\n",
                 answer->status, answer_reason(answer->status), answer->content_type,
                 answer->body.len, answer->status == 405 ? "Allow: GET, HEAD\r\n" : "");
    if (!is_to_head)
        text_append(&out, text_view(&answer->body));
    struct iovec piece = {.iov_base = out.bytes, .iov_len = out.len};
    connection->is_answered = true;
    if (stream_write(&connection->stream, &piece, 1) == STREAM_BROKEN)
        close_connection(connection);
    else
        stream_shut_write(&connection->stream); /* the peer's EOF or the deadline closes */
    text_fini(&out);
}

static void send_error(struct connection *connection, int status, const char *sentence,
                       bool is_to_head)
{
    struct admin_answer answer = {.status = status, .content_type = "text/plain; charset=utf-8"};
    text_appendf(&answer.body, "%d %s: %s\n", status, answer_reason(status), sentence);
    send_answer(connection, &answer, is_to_head);
    text_fini(&answer.body);
}

static void answer_request(struct connection *connection)
{
    const struct head *head = &connection->parser.head;
    const struct admin_options *options = &connection->admin->options;
    bool is_to_head = head_is_method(head, VIEW("HEAD"));
    struct view path = head->path;
    ptrdiff_t query = view_find(path, '?');
    if (query >= 0)
        path.len = (size_t)query;
    if (!is_to_head && !head_is_method(head, VIEW("GET"))) {
        send_error(connection, 405, "This listener answers GET and HEAD.", false);
        return;
    }
    struct admin_answer answer = {.content_type = "text/plain; charset=utf-8"};
    options->respond(options->owner, path, &answer);
    if (answer.status == 0)
        send_error(connection, 404, "There is /healthz, /readyz and /pool here.", is_to_head);
    else
        send_answer(connection, &answer, is_to_head);
    text_fini(&answer.body);
}

static void on_data(void *owner, struct view data)
{
    struct connection *connection = owner;
    struct view piece;
    if (connection->is_answered)
        return;
    switch (parser_step(&connection->parser, &data, &piece)) {
    case PARSER_HEAD:
        answer_request(connection);
        break;
    case PARSER_ERROR:
        send_error(connection, err_status(connection->parser.err),
                   err_sentence(connection->parser.err), false);
        break;
    default:
        break;
    }
}

static void on_eof(void *owner)
{
    struct connection *connection = owner;
    if (!connection->is_answered || stream_waiting_bytes(&connection->stream) == 0)
        close_connection(connection);
}

static void on_drained(void *owner)
{
    (void)owner;
}

static void on_broken(void *owner, int status)
{
    (void)status;
    close_connection(owner);
}

static const struct stream_handler stream_handler = {
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_broken = on_broken,
    .on_closed = on_closed,
};

int admin_open(struct admin *admin, const struct admin_options *options, struct address *at)
{
    struct parser_limits limits = {
        .max_head_bytes = 16384, .max_field_count = HEAD_FIELD_MAX, .max_target_bytes = 8192};
    *admin = (struct admin){.options = *options};
    list_init(&admin->connections);
    parser_setup_init(&admin->setup, PARSER_REQUEST, &limits);
    int rc = listener_open(&admin->listener, options->loop, at, on_connection, admin);
    if (rc == 0)
        listener_address(&admin->listener, at);
    return rc;
}

void admin_close(struct admin *admin)
{
    listener_close(&admin->listener);
    while (!list_is_empty(&admin->connections))
        close_connection(list_entry(admin->connections.next, struct connection, node));
}
