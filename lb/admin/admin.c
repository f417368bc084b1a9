#include "lb/admin/admin.h"

#include <stdarg.h>
#include <stdlib.h>

#include "lb/base/json_writer.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/http/answer.h"
#include "lb/http/head_writer.h"
#include "lb/net/stream.h"
#include "lb/net/own_fault.h"

#define FOLLOWER_DEAD_MS 6000u

#define HEAD_BYTES 320 /* of an answer, without its type and fields */

struct connection {
    struct stream stream;
    struct list node;
    struct deadline deadline;
    struct admin *admin;
    struct address peer;
    struct parser parser;
    bool is_answered;
    bool is_follower;
    bool has_missed; /* something that was told to those who follow */
    bool is_from_here;
};

static const struct stream_handler stream_handler;

static void close_connection(struct connection *connection)
{
    if (connection->is_follower)
        connection->admin->follower_count--;
    connection->is_follower = false;
    connection->admin->connection_count--;
    list_unlink(&connection->node);
    deadline_disarm(&connection->deadline);
    stream_close(&connection->stream);
}

static void on_closed(void *owner)
{
    struct connection *connection = owner;
    parser_fini(&connection->parser);
    free(connection);
}

static void on_deadline(struct deadline *deadline)
{
    close_connection(list_entry(deadline, struct connection, deadline));
}

/* The oldest that does not follow: who waits for an answer has had it by then, and who is slow to
 * ask or to read is not to keep others out. NULL: there is none but `newest`. */
static struct connection *find_oldest(struct admin *admin, const struct connection *newest)
{
    list_for_each (node, &admin->connections) {
        struct connection *connection = list_entry(node, struct connection, node);
        if (!connection->is_follower && connection != newest)
            return connection;
    }
    return NULL;
}

/* Answers that nobody reads hold no more than ADMIN_BUFFER_BYTES. */
static void bound_answers(struct admin *admin, const struct connection *newest)
{
    while (admin->options.loop->blocks.used_bytes > ADMIN_BUFFER_BYTES) {
        struct connection *oldest = find_oldest(admin, newest);
        if (!oldest)
            return;
        close_connection(oldest);
    }
}

static void on_connection(void *owner, struct listener *listener)
{
    struct admin *admin = owner;
    struct connection *connection = memory_new(sizeof(*connection));
    connection->admin = admin;
    connection->peer = listener->peer;
    if (connection->peer.socket.any.sa_family == AF_INET6)
        connection->peer.socket.v6.sin6_port = 0; /* hosts are told apart, not connections */
    else
        connection->peer.socket.v4.sin_port = 0;
    connection->is_from_here = address_is_loopback(&listener->peer);
    parser_init(&connection->parser, &admin->setup);
    deadline_init(&connection->deadline, on_deadline);
    list_append(&admin->connections, &connection->node);
    admin->connection_count++;
    int rc = stream_accept(&connection->stream, admin->options.loop, listener, &stream_handler,
                           connection);
    if (rc < 0) {
        close_connection(connection);
        return;
    }
    struct connection *oldest = find_oldest(admin, connection);
    if (admin->connection_count > admin->options.connection_max && oldest)
        close_connection(oldest);
    deadline_arm(&admin->options.loop->deadlines, &connection->deadline, ADMIN_TIMEOUT_MS);
    stream_resume(&connection->stream);
}

/* ---- answers --------------------------------------------------------------------------------- */

void admin_refuse(struct admin_answer *answer, int status, const char *word, const char *format,
                  ...)
{
    struct text sentence = TEXT_INIT;
    struct json_writer json;
    va_list args;
    va_start(args, format);
    text_vappendf(&sentence, format, args);
    va_end(args);
    answer->status = status;
    answer->content_type = "application/json";
    text_clear(&answer->body);
    json_writer_init(&json, &answer->body);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "error", word);
    json_writer_field_str(&json, "message", text_str(&sentence));
    json_writer_end_object(&json);
    text_append_char(&answer->body, '\n');
    text_fini(&sentence);
}

