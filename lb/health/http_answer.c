#include "lb/health/http_answer.h"

#include <stdio.h>

#define HEAD_BYTES_MAX 65536u

void http_answer_setup(struct parser_setup *setup)
{
    parser_setup_init(setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = HEAD_BYTES_MAX,
                                              .max_field_count = HEAD_FIELD_MAX});
}

void http_answer_init(struct http_answer *answer, const struct parser_setup *setup,
                      const struct check *check)
{
    answer->check = check;
    answer->body_bytes = 0;
    parser_init(&answer->parser, setup);
    answer->parser.answers_head_request = strcmp(check->method, "HEAD") == 0;
    finder_init(&answer->finder, view_str(check->text));
}

void http_answer_fini(struct http_answer *answer)
{
    parser_fini(&answer->parser);
}

static enum verdict bad(struct http_answer *answer, const char *problem)
{
    snprintf(answer->problem, sizeof(answer->problem), "%s", problem);
    return VERDICT_BAD;
}

static enum verdict bad_status(struct http_answer *answer, unsigned status)
{
    struct text accepted = TEXT_INIT;
    check_format(answer->check, VIEW("status"), &accepted);
    snprintf(answer->problem, sizeof(answer->problem), "status %u instead of %.40s", status,
             text_str(&accepted));
    text_fini(&accepted);
    return VERDICT_BAD;
}

static enum verdict take_head(struct http_answer *answer)
{
    unsigned status = answer->parser.head.status;
    bool answers_head_request = answer->parser.answers_head_request;
    if (status < 200 && status != 101) {
        parser_reset(&answer->parser);
        answer->parser.answers_head_request = answers_head_request;
        return VERDICT_OPEN;
    }
    if (!check_takes_status(answer->check, status))
        return bad_status(answer, status);
    return answer->check->text[0] ? VERDICT_OPEN : VERDICT_WELL;
}

static enum verdict take_body(struct http_answer *answer, struct view piece)
{
    if (piece.len > HTTP_ANSWER_BODY_MAX - answer->body_bytes)
        piece.len = HTTP_ANSWER_BODY_MAX - answer->body_bytes;
    answer->body_bytes += piece.len;
    if (finder_take(&answer->finder, piece))
        return VERDICT_WELL;
    if (answer->body_bytes == HTTP_ANSWER_BODY_MAX)
        return bad(answer, "the first 64 KiB of the body have not the expected text");
    return VERDICT_OPEN;
}

static enum verdict take_end(struct http_answer *answer)
{
    return bad(answer, "the body has not the expected text");
}

enum verdict http_answer_take(struct http_answer *answer, struct view data)
{
    enum verdict verdict = VERDICT_OPEN;
    struct view piece;
    while (verdict == VERDICT_OPEN) {
        switch (parser_step(&answer->parser, &data, &piece)) {
        case PARSER_MORE:
            return VERDICT_OPEN;
        case PARSER_HEAD:
            verdict = take_head(answer);
            break;
        case PARSER_BODY:
            verdict = take_body(answer, piece);
            break;
        case PARSER_END:
            verdict = take_end(answer);
            break;
        case PARSER_ERROR:
            verdict = bad(answer, "the answer is no proper HTTP");
            break;
        }
    }
    return verdict;
}

enum verdict http_answer_end(struct http_answer *answer)
{
    if (parser_finish(&answer->parser) == PARSER_END)
        return take_end(answer);
    return bad(answer, "the connection ended before the answer did");
}
