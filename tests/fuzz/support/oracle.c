#include "tests/fuzz/support/oracle.h"

#include "lb/base/memory.h"
#include "lb/proxy/exchange.h"
#include "tests/fuzz/support/target.h"

struct oracle oracle;
struct front_handler oracle_front_handler;

static bool text_is(const struct text *text, struct view view)
{
    return view_eq(text_view(text), view);
}

/* ---- what a client asks --------------------------------------------------------------------- */

static struct oracle_request *latest_request(struct oracle_client *client)
{
    return &client->requests[client->request_count - 1];
}

static void note_request(struct oracle_client *client, const struct head *head)
{
    client->requests =
        memory_resize(client->requests, (client->request_count + 1) * sizeof(*client->requests));
    struct oracle_request *request = &client->requests[client->request_count++];
    *request = (struct oracle_request){.is_http10 = head->minor_version == 0,
                                       .wants_upgrade = head->wants_upgrade};
    text_append(&request->method, head->method);
    text_append(&request->target, head->target);
    text_append(&request->path, head->path);
}

static void read_asks(struct oracle_client *client, struct view bytes)
{
    struct view span;
    text_append(&client->sent, bytes);
    while (!client->asks_stopped) {
        size_t before = bytes.len;
        enum parser_event event = parser_step(&client->asks, &bytes, &span);
        client->asks_at += before - bytes.len;
        if (event == PARSER_MORE)
            return;
        if (event == PARSER_HEAD) {
            note_request(client, &client->asks.head);
        } else if (event == PARSER_BODY) {
            text_append(&latest_request(client)->body, span);
        } else if (event == PARSER_END) {
            latest_request(client)->is_complete = true;
            latest_request(client)->end_at = client->asks_at;
            parser_reset(&client->asks);
        } else {
            client->asks_stopped = true;
        }
    }
}

static struct oracle_client *client_of_ip(struct view ip)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < oracle.client_count; i++)
        if (view_eq(ip, view_str(address_format_ip(&oracle.clients[i].wire->peer, text))))
            return &oracle.clients[i];
    return NULL;
}

static void on_request(struct front *front, const struct head *head)
{
    struct oracle_client *seen = client_of_ip(peer_ip(&front->peer));
    TARGET_CHECK(seen && !seen->tunnel && seen->served_count < seen->request_count);
    const struct oracle_request *request = &seen->requests[seen->served_count++];
    TARGET_CHECK(text_is(&request->method, head->method) &&
                 text_is(&request->target, head->target));
    oracle.record_count++;
    exchange_front_handler.on_request(front, head);
}

static void on_bad_request(struct front *front, enum err err)
{
    struct oracle_client *seen = client_of_ip(peer_ip(&front->peer));
    TARGET_CHECK(seen && seen->bad_count == 0);
    seen->bad_count++;
    oracle.record_count++;
    exchange_front_handler.on_bad_request(front, err);
}

/* ---- what a backend is asked ---------------------------------------------------------------- */

static struct view field_of(const struct head *head, struct view name)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (view_eq_nocase(head_field_name(head, &head->fields[i]), name))
            return head_field_value(head, &head->fields[i]);
    return view_of(NULL, 0);
}

static const struct oracle_request *request_of(const struct oracle_backend *backend)
{
    return &backend->client->requests[backend->request_index];
}

static void check_asked(struct oracle_backend *backend, const struct head *head)
{
    TARGET_CHECK(backend->request_count == backend->answer_count && !backend->is_tunnel);
    backend->client = client_of_ip(field_of(head, VIEW("X-Real-IP")));
    TARGET_CHECK(backend->client && backend->client->served_count > 0);
    backend->request_index = backend->client->served_count - 1;
    backend->request_count++;
    backend->body_bytes = 0;
    const struct oracle_request *request = request_of(backend);
    bool has_own_path = request->path.len > 0 && request->path.bytes[0] != '?';
    TARGET_CHECK(text_is(&request->method, head->method));
    TARGET_CHECK(!has_own_path || text_is(&request->path, head->path));
    TARGET_CHECK(head->wants_upgrade == request->wants_upgrade);
}