static void append_head(struct admin *admin, const struct admin_answer *answer, struct text *out)
{
    struct loop *loop = admin->options.loop;
    if (loop_now_ms(loop) >= admin->date.until_ms)
        date_make(&admin->date, loop_now_ms(loop), loop_wall_ns(loop));
    struct view type = view_str(answer->content_type);
    struct head_writer writer =
        head_writer_in_text(out, HEAD_BYTES + type.len + answer->fields.len);
    head_writer_status_line(&writer, (unsigned)answer->status,
                            view_str(answer_reason(answer->status)));
    head_writer_field(&writer, VIEW("Date"), date_text(&admin->date));
    head_writer_field(&writer, VIEW("Content-Type"), type);
    if (!answer->goes_on)
        head_writer_field_u64(&writer, VIEW("Content-Length"), answer->body.len);
    head_writer_field(&writer, VIEW("Cache-Control"), VIEW("no-store"));
    head_writer_field(&writer, VIEW("X-Content-Type-Options"), VIEW("nosniff"));
    head_writer_put(&writer, view_str(text_str(&answer->fields)));
    head_writer_field(&writer, VIEW("Connection"), VIEW("close"));
    head_writer_end_text(&writer, out);
}

/* Gives false when the connection is gone. */
static bool say(struct connection *connection, struct view bytes)
{
    struct iovec piece = {.iov_base = (char *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
    if (stream_write(&connection->stream, &piece, 1) != STREAM_BROKEN)
        return true;
    close_connection(connection);
    return false;
}

/* From now on the deadline runs only while the peer leaves something untaken. */
static void begin_to_follow(struct connection *connection)
{
    connection->is_follower = true;
    connection->admin->follower_count++;
    stream_watch_peer(&connection->stream, FOLLOWER_DEAD_MS);
    if (stream_waiting_bytes(&connection->stream) == 0)
        deadline_disarm(&connection->deadline);
}

/* Takes what the answer owns. */
static void send_answer(struct connection *connection, struct admin_answer *answer, bool is_to_head)
{
    struct text out = TEXT_INIT;
    append_head(connection->admin, answer, &out);
    if (!is_to_head)
        text_append(&out, text_view(&answer->body));
    connection->is_answered = true;
    if (say(connection, text_view(&out))) {
        if (answer->goes_on && !is_to_head)
            begin_to_follow(connection);
        else
            stream_shut_write(&connection->stream); /* the peer's EOF or the deadline closes */
    }
    text_fini(&out);
    text_fini(&answer->body);
    text_fini(&answer->fields);
}

static unsigned count_followers(struct admin *admin, const struct address *peer,
                                struct connection **oldest)
{
    unsigned count = 0;
    *oldest = NULL;
    list_for_each (node, &admin->connections) {
        struct connection *connection = list_entry(node, struct connection, node);
        if (!connection->is_follower || !address_eq(&connection->peer, peer))
            continue;
        if (count++ == 0)
            *oldest = connection;
    }
    return count;
}

/* Whoever takes most places gives one to somebody with fewer. False: nobody has more than `peer`.
 */
static bool make_follower_room(struct admin *admin, const struct address *peer)
{
    struct connection *oldest, *victim = NULL;
    unsigned most = count_followers(admin, peer, &oldest) + 1;
    if (admin->follower_count < ADMIN_FOLLOWER_MAX)
        return true;
    list_for_each (node, &admin->connections) {
        struct connection *connection = list_entry(node, struct connection, node);
        unsigned count = count_followers(admin, &connection->peer, &oldest);
        if (count > most) {
            most = count;
            victim = oldest;
        }
    }
    if (victim)
        close_connection(victim);
    return victim != NULL;
}

static void answer_request(struct connection *connection)
{
    struct admin *admin = connection->admin;
    const struct head *head = &connection->parser.head;
    struct admin_answer answer = {.content_type = "text/plain; charset=utf-8",
                                  .is_asked_from_here = connection->is_from_here};
    admin->options.respond(admin->options.owner, head, &answer);
    if (answer.goes_on && !make_follower_room(admin, &connection->peer)) {
        answer.goes_on = false;
        admin_refuse(&answer, 503, "too_many_followers",
                     "%u follow already; close a page that nobody looks at.", ADMIN_FOLLOWER_MAX);
    }
    send_answer(connection, &answer, head_is_method(head, VIEW("HEAD")));
    bound_answers(admin, connection);
}

static void answer_bad_request(struct connection *connection)
{
    enum err err = connection->parser.err;
    struct admin_answer answer = {0};
    admin_refuse(&answer, err_status(err), err_word(err), "%s", err_sentence(err));
    send_answer(connection, &answer, false);
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
        answer_bad_request(connection);
        break;
    default:
        break;
    }
}

static void on_eof(void *owner)
{
    struct connection *connection = owner;
    if (!connection->is_answered || connection->is_follower ||
        stream_waiting_bytes(&connection->stream) == 0)
        close_connection(connection);
}

static void on_drained(void *owner)
{
    struct connection *connection = owner;
    if (connection->is_follower && stream_waiting_bytes(&connection->stream) == 0)
        deadline_disarm(&connection->deadline);
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

struct telling {
    struct view news;
    void (*append_all)(void *owner, struct text *out);
    void *owner;
    struct text all; /* once somebody needs it */
};

static struct view words_for(struct telling *telling, const struct connection *connection)
{
    if (!connection->has_missed)
        return telling->news;
    if (telling->all.len == 0)
        telling->append_all(telling->owner, &telling->all);
    return text_view(&telling->all);
}

static void tell_one(struct connection *connection, struct telling *telling)
{
    struct stream *stream = &connection->stream;
    if (stream_is_peer_lost(stream, 0)) {
        close_connection(connection);
        return;
    }
    if (stream_waiting_bytes(stream) > 0) {
        connection->has_missed = true;
        return;
    }
    if (!say(connection, words_for(telling, connection)))
        return;
    connection->has_missed = false;
    if (stream_waiting_bytes(stream) > 0)
        deadline_arm(&stream->loop->deadlines, &connection->deadline, ADMIN_TIMEOUT_MS);
}

void admin_tell(struct admin *admin, struct view bytes,
                void (*append_all)(void *owner, struct text *out), void *owner)
{
    struct telling telling = {.news = bytes, .append_all = append_all, .owner = owner};
    list_for_each_safe (node, &admin->connections) {
        struct connection *connection = list_entry(node, struct connection, node);
        if (connection->is_follower)
            tell_one(connection, &telling);
    }
    text_fini(&telling.all);
}

void admin_drop_followers(struct admin *admin)
{
    list_for_each_safe (node, &admin->connections) {
        struct connection *connection = list_entry(node, struct connection, node);
        if (connection->is_follower)
            close_connection(connection);
    }
}

int admin_open(struct admin *admin, const struct admin_options *options, int fd)
{
    struct parser_limits limits = {
        .max_head_bytes = 16384, .max_field_count = HEAD_FIELD_MAX, .max_target_bytes = 8192};
    *admin = (struct admin){.options = *options};
    list_init(&admin->connections);
    parser_setup_init(&admin->setup, PARSER_REQUEST, &limits);
    int rc = listener_open(&admin->listener, options->loop, fd, on_connection, admin);
    admin->listener.on_own_fault = own_fault_in_accepting;
    return rc;
}

void admin_yield(struct admin *admin)
{
    listener_close(&admin->listener);
    admin_drop_followers(admin);
}

void admin_close(struct admin *admin)
{
    listener_close(&admin->listener);
    while (!list_is_empty(&admin->connections))
        close_connection(list_entry(admin->connections.next, struct connection, node));
}
