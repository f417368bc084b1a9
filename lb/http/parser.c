#include "lb/http/parser.h"

#include "lb/base/bounds.h"
#include "lb/http/framing.h"
#include "lb/http/meaning.h"
#include "lb/http/start_line.h"

static bool is_in_head(const struct parser *parser)
{
    return parser->phase == PARSER_IN_FIELDS;
}

static void stash(struct parser *parser, struct view bytes)
{
    const char *before = parser->stash.bytes;
    text_append(&parser->stash, bytes);
    if (before && is_in_head(parser))
        head_move(&parser->head, before, parser->stash.bytes);
}

/* ---- life ------------------------------------------------------------------------------------ */

void parser_setup_init(struct parser_setup *setup, enum parser_kind kind,
                       const struct parser_limits *limits)
{
    bounds_hold(limits->max_field_count <= HEAD_FIELD_MAX);
    *setup = (struct parser_setup){.kind = kind, .limits = *limits};
    scanner_prepare(&setup->behind_start_line, kind == PARSER_REQUEST);
}

/* Nothing is stashed. */
static void begin(struct parser *parser)
{
    parser->phase = PARSER_AT_START;
    parser->err = ERR_OK;
    parser->answers_head_request = false;
    parser->fields_at = 0;
}

void parser_init(struct parser *parser, const struct parser_setup *setup)
{
    parser->setup = setup;
    parser->held_bytes = 0;
    parser->stash = TEXT_INIT;
    scanner_init(&parser->scanner);
    begin(parser);
}

void parser_fini(struct parser *parser)
{
    text_fini(&parser->stash);
    scanner_fini(&parser->scanner);
    parser_count_held(parser);
}

void parser_reset(struct parser *parser)
{
    parser_fini(parser);
    begin(parser);
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

static enum parser_event finish_head(struct parser *parser)
{
    struct head *head = &parser->head;
    if (!head_file_fields(head))
        return fail(parser, ERR_FIELD, view_of(head->base, head->len));
    enum err err = parser->setup->kind == PARSER_REQUEST
                       ? meaning_of_request(head)
                       : meaning_of_response(head, parser->answers_head_request);
    if (err)
        return fail(parser, err, framing_lines(head));
    if (head->framing == FRAMING_CHUNKED)
        chunked_begin(&parser->chunked, &parser->scanner);
    parser->body_left = head->content_length;
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
        scanner_begin(&parser->scanner, &setup->behind_start_line, head);
        parser->phase = PARSER_IN_FIELDS;
    }
    const char *at;
    head->base = bytes.ptr;
    parser->scanner.max_field_count = parser->setup->limits.max_field_count;
    switch (scanner_fields(&parser->scanner, view_skip(bytes, parser->fields_at), &at)) {
    case SCANNER_MORE:
        parser->fields_at = (uint32_t)bytes.len;
        return PARSER_MORE;
    case SCANNER_FAILED:
        return fail(parser, parser->scanner.err, view_line_of(bytes, at));
    case SCANNER_STOPPED:
        break;
    }
    head->len = (uint32_t)(at - head->base);
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

static enum parser_event step_chunked(struct parser *parser, struct view *input, struct view *span)
{
    const struct parser_limits *limits = &parser->setup->limits;
    parser->scanner.max_field_count = limits->max_field_count;
    enum err err =
        chunked_read(&parser->chunked, &parser->scanner, limits->max_head_bytes, input, span);
    parser_count_held(parser);
    if (err)
        return fail(parser, err, *input);
    if (span->len > 0)
        return PARSER_BODY;
    if (!parser->scanner.is_complete)
        return PARSER_MORE;
    parser->phase = PARSER_AT_END;
    return PARSER_END;
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
    return trailers_lines(&parser->scanner.trailers);
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