static void check_asked_body(struct oracle_backend *backend, struct view piece)
{
    const struct oracle_request *request = request_of(backend);
    TARGET_CHECK(backend->body_bytes + piece.len <= request->body.len);
    TARGET_CHECK(memcmp(request->body.bytes + backend->body_bytes, piece.ptr, piece.len) == 0);
    backend->body_bytes += piece.len;
}

/* What the client sends behind its request reaches the backend as it is. */
static void check_tunnel_to_backend(struct oracle_backend *backend, struct view bytes)
{
    const struct text *sent = &backend->client->sent;
    size_t at = request_of(backend)->end_at + backend->tunnel_at;
    TARGET_CHECK(at + bytes.len <= sent->len);
    TARGET_CHECK(memcmp(sent->bytes + at, bytes.ptr, bytes.len) == 0);
    backend->tunnel_at += bytes.len;
}

static void check_written_to_backend(struct oracle_backend *backend, struct view bytes)
{
    struct view span;
    for (;;) {
        if (backend->is_tunnel && backend->asks.phase == PARSER_AT_START) {
            check_tunnel_to_backend(backend, bytes);
            return;
        }
        switch (parser_step(&backend->asks, &bytes, &span)) {
        case PARSER_MORE:
            return;
        case PARSER_HEAD:
            check_asked(backend, &backend->asks.head);
            break;
        case PARSER_BODY:
            check_asked_body(backend, span);
            break;
        case PARSER_END:
            TARGET_CHECK(request_of(backend)->is_complete);
            TARGET_CHECK(backend->body_bytes == request_of(backend)->body.len);
            parser_reset(&backend->asks);
            break;
        case PARSER_ERROR:
            TARGET_CHECK(backend->asks.err == ERR_OK);
            return;
        }
    }
}

/* ---- what a backend answers ----------------------------------------------------------------- */

static void note_answer(struct oracle_backend *backend)
{
    oracle.answers =
        memory_resize(oracle.answers, (oracle.answer_count + 1) * sizeof(*oracle.answers));
    struct oracle_answer *answer = &oracle.answers[oracle.answer_count++];
    *answer = (struct oracle_answer){.client = backend->client,
                                     .request_index = backend->request_index,
                                     .status = backend->status};
    text_append(&answer->body, text_view(&backend->body));
    text_clear(&backend->body);
    backend->answer_count++;
    parser_reset(&backend->answers);
}

static void read_answer_head(struct oracle_backend *backend, const struct head *head)
{
    backend->status = head->status;
    if (head->status != 101)
        return;
    backend->is_tunnel = request_of(backend)->wants_upgrade && field_of(head, VIEW("upgrade")).ptr;
    backend->answers_stopped = true;
}

/* It speaks though nothing was asked, and lb must not use what it says. Only if a part of a request
 * is on its way, lb may take it for the answer, and whose it is cannot be told here. */
static void note_unasked(struct oracle_backend *backend)
{
    bool is_being_asked = backend->wire->writing || backend->asks.phase != PARSER_AT_START;
    backend->answers_stopped = true;
    backend->must_close = !is_being_asked;
    oracle.is_blind |= is_being_asked;
}

static void read_answers(struct oracle_backend *backend, struct view bytes)
{
    struct view span;
    while (!backend->answers_stopped) {
        if (backend->answers.phase == PARSER_AT_START && bytes.len > 0) {
            if (backend->answer_count == backend->request_count) {
                note_unasked(backend);
                return;
            }
            backend->answers.answers_head_request =
                text_is(&request_of(backend)->method, VIEW("HEAD"));
        }
        enum parser_event event = parser_step(&backend->answers, &bytes, &span);
        if (event == PARSER_MORE)
            return;
        if (event == PARSER_HEAD)
            read_answer_head(backend, &backend->answers.head);
        else if (event == PARSER_BODY)
            text_append(&backend->body, span);
        else if (event == PARSER_ERROR)
            backend->answers_stopped = true;
        else if (backend->status < 200)
            parser_reset(&backend->answers);
        else
            note_answer(backend);
    }
    if (backend->is_tunnel)
        text_append(&backend->said, bytes);
}

