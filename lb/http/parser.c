#include "lb/http/parser.h"

#include <assert.h>
#include <llhttp.h>

#include "lb/http/framing.h"
#include "lb/http/meaning.h"
#include "lb/http/start_line.h"

_Static_assert(sizeof(llhttp_t) <= PARSER_LLHTTP_BYTES, "llhttp has grown");

/* ---- what llhttp tells ----------------------------------------------------------------------- */

static llhttp_t *llhttp_of(struct parser_llhttp *room)
{
    return (llhttp_t *)(void *)room->bytes;
}

static struct parser *self_of(llhttp_t *llhttp)
{
    return llhttp->data;
}

static int refuse(struct parser *parser, enum err err)
{
    parser->err = err;
    return HPE_USER;
}

static bool is_in_head(const struct parser *parser)
{
    return parser->phase == PARSER_IN_FIELDS;
}

static uint32_t offset_of(const struct parser *parser, const char *at)
{
    return (uint32_t)(at - parser->head.base);
}

static void stash(struct parser *parser, struct view bytes)
{
    const char *before = parser->stash.bytes;
    text_append(&parser->stash, bytes);
    if (before && is_in_head(parser))
        head_move(&parser->head, before, parser->stash.bytes);
}

/* ---- fields ---------------------------------------------------------------------------------- */

static int on_header_field(llhttp_t *llhttp, const char *at, size_t len)
{
    struct parser *parser = self_of(llhttp);
    struct head *head = &parser->head;
    if (!is_in_head(parser))
        return trailers_name(&parser->trailers, view_of(at, len),
                             parser->setup->limits.max_field_count)
                   ? 0
                   : refuse(parser, ERR_CHUNK);
    if (head->field_count >= parser->setup->limits.max_field_count)
        return refuse(parser, ERR_HEAD_TOO_LARGE);
    struct field *field = &head->fields[head->field_count];
    if (field->name_len == 0)
        field->name_at = offset_of(parser, at);
    if (field->name_len + len > UINT16_MAX)
        return refuse(parser, ERR_HEAD_TOO_LARGE);
    field->name_len = (uint16_t)(field->name_len + len);
    return 0;
}

/* A value that goes on after a line end (obs-fold, RFC 9112 § 5.2) shows as a second span that
 * does not touch the first. */
static int on_header_value(llhttp_t *llhttp, const char *at, size_t len)
{
    struct parser *parser = self_of(llhttp);
    struct head *head = &parser->head;
    if (!is_in_head(parser))
        return trailers_value(&parser->trailers, view_of(at, len), parser->input)
                   ? 0
                   : refuse(parser, ERR_CHUNK);
    struct field *field = &head->fields[head->field_count];
    uint32_t offset = offset_of(parser, at);
    if (!parser->in_value) {
        parser->in_value = true;
        field->value_at = offset;
        field->value_len = 0;
    } else if (field->value_at + field->value_len != offset && field->value_len > 0) {
        return refuse(parser, ERR_FIELD);
    }
    if (field->value_len == 0)
        field->value_at = offset;
    field->value_len += (uint32_t)len;
    return 0;
}

static int on_header_value_complete(llhttp_t *llhttp)
{
    struct parser *parser = self_of(llhttp);
    struct head *head = &parser->head;
    if (!is_in_head(parser))
        return trailers_end_line(&parser->trailers) ? 0 : refuse(parser, ERR_CHUNK);
    struct field *field = &head->fields[head->field_count];
    if (field->name_len == 0)
        return refuse(parser, ERR_FIELD);
    struct view value = view_trim(head_field_value(head, field));
    field->value_len = (uint32_t)value.len;
    if (value.len > 0)
        field->value_at = offset_of(parser, value.ptr);
    else
        field->value_at = field->name_at + field->name_len + 1u; /* llhttp may tell a later place */
    parser->in_value = false;
    head_file_field(head, head->field_count);
    head->field_count++;
    if (head->field_count < HEAD_FIELD_MAX)
        head->fields[head->field_count].name_len = 0;
    return 0;
}

/* Behind the head, and behind each chunk but the last, a chunk may begin. */
static int pause_before_chunk(llhttp_t *llhttp)
{
    if (!(llhttp->flags & F_TRAILING))
        chunk_line_reset(&self_of(llhttp)->chunk_line);
    return HPE_PAUSED;
}

static int on_message_complete(llhttp_t *llhttp)
{
    self_of(llhttp)->is_complete = true;
    return HPE_PAUSED;
}

/* Each chunk may have a line of some bytes, and each byte of body two: what is more than that adds
 * up, and its sum is limited. */
static void make_up_for(struct parser *parser, size_t bytes)
{
    parser->overhead -= parser->overhead < bytes ? parser->overhead : (uint32_t)bytes;
}

