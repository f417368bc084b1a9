#include "lb/back/complaint.h"

#include "lb/base/shown.h"
#include "lb/base/text.h"

static const char *const sentences[] = {
    [COMPLAINT_STATUS_LINE] = "its answer does not begin with a status line of HTTP/1",
    [COMPLAINT_FIELD] = "a header field of its answer is malformed",
    [COMPLAINT_OPTIONS] = "Connection has too many options in its answer",
    [COMPLAINT_LENGTH] =
        "Content-Length and Transfer-Encoding of its answer leave open where it ends",
    [COMPLAINT_CODING] = "its answer has a Transfer-Encoding other than chunked",
    [COMPLAINT_CHUNK] = "the chunks of its answer are malformed",
    [COMPLAINT_HEAD_BYTES] = "the head of its answer is longer than the limit of 65536 bytes; "
                             "curl -sD - -o /dev/null URL | wc -c counts them",
    [COMPLAINT_HEAD_FIELDS] = "the head of its answer has more header fields than the limit of "
                              "128; curl -sD - -o /dev/null URL | wc -l counts them",
    [COMPLAINT_HEAD_CUT] = "the connection ended within the head of its answer",
    [COMPLAINT_SWITCH] = "it answered 101 to a request that did not ask for that protocol",
    [COMPLAINT_UNASKED] = "it sent bytes that belong to no answer; its connections serve one "
                          "request each for a minute",
};

enum complaint complaint_of(const struct parser *parser)
{
    switch (parser->flaw) {
    case ERR_FIELD:
        return COMPLAINT_FIELD;
    case ERR_OPTIONS:
        return COMPLAINT_OPTIONS;
    case ERR_LENGTH:
        return COMPLAINT_LENGTH;
    case ERR_CODING:
        return COMPLAINT_CODING;
    case ERR_CHUNK:
        return COMPLAINT_CHUNK;
    case ERR_HEAD_TOO_LARGE:
        return parser->head.field_count < HEAD_FIELD_MAX ? COMPLAINT_HEAD_BYTES
                                                         : COMPLAINT_HEAD_FIELDS;
    case ERR_TARGET_TOO_LONG:
        return COMPLAINT_HEAD_BYTES;
    default:
        return COMPLAINT_STATUS_LINE;
    }
}

static bool is_new(const struct fleet *fleet, struct endpoint *endpoint, enum complaint complaint)
{
    unsigned bit = 1u << complaint;
    return fleet->on_complaint &&
           !(atomic_fetch_or_explicit(&endpoint->complaints, bit, memory_order_relaxed) & bit);
}

void complaint_make(struct fleet *fleet, struct endpoint *endpoint, enum complaint complaint,
                    struct view sample)
{
    if (is_new(fleet, endpoint, complaint))
        fleet->on_complaint(endpoint, sentences[complaint], sample);
}

void complaint_make_of_tls(struct fleet *fleet, struct endpoint *endpoint, struct view problem)
{
    struct text sentence = TEXT_INIT;
    if (!is_new(fleet, endpoint, COMPLAINT_TLS))
        return;
    text_append_str(&sentence, "no connection by https: ");
    shown_append(&sentence, problem);
    fleet->on_complaint(endpoint, text_str(&sentence), VIEW(""));
    text_fini(&sentence);
}
