#include "tests/fuzz/support/message.h"

#include "lb/base/memory.h"
#include "lb/base/rng.h"
#include "tests/fuzz/support/target.h"

#define PIECE_MAX_BYTES 24u

static void trace_head(const struct head *head, enum parser_kind kind, struct text *trace)
{
    text_append_str(trace, "HEAD ");
    if (kind == PARSER_REQUEST) {
        text_append(trace, head->method);
        text_appendf(trace, " form %d target ", (int)head->form);
        text_append(trace, head->target);
        text_append_str(trace, " path ");
        text_append(trace, head->path);
        text_append_str(trace, " authority ");
        text_append(trace, head->authority);
    } else {
        text_appendf(trace, "%u ", head->status);
        text_append(trace, head->reason);
    }
    text_appendf(trace, " 1.%u framing %d length %ju keep %d expects %d\n", head->minor_version,
                 (int)head->framing, (uintmax_t)head->content_length, head->is_keep_alive,
                 head->expects_continue);
    for (unsigned i = 0; i < head->field_count; i++) {
        text_appendf(trace, "%d %d ", head->fields[i].id, head->fields[i].is_dropped);
        text_append(trace, head_field_name(head, &head->fields[i]));
        text_append_str(trace, ": ");
        text_append(trace, head_field_value(head, &head->fields[i]));
        text_append_char(trace, '\n');
    }
}

/* The offsets that everything else relies on: one line for each field, in order, and in it the
 * name, the colon and the value between white space. */
static void check_offsets(const struct head *head)
{
    TARGET_CHECK(head->field_count <= HEAD_FIELD_MAX);
    for (unsigned i = 0; i < head->field_count; i++) {
        const struct field *field = &head->fields[i];
        uint32_t next = i + 1 < head->field_count ? field[1].name_at : head->len - 2;
        TARGET_CHECK(field->name_len > 0 && field->name_at < next && next < head->len);
        struct view line = view_of(head->base + field->name_at, next - field->name_at);
        TARGET_CHECK(line.len > 2 && line.ptr[line.len - 1] == '\n' &&
                     line.ptr[line.len - 2] == '\r');
        line.len -= 2;
        TARGET_CHECK(view_find(line, '\n') < 0 && view_find(line, '\r') < 0);
        TARGET_CHECK(view_find(line, ':') == field->name_len);
        struct view value = view_trim(view_skip(line, field->name_len + 1u));
        TARGET_CHECK(view_eq(value, head_field_value(head, field)));
    }
    TARGET_CHECK(memcmp(head->base + head->len - 4, "\r\n\r\n", 4) == 0);
}

/* Whole lines without control characters, so that they can be passed on. */
static void check_trailers(struct view lines)
{
    while (lines.len > 0) {
        ptrdiff_t end = view_find(lines, '\r');
        TARGET_CHECK(end > 0 && (size_t)end + 2 <= lines.len && lines.ptr[end + 1] == '\n');
        struct view line = view_of(lines.ptr, (size_t)end);
        TARGET_CHECK(view_find(line, '\n') < 0 && view_find(line, '\0') < 0);
        TARGET_CHECK(view_find(line, ':') > 0);
        lines = view_skip(lines, (size_t)end + 2);
    }
}

struct reading {
    const struct message_options *options;
    struct parser parser;
    struct text *trace;
    size_t body_at; /* in the trace */
    unsigned message_count;
};

static bool answers_head(const struct reading *reading)
{
    return reading->message_count < 16 &&
           (reading->options->head_answers >> reading->message_count & 1);
}

/* A line that is both malformed and one too many may be refused for either reason. */
static const char *word_of(enum err err)
{
    return err_word(err == ERR_HEAD_TOO_LARGE ? ERR_FIELD : err);
}

/* False after an error. */
static bool read_piece(struct reading *reading, struct view input)
{
    struct parser *parser = &reading->parser;
    const struct message_options *options = reading->options;
    for (;;) {
        struct view span = view_of(NULL, 0), before = input;
        enum parser_event event = parser_step(parser, &input, &span);
        TARGET_CHECK(input.len <= before.len);
        switch (event) {
        case PARSER_MORE:
            TARGET_CHECK(input.len == 0);
            return true;
        case PARSER_HEAD:
            check_offsets(&parser->head);
            trace_head(&parser->head, options->setup->kind, reading->trace);
            reading->body_at = reading->trace->len;
            if (options->on_head)
                options->on_head(options->owner, &parser->head, answers_head(reading));
            break;
        case PARSER_BODY:
            TARGET_CHECK(span.len > 0 && span.ptr >= before.ptr &&
                         span.ptr + span.len <= before.ptr + before.len);
            text_append(reading->trace, span);
            break;
        case PARSER_END:
            text_append_str(reading->trace, "\nEND\n");
            check_trailers(parser_trailers(parser));
            text_append(reading->trace, parser_trailers(parser));
            reading->body_at = reading->trace->len;
            reading->message_count++;
            parser_reset(parser);
            parser->answers_head_request = answers_head(reading);
            break;
        case PARSER_ERROR:
            /* How much of a bad body came out before the error depends on how it arrived. */
            reading->trace->len = reading->body_at;
            text_appendf(reading->trace, "\nERROR %s\n", word_of(parser->err));
            return false;
        }
    }
}