static void read_answers_end(struct oracle_backend *backend, int status)
{
    if (status == UV_EOF && !backend->answers_stopped &&
        parser_finish(&backend->answers) == PARSER_END)
        note_answer(backend);
    backend->answers_stopped = true;
}

/* ---- what a client is told ------------------------------------------------------------------ */

static bool is_answer_of_backend(const struct oracle_client *client)
{
    for (unsigned i = 0; i < oracle.answer_count; i++) {
        const struct oracle_answer *answer = &oracle.answers[i];
        if (answer->client == client && answer->request_index == client->answer_count &&
            answer->status == client->status && text_is(&answer->body, text_view(&client->body)))
            return true;
    }
    return false;
}

static void check_answer(struct oracle_client *client)
{
    TARGET_CHECK(client->answer_count < client->served_count + client->bad_count);
    TARGET_CHECK(client->is_own || oracle.is_blind || is_answer_of_backend(client));
    client->answer_count++;
    client->is_in_answer = false;
    text_clear(&client->body);
    parser_reset(&client->answers);
}

static struct oracle_backend *tunnel_of(const struct oracle_client *client)
{
    for (struct oracle_backend *backend = oracle.backends; backend; backend = backend->next)
        if (backend->is_tunnel && backend->client == client &&
            backend->request_index == client->answer_count)
            return backend;
    return NULL;
}

static void check_answer_head(struct oracle_client *client, const struct head *head)
{
    bool is_served = client->answer_count < client->served_count;
    client->status = head->status;
    client->is_own = view_eq(field_of(head, VIEW("Cache-Control")), VIEW("no-store"));
    if (head->status >= 200) {
        client->is_last = !head->is_keep_alive;
        return;
    }
    TARGET_CHECK(is_served && !client->requests[client->answer_count].is_http10);
    if (head->status == 101) {
        client->tunnel = tunnel_of(client);
        TARGET_CHECK(client->tunnel);
    }
}

static void check_tunnel_to_client(struct oracle_client *client, struct view bytes)
{
    const struct text *said = &client->tunnel->said;
    TARGET_CHECK(client->tunnel_at + bytes.len <= said->len);
    TARGET_CHECK(memcmp(said->bytes + client->tunnel_at, bytes.ptr, bytes.len) == 0);
    client->tunnel_at += bytes.len;
}

static void begin_answer(struct oracle_client *client)
{
    bool is_served = client->answer_count < client->served_count;
    TARGET_CHECK(!client->is_last);
    TARGET_CHECK(client->answer_count < client->served_count + client->bad_count);
    client->is_in_answer = true;
    client->answers.answers_head_request =
        is_served && text_is(&client->requests[client->answer_count].method, VIEW("HEAD"));
}

static void check_written_to_client(struct oracle_client *client, struct view bytes)
{
    struct view span;
    for (;;) {
        if (client->tunnel) {
            check_tunnel_to_client(client, bytes);
            return;
        }
        if (!client->is_in_answer && bytes.len > 0)
            begin_answer(client);
        switch (parser_step(&client->answers, &bytes, &span)) {
        case PARSER_MORE:
            return;
        case PARSER_HEAD:
            check_answer_head(client, &client->answers.head);
            break;
        case PARSER_BODY:
            text_append(&client->body, span);
            break;
        case PARSER_END:
            if (client->status >= 200) {
                check_answer(client);
            } else {
                parser_reset(&client->answers);
                begin_answer(client);
            }
            break;
        case PARSER_ERROR:
            TARGET_CHECK(client->answers.err == ERR_OK);
            return;
        }
    }
}

/* An answer that only the end of the connection ends must not look complete when it is not, nor
 * what was said in a tunnel. */
static void check_end_to_client(struct oracle_client *client)
{
    if (client->wire->was_reset || client->wire->has_reset)
        return;
    if (client->tunnel)
        TARGET_CHECK(client->tunnel_at == client->tunnel->said.len);
    else if (client->is_in_answer && parser_finish(&client->answers) == PARSER_END)
        check_answer(client);
}

/* ---- wires ---------------------------------------------------------------------------------- */

static struct oracle_client *client_on(const struct pretend_uv_wire *wire)
{
    return wire->kind == PRETEND_UV_CLIENT ? wire->owner : NULL;
}