/* llhttp counts to 2^64 - 1; others stop at 2^63 - 1, and so does Content-Length here (RFC 9112
 * § 7.1: a recipient must not lose digits of a chunk size). */
static int on_chunk_header(llhttp_t *llhttp)
{
    if (llhttp->content_length > 0)
        self_of(llhttp)->allowance = CHUNK_LINE_ALLOWANCE;
    return llhttp->content_length <= INT64_MAX ? 0 : refuse(self_of(llhttp), ERR_CHUNK);
}

static int on_body(llhttp_t *llhttp, const char *at, size_t len)
{
    self_of(llhttp)->span = view_of(at, len);
    return 0;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = pause_before_chunk,
    .on_chunk_header = on_chunk_header,
    .on_body = on_body,
    .on_chunk_complete = pause_before_chunk,
    .on_message_complete = on_message_complete,
};

/* ---- life ------------------------------------------------------------------------------------ */

/* Each message's llhttp starts behind a start line that it was given here: methods are any token
 * (RFC 9110 § 9.1) and llhttp knows only some, so start lines are ours. */
void parser_setup_init(struct parser_setup *setup, enum parser_kind kind,
                       const struct parser_limits *limits)
{
    assert(limits->max_field_count <= HEAD_FIELD_MAX);
    *setup = (struct parser_setup){.kind = kind, .limits = *limits};
    llhttp_t *llhttp = llhttp_of(&setup->behind_start_line);
    llhttp_init(llhttp, kind == PARSER_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
    struct view line =
        kind == PARSER_REQUEST ? VIEW("POST / HTTP/1.1\r\n") : VIEW("HTTP/1.1 200 OK\r\n");
    llhttp_execute(llhttp, line.ptr, line.len);
}

void parser_init(struct parser *parser, const struct parser_setup *setup)
{
    parser->setup = setup;
    parser->held_bytes = 0;
    parser->stash = TEXT_INIT;
    trailers_init(&parser->trailers);
    parser_reset(parser);
}

void parser_fini(struct parser *parser)
{
    text_fini(&parser->stash);
    trailers_fini(&parser->trailers);
    parser_count_held(parser);
}

void parser_reset(struct parser *parser)
{
    parser_fini(parser);
    parser->phase = PARSER_AT_START;
    parser->err = ERR_OK;
    parser->answers_head_request = false;
    parser->fields_at = 0;
}

const char *parser_library_version(void)
{
#define TEXT_OF(x, y, z) #x "." #y "." #z
#define TEXT_OF2(...)    TEXT_OF(__VA_ARGS__)
    return TEXT_OF2(LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
}

/* ---- the head -------------------------------------------------------------------------------- */

static enum parser_event fail(struct parser *parser, enum err err, struct view at)
{
    parser->err = parser->setup->kind == PARSER_RESPONSE ? ERR_UPSTREAM_INVALID : err;
    parser->flaw = err;
    parser->flaw_at = at;
    parser->phase = PARSER_FAILED;
    return PARSER_ERROR;
}

static void start_fields(struct parser *parser)
{
    parser->llhttp = parser->setup->behind_start_line;
    llhttp_of(&parser->llhttp)->data = parser;
    parser->phase = PARSER_IN_FIELDS;
    parser->in_value = false;
    parser->head.field_count = 0;
    parser->head.fields[0].name_len = 0;
    memset(parser->head.field_at, 0, sizeof(parser->head.field_at));
    parser->head.repeated = 0;
}

static enum err field_error(const struct parser *parser, llhttp_errno_t code)
{
    switch (code) {
    case HPE_USER:
        return parser->err;
    case HPE_INVALID_CONTENT_LENGTH:
    case HPE_UNEXPECTED_CONTENT_LENGTH:
        return ERR_LENGTH;
    case HPE_INVALID_TRANSFER_ENCODING: /* chunks do not come last */
        return ERR_LENGTH;
    default:
        return ERR_FIELD;
    }
}

static enum parser_event finish_head(struct parser *parser)
{
    struct head *head = &parser->head;
    if (!head_are_lines_whole(head))
        return fail(parser, ERR_FIELD, view_of(head->base, head->len));
    enum err err = parser->setup->kind == PARSER_REQUEST
                       ? meaning_of_request(head)
                       : meaning_of_response(head, parser->answers_head_request);
    if (err)
        return fail(parser, err, framing_lines(head));
    if (head->framing == FRAMING_CHUNKED) /* llhttp knows no HTAB behind the word */
        llhttp_of(&parser->llhttp)->flags |= F_CHUNKED;
    parser->body_left = head->content_length;
    parser->overhead = 0;
    parser->allowance = 0;
    parser->is_complete = false;
    bool has_body = head->framing != FRAMING_NONE &&
                    (head->framing != FRAMING_LENGTH || head->content_length > 0);
    parser->phase = has_body ? PARSER_IN_BODY : PARSER_AT_END;
    return PARSER_HEAD;
}

/* Works on the head as far as it is known: `bytes` from its first byte. PARSER_MORE: all used. */
static enum parser_event parse_head(struct parser *parser, struct view bytes)
{
    struct head *head = &parser->head;
    if (parser->phase != PARSER_IN_FIELDS) {
        const struct parser_setup *setup = parser->setup;
        struct start_line line;
        enum err err = start_line_parse(head, setup->kind == PARSER_REQUEST,
                                        setup->limits.max_target_bytes, bytes, &line);
        if (err)
            return fail(parser, err, bytes);
        parser->fields_at = line.len;
        if (line.len == 0) {
            parser->phase = line.is_begun ? PARSER_IN_START_LINE : PARSER_AT_START;
            return PARSER_MORE;
        }
        start_fields(parser);
    }
    head->base = bytes.ptr;
    const char *from = bytes.ptr + parser->fields_at;
    llhttp_t *llhttp = llhttp_of(&parser->llhttp);
    llhttp_errno_t code = llhttp_execute(llhttp, from, bytes.len - parser->fields_at);
    if (code == HPE_OK) {
        parser->fields_at = (uint32_t)bytes.len;
        return PARSER_MORE;
    }
    if (code != HPE_PAUSED)
        return fail(parser, field_error(parser, code),
                    view_line_of(bytes, llhttp_get_error_pos(llhttp)));
    head->len = offset_of(parser, llhttp_get_error_pos(llhttp));
    return finish_head(parser);
}

/* A head that lies in one read is parsed and left where it is; the pieces of another one are put
 * together in the stash. */
static enum parser_event step_head(struct parser *parser, struct view *input)
{
    uint32_t before = (uint32_t)parser->stash.len;
    uint32_t max = parser->setup->limits.max_head_bytes;
    uint32_t room = max > before ? max - before : 0; /* it may be less than at the last step */
    struct view part = view_of(input->ptr, input->len < room ? input->len : room);
    if (before > 0)
        stash(parser, part);
    struct view known = before > 0 ? text_view(&parser->stash) : part;
    enum parser_event event = parse_head(parser, known);
    if (event == PARSER_HEAD)
        *input = view_skip(*input, parser->head.len - before);
    if (event != PARSER_MORE)
        return event;
    if (part.len == room)
        return fail(parser, is_in_head(parser) ? ERR_HEAD_TOO_LARGE : ERR_TARGET_TOO_LONG, known);
    if (before == 0) {
        stash(parser, part);
        if (is_in_head(parser))
            head_move(&parser->head, part.ptr, parser->stash.bytes);
    }
    *input = view_skip(*input, part.len);
    parser_count_held(parser);
    return PARSER_MORE;
}

/* ---- the body -------------------------------------------------------------------------------- */

static enum parser_event step_length(struct parser *parser, struct view *input, struct view *span)
{
    if (parser->body_left == 0) {
        parser->phase = PARSER_AT_END;
        return PARSER_END;
    }
    if (input->len == 0)
        return PARSER_MORE;
    size_t part = input->len < parser->body_left ? input->len : (size_t)parser->body_left;
    *span = view_of(input->ptr, part);
    *input = view_skip(*input, part);
    parser->body_left -= part;
    return PARSER_BODY;
}

static void note_last_bytes(struct parser *parser, struct view bytes)
{
    if (bytes.len > 0) {
        parser->last_bytes[0] = bytes.len > 1 ? bytes.ptr[bytes.len - 2] : parser->last_bytes[1];
        parser->last_bytes[1] = bytes.ptr[bytes.len - 1];
    }
}

/* One run of llhttp; it stops at the end of each chunk and of the message. */
static enum err run_chunked(struct parser *parser, struct view *input)
{
    llhttp_t *llhttp = llhttp_of(&parser->llhttp);
    if (!input->ptr)
        *input = VIEW(""); /* llhttp takes NULL for: no piece of body is being read */
    parser->span = view_of(NULL, 0);
    parser->input = *input;
    if (llhttp_get_errno(llhttp) == HPE_PAUSED)
        llhttp_resume(llhttp);
    trailers_begin_input(&parser->trailers, *input);
    llhttp_errno_t code = llhttp_execute(llhttp, input->ptr, input->len);
    trailers_end_input(&parser->trailers, *input);
    parser_count_held(parser);
    if (code != HPE_OK && code != HPE_PAUSED)
        return ERR_CHUNK;
    const char *end = code == HPE_PAUSED ? llhttp_get_error_pos(llhttp) : input->ptr + input->len;
    size_t used = (size_t)(end - input->ptr);
    size_t before = parser->span.len > 0 ? (size_t)(parser->span.ptr - input->ptr) : used;
    parser->overhead += (uint32_t)before;
    if (parser->overhead > parser->setup->limits.max_head_bytes)
        return ERR_CHUNK;
    make_up_for(parser, parser->allowance);
    parser->allowance = 0;
    if (parser->span.len > 0) {
        make_up_for(parser, 2 * parser->span.len);
        parser->overhead += (uint32_t)(used - before - parser->span.len);
    }
    note_last_bytes(parser, view_of(input->ptr, used));
    *input = view_skip(*input, used);
    /* llhttp takes a lone LF for the end of the trailer section */
    return parser->is_complete && parser->last_bytes[0] != '\r' ? ERR_CHUNK : ERR_OK;
}

/* The same, without the chunk extension, of which llhttp takes not every kind. */
static enum err execute_chunked(struct parser *parser, struct view *input)
{
    size_t size_len, left_out;
    if (!chunk_line_read(&parser->chunk_line, *input, &size_len, &left_out))
        return ERR_CHUNK;
    if (left_out == 0)
        return run_chunked(parser, input);
    struct view size = view_of(input->ptr, size_len);
    enum err err = size_len > 0 ? run_chunked(parser, &size) : ERR_OK;
    parser->overhead += (uint32_t)left_out;
    *input = view_skip(*input, size_len + left_out);
    if (!err && parser->overhead > parser->setup->limits.max_head_bytes)
        err = ERR_CHUNK;
    return err || input->len == 0 ? err : run_chunked(parser, input);
}

static enum parser_event step_chunked(struct parser *parser, struct view *input, struct view *span)
{
    /* Run on nothing, llhttp would forget a piece of body that is being read; paused, it has none
     * and goes on to what it stopped at. */
    if (input->len == 0 && llhttp_get_errno(llhttp_of(&parser->llhttp)) == HPE_OK)
        return PARSER_MORE;
    for (;;) {
        struct view before = *input;
        enum err err = execute_chunked(parser, input);
        if (err)
            return fail(parser, err, before);
        if (parser->span.len > 0) {
            *span = parser->span;
            return PARSER_BODY;
        }
        if (parser->is_complete) {
            parser->phase = PARSER_AT_END;
            return PARSER_END;
        }
        if (llhttp_get_errno(llhttp_of(&parser->llhttp)) == HPE_OK)
            return PARSER_MORE;
    }
}

static enum parser_event step_close(struct view *input, struct view *span)
{
    if (input->len == 0)
        return PARSER_MORE;
    *span = *input;
    *input = view_skip(*input, input->len);
    return PARSER_BODY;
}

static enum parser_event step_body(struct parser *parser, struct view *input, struct view *span)
{
    switch (parser->head.framing) {
    case FRAMING_LENGTH:
        return step_length(parser, input, span);
    case FRAMING_CHUNKED:
        return step_chunked(parser, input, span);
    case FRAMING_CLOSE:
        return step_close(input, span);
    case FRAMING_NONE:
        break;
    }
    parser->phase = PARSER_AT_END;
    return PARSER_END;
}

enum parser_event parser_step(struct parser *parser, struct view *input, struct view *span)
{
    switch (parser->phase) {
    case PARSER_AT_START:
    case PARSER_IN_START_LINE:
    case PARSER_IN_FIELDS:
        return input->len > 0 ? step_head(parser, input) : PARSER_MORE;
    case PARSER_IN_BODY:
        return step_body(parser, input, span);
    case PARSER_AT_END:
        return PARSER_END;
    case PARSER_FAILED:
        break;
    }
    return PARSER_ERROR;
}

struct view parser_trailers(const struct parser *parser)
{
    return trailers_lines(&parser->trailers);
}

enum parser_event parser_finish(struct parser *parser)
{
    if (parser->phase == PARSER_AT_START || parser->phase == PARSER_AT_END)
        return PARSER_MORE;
    if (parser->phase == PARSER_IN_BODY && parser->head.framing == FRAMING_CLOSE) {
        parser->phase = PARSER_AT_END;
        return PARSER_END;
    }
    if (parser->phase == PARSER_FAILED)
        return PARSER_ERROR;
    bool in_body = parser->phase == PARSER_IN_BODY;
    fail(parser, ERR_CLIENT_GONE, text_view(&parser->stash));
    if (in_body && parser->setup->kind == PARSER_RESPONSE)
        parser->err = ERR_UPSTREAM_TRUNCATED;
    return PARSER_ERROR;
}