static size_t piece_size(enum message_cut cut, struct rng *rng, size_t left)
{
    size_t size = cut == MESSAGE_BYTE_BY_BYTE ? 1 : left;
    if (cut == MESSAGE_IN_PIECES)
        size = 1 + rng_next(rng) % PIECE_MAX_BYTES;
    return size < left ? size : left;
}

void message_trace(const struct message_options *options, struct view bytes, enum message_cut cut,
                   uint64_t seed, struct text *trace)
{
    struct reading reading = {.options = options, .trace = trace};
    struct rng rng = {seed};
    bool is_good = true;
    parser_init(&reading.parser, options->setup);
    reading.parser.answers_head_request = answers_head(&reading);
    while (is_good && bytes.len > 0) {
        size_t size = piece_size(cut, &rng, bytes.len);
        char *piece = memory_copy(bytes.ptr, size);
        is_good = read_piece(&reading, view_of(piece, size));
        free(piece);
        bytes = view_skip(bytes, size);
    }
    if (is_good) {
        enum parser_event event = parser_finish(&reading.parser);
        text_appendf(trace, "\nFINISH %d %s\n", (int)event, word_of(reading.parser.err));
    }
    parser_fini(&reading.parser);
}

void message_check_cuts(const struct message_options *options, struct view bytes, uint64_t seed)
{
    struct message_options silent = *options;
    struct text whole = TEXT_INIT;
    silent.on_head = NULL;
    message_trace(options, bytes, MESSAGE_WHOLE, seed, &whole);
    for (enum message_cut cut = MESSAGE_BYTE_BY_BYTE; cut <= MESSAGE_IN_PIECES; cut++) {
        struct text other = TEXT_INIT;
        message_trace(&silent, bytes, cut, seed, &other);
        bool is_same = view_eq(text_view(&whole), text_view(&other));
        if (!is_same)
            fprintf(stderr, "==== whole:\n%s\n==== cut %d:\n%s\n", text_str(&whole), (int)cut,
                    text_str(&other));
        TARGET_CHECK(is_same);
        text_fini(&other);
    }
    text_fini(&whole);
}

static unsigned count_fields(const struct head *head, struct view name)
{
    unsigned count = 0;
    for (unsigned i = 0; i < head->field_count; i++)
        count += view_eq_nocase(head_field_name(head, &head->fields[i]), name);
    return count;
}

void message_check_head(const struct parser_setup *setup, struct parser *parser,
                        bool is_head_answer, struct view bytes)
{
    struct view rest = bytes, span;
    while (rest.len > 0) {
        ptrdiff_t end = view_find(rest, '\r');
        TARGET_CHECK(end >= 0 && (size_t)end + 2 <= rest.len && rest.ptr[end + 1] == '\n');
        struct view line = view_of(rest.ptr, (size_t)end);
        TARGET_CHECK(view_find(line, '\n') < 0 && view_find(line, '\0') < 0);
        TARGET_CHECK((line.len > 0) == (rest.len > 2));
        rest = view_skip(rest, (size_t)end + 2);
    }
    rest = bytes;
    parser_init(parser, setup);
    parser->answers_head_request = is_head_answer;
    TARGET_CHECK(parser_step(parser, &rest, &span) == PARSER_HEAD);
    TARGET_CHECK(rest.len == 0);
    unsigned length_count = count_fields(&parser->head, VIEW("Content-Length"));
    unsigned coding_count = count_fields(&parser->head, VIEW("Transfer-Encoding"));
    TARGET_CHECK(length_count + coding_count <= 1);
    TARGET_CHECK((coding_count == 1) == (parser->head.framing == FRAMING_CHUNKED));
    if (setup->kind == PARSER_REQUEST)
        TARGET_CHECK(count_fields(&parser->head, VIEW("Host")) == 1);
}
