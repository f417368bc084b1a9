#include "tests/unit/http/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define EVENTS_MAX 100000u

static void write_start_line(struct text *out, enum parser_kind kind, const struct head *head)
{
    if (kind == PARSER_RESPONSE) {
        text_appendf(out, "%u 1.%u ", head->status, head->minor_version);
        text_append(out, head->reason);
    } else {
        text_append(out, head->method);
        text_append_char(out, ' ');
        text_append(out, head->target);
        text_appendf(out, " 1.%u", head->minor_version);
        if (head->form == TARGET_ASTERISK) {
            text_append_str(out, " asterisk");
        } else if (head->form == TARGET_ABSOLUTE) {
            text_append_str(out, " absolute ");
            text_append(out, head->authority);
            text_append_char(out, ' ');
            text_append(out, head->path);
        }
    }
    text_append_char(out, '\n');
}

static void write_head(struct text *out, enum parser_kind kind, const struct head *head)
{
    static const char *const framings[] = {" none", " length", " chunked", " until end"};
    write_start_line(out, kind, head);
    for (unsigned i = 0; i < head->field_count; i++) {
        text_append_str(out, head->fields[i].is_dropped ? " -" : " ");
        text_append(out, head_field_name(head, &head->fields[i]));
        text_append_str(out, ": ");
        text_append(out, head_field_value(head, &head->fields[i]));
        text_append_char(out, '\n');
    }
    text_append_str(out, framings[head->framing]);
    if (head->framing == FRAMING_LENGTH)
        text_appendf(out, " %llu", (unsigned long long)head->content_length);
    text_append_str(out, head->is_keep_alive ? "" : " close");
    if (kind == PARSER_REQUEST && head->wants_upgrade)
        text_append_str(out, " upgrade");
    if (kind == PARSER_REQUEST && head->takes_trailers)
        text_append_str(out, " trailers");
    text_append_str(out, head->expects_continue ? " continue\n" : "\n");
}

static void write_body(struct text *out, struct text *body, const struct parser *parser)
{
    text_append_char(out, '[');
    text_append(out, text_view(body));
    text_append_str(out, "]\n");
    text_append(out, parser_trailers(parser));
    text_clear(body);
}

/* Steps through one piece. False: an error was met. */
static bool read_piece(struct text *out, struct text *body, struct parser *parser,
                       struct view piece, const struct transcript_way *way)
{
    struct view input = piece, span;
    for (unsigned events = 0; events < EVENTS_MAX; events++) {
        switch (parser_step(parser, &input, &span)) {
        case PARSER_MORE:
            assert_int_equal(input.len, 0);
            return true;
        case PARSER_HEAD:
            write_head(out, parser->setup->kind, &parser->head);
            break;
        case PARSER_BODY:
            assert_true(span.len > 0 && span.ptr >= piece.ptr && span.ptr + span.len <= input.ptr);
            text_append(body, span);
            break;
        case PARSER_END:
            write_body(out, body, parser);
            parser_reset(parser);
            parser->answers_head_request = way->answers_head_request;
            break;
        case PARSER_ERROR:
            text_appendf(out, "ERROR %s\n", err_word(parser->err));
            return false;
        }
        assert_ptr_equal(input.ptr + input.len, piece.ptr + piece.len);
    }
    fail_msg("the parser does not come to an end");
    return false;
}

static void read_end(struct text *out, struct text *body, struct parser *parser)
{
    switch (parser_finish(parser)) {
    case PARSER_MORE:
        break;
    case PARSER_END:
        write_body(out, body, parser);
        break;
    case PARSER_ERROR:
        text_appendf(out, "CUT %s\n", err_word(parser->err));
        break;
    default:
        fail_msg("an event that the end cannot bring");
    }
}

void transcript_append(struct text *out, const struct parser_setup *setup, struct view bytes,
                       const struct transcript_way *way)
{
    struct parser *parser = memory_resize(NULL, sizeof(*parser));
    struct text body = TEXT_INIT;
    size_t next = way->first_bytes;
    bool is_good = true;
    memset(parser, 0xA5, sizeof(*parser)); /* as a slab gives it: what was there before */
    parser_init(parser, setup);
    parser->answers_head_request = way->answers_head_request;
    while (is_good && bytes.len > 0) {
        size_t len = next < bytes.len ? next : bytes.len;
        char *piece = memory_resize(NULL, len);
        memcpy(piece, bytes.ptr, len);
        is_good = read_piece(out, &body, parser, view_of(piece, len), way);
        memset(piece, '!', len); /* a view that was kept too long shows without a sanitizer too */
        free(piece);
        bytes = view_skip(bytes, len);
        next = way->step_bytes;
    }
    if (is_good)
        read_end(out, &body, parser);
    parser_fini(parser);
    text_fini(&body);
    free(parser);
}

static bool is_way_right(const struct parser_setup *setup, struct view bytes, const char *want,
                         const struct transcript_way *way)
{
    struct text got = TEXT_INIT;
    transcript_append(&got, setup, bytes, way);
    bool is_right = strcmp(text_str(&got), want) == 0;
    if (!is_right)
        print_error("first piece %zu, then %zu bytes each\n---- message\n%.*s\n---- want\n%s"
                    "---- got\n%s----\n",
                    way->first_bytes, way->step_bytes, (int)bytes.len, bytes.ptr, want,
                    text_str(&got));
    text_fini(&got);
    return is_right;
}

bool transcript_is(const struct parser_setup *setup, struct view bytes, const char *want,
                   bool answers_head_request)
{
    for (size_t cut = bytes.len; cut > 0; cut--)
        if (!is_way_right(setup, bytes, want,
                          &(struct transcript_way){cut, bytes.len, answers_head_request}))
            return false;
    for (size_t step = 1; step <= 3; step++)
        if (!is_way_right(setup, bytes, want,
                          &(struct transcript_way){step, step, answers_head_request}))
            return false;
    return true;
}
