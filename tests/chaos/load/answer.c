#include "tests/chaos/load/answer.h"

void answer_init(struct answer *answer)
{
    answer->stage = ANSWER_HEAD;
    answer->status = 0;
    answer->says_close = false;
    answer->is_wrong = false;
    answer->length = UINT64_MAX;
    answer->body_got = 0;
    answer->got = 0;
    answer->head_len = 0;
    answer->text_len = 0;
}

static struct view next_line(struct view *rest)
{
    struct view line = view_cut(rest, '\n');
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

static void read_field(struct answer *answer, struct view line)
{
    struct view value = line;
    struct view name = view_cut(&value, ':');
    if (!value.ptr)
        return;
    value = view_trim(value);
    if (view_eq_nocase(name, VIEW("content-length"))) {
        if (!view_parse_u64(value, UINT64_MAX - 1, &answer->length))
            answer->stage = ANSWER_MALFORMED;
    } else if (view_eq_nocase(name, VIEW("connection"))) {
        answer->says_close = view_eq_nocase(value, VIEW("close"));
    }
}

static void read_head(struct answer *answer, const struct request *request)
{
    struct view rest = view_of(answer->head, answer->head_len);
    struct view line = next_line(&rest);
    uint64_t status;
    answer->stage = ANSWER_BODY;
    if (!view_starts_with(line, VIEW("HTTP/1.")) || line.len < 12 ||
        !view_parse_u64(view_of(line.ptr + 9, 3), 599, &status)) {
        answer->stage = ANSWER_MALFORMED;
        return;
    }
    answer->status = (unsigned)status;
    while (answer->stage == ANSWER_BODY && (line = next_line(&rest)).len > 0)
        read_field(answer, line);
    uint64_t wanted = request_want_length(request);
    if (answer->length == UINT64_MAX)
        answer->stage = ANSWER_MALFORMED;
    else if (answer->status == 200 && wanted != UINT64_MAX && wanted != answer->length)
        answer->is_wrong = true;
}

/* Adds to the head up to its blank line; gives how many bytes that were. */
static size_t take_head(struct answer *answer, struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (answer->head_len == sizeof(answer->head)) {
            answer->stage = ANSWER_MALFORMED;
            return i;
        }
        answer->head[answer->head_len++] = bytes.ptr[i];
        if (answer->head_len >= 4 &&
            memcmp(answer->head + answer->head_len - 4, "\r\n\r\n", 4) == 0) {
            answer->stage = ANSWER_BODY;
            return i + 1;
        }
    }
    return bytes.len;
}

static void take_body(struct answer *answer, const struct request *request, struct view bytes)
{
    if (answer->status == 200 && !request_wants(request, answer->body_got, bytes))
        answer->is_wrong = true;
    answer->body_got += bytes.len;
    size_t room = sizeof(answer->text) - answer->text_len;
    size_t kept = bytes.len < room ? bytes.len : room;
    if (kept > 0)
        memcpy(answer->text + answer->text_len, bytes.ptr, kept);
    answer->text_len += kept;
}

bool answer_take(struct answer *answer, const struct request *request, struct view bytes)
{
    answer->got += bytes.len;
    if (answer->stage == ANSWER_HEAD) {
        bytes = view_skip(bytes, take_head(answer, bytes));
        if (answer->stage == ANSWER_BODY)
            read_head(answer, request);
    }
    if (answer->stage == ANSWER_BODY) {
        uint64_t left = answer->length - answer->body_got;
        struct view part = view_of(bytes.ptr, bytes.len < left ? bytes.len : (size_t)left);
        take_body(answer, request, part);
        bytes = view_skip(bytes, part.len);
        if (answer->body_got == answer->length)
            answer->stage = ANSWER_COMPLETE;
    }
    return bytes.len == 0;
}