static void on_connect(struct pretend_uv_wire *wire)
{
    struct oracle_backend *backend = memory_new(sizeof(*backend));
    backend->wire = wire;
    backend->next = oracle.backends;
    oracle.backends = backend;
    wire->owner = backend;
    wire->room = (size_t)1 << 40;
    parser_init(&backend->asks, &oracle.wide_request_setup);
    parser_init(&backend->answers, &oracle.response_setup);
}

static void on_read(struct pretend_uv_wire *wire, struct view bytes)
{
    if (client_on(wire))
        read_asks(wire->owner, bytes);
    else
        read_answers(wire->owner, bytes);
}

static void on_read_end(struct pretend_uv_wire *wire, int status)
{
    if (!client_on(wire))
        read_answers_end(wire->owner, status);
}

static void on_written(struct pretend_uv_wire *wire, struct view bytes)
{
    if (client_on(wire))
        check_written_to_client(wire->owner, bytes);
    else
        check_written_to_backend(wire->owner, bytes);
}

static void on_write_end(struct pretend_uv_wire *wire)
{
    if (client_on(wire))
        check_end_to_client(wire->owner);
}

const struct pretend_uv_hooks oracle_hooks = {.on_read = on_read,
                                              .on_read_end = on_read_end,
                                              .on_written = on_written,
                                              .on_write_end = on_write_end,
                                              .on_connect = on_connect};

void oracle_check(void)
{
    for (const struct oracle_backend *backend = oracle.backends; backend; backend = backend->next)
        TARGET_CHECK(!backend->must_close || backend->wire->was_closed);
}

/* ---- life ----------------------------------------------------------------------------------- */

void oracle_init(const struct parser_limits *requests, const struct parser_limits *responses)
{
    static const struct parser_limits wide = {
        .max_head_bytes = 1 << 20, .max_target_bytes = 1 << 20, .max_field_count = HEAD_FIELD_MAX};
    oracle = (struct oracle){0};
    parser_setup_init(&oracle.request_setup, PARSER_REQUEST, requests);
    parser_setup_init(&oracle.response_setup, PARSER_RESPONSE, responses);
    parser_setup_init(&oracle.wide_request_setup, PARSER_REQUEST, &wide);
    parser_setup_init(&oracle.wide_response_setup, PARSER_RESPONSE, &wide);
    oracle_front_handler = exchange_front_handler;
    oracle_front_handler.on_request = on_request;
    oracle_front_handler.on_bad_request = on_bad_request;
}

struct oracle_client *oracle_new_client(size_t room)
{
    char ip[32];
    struct address peer;
    if (oracle.client_count == ORACLE_CLIENTS_MAX)
        return NULL;
    struct oracle_client *client = &oracle.clients[oracle.client_count++];
    snprintf(ip, sizeof(ip), "192.0.2.%u", oracle.client_count);
    TARGET_CHECK(address_parse_ip(view_str(ip), 5000, &peer));
    client->wire = pretend_uv_new_client(&peer, room);
    client->wire->owner = client;
    parser_init(&client->asks, &oracle.request_setup);
    parser_init(&client->answers, &oracle.wide_response_setup);
    return client;
}

static void drop_client(struct oracle_client *client)
{
    for (unsigned i = 0; i < client->request_count; i++) {
        text_fini(&client->requests[i].method);
        text_fini(&client->requests[i].target);
        text_fini(&client->requests[i].path);
        text_fini(&client->requests[i].body);
    }
    free(client->requests);
    text_fini(&client->sent);
    text_fini(&client->body);
    parser_fini(&client->asks);
    parser_fini(&client->answers);
}

void oracle_fini(void)
{
    for (unsigned i = 0; i < oracle.client_count; i++)
        drop_client(&oracle.clients[i]);
    for (unsigned i = 0; i < oracle.answer_count; i++)
        text_fini(&oracle.answers[i].body);
    free(oracle.answers);
    while (oracle.backends) {
        struct oracle_backend *backend = oracle.backends;
        oracle.backends = backend->next;
        text_fini(&backend->body);
        text_fini(&backend->said);
        parser_fini(&backend->asks);
        parser_fini(&backend->answers);
        free(backend);
    }
}
