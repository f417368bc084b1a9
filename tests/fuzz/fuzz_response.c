/* Responses of a backend. The first byte of an input chooses the limits, what the client is told
 * and which requests were HEAD, the second one how the rest, the backend's bytes, is cut. What
 * holds: every cut gives the same events, and the head for the client is one well-formed message
 * whose framing says what it should. */
#include "lb/http/forward.h"
#include "tests/fuzz/support/message.h"
#include "tests/fuzz/support/target.h"

enum { SMALL_HEAD = 1, FEW_FIELDS = 2, HTTP10_CLIENT = 4, CLOSES = 8, HEAD_ANSWERS_SHIFT = 4 };

struct forwarding {
    struct parser_setup setup; /* of a client */
    struct block_pool blocks;
    bool is_http10_client;
    bool closes;
};

static enum framing expected_framing(const struct head *head, bool is_chunked)
{
    if (is_chunked)
        return FRAMING_CHUNKED;
    return head->framing == FRAMING_CHUNKED ? FRAMING_CLOSE : head->framing;
}

static void check_same_message(const struct head *was, const struct head *is, bool is_chunked)
{
    TARGET_CHECK(is->status == was->status);
    TARGET_CHECK(view_eq(is->reason, was->reason));
    TARGET_CHECK(is->minor_version == 1);
    TARGET_CHECK(is->framing == expected_framing(was, is_chunked));
    TARGET_CHECK(is->framing != FRAMING_LENGTH || is->content_length == was->content_length);
    if (was->status < 200 || was->status == 204) /* RFC 9110 § 8.6 */
        TARGET_CHECK(!head_find(is, FIELD_CONTENT_LENGTH));
    TARGET_CHECK(!head_find(is, FIELD_PROXY_CONNECTION) && !head_find(is, FIELD_KEEP_ALIVE));
}

static void check_forwarded(void *owner, const struct head *head, bool answers_head)
{
    struct forwarding *forwarding = owner;
    struct parser parser;
    bool is_framed = head->framing == FRAMING_NONE || head->framing == FRAMING_LENGTH;
    struct forward_response options = {.is_chunked = !is_framed && !forwarding->is_http10_client,
                                       .connection = FORWARD_PERSISTS};
    if (head->status >= 200 && forwarding->closes)
        options.connection = FORWARD_CLOSE;
    else if (head->status >= 200 && forwarding->is_http10_client)
        options.connection = FORWARD_KEEP_ALIVE;
    size_t bound = forward_response_bound(head);
    struct block *out = block_take(&forwarding->blocks, bound);
    forward_response(head, &options, out);
    TARGET_CHECK(out->len <= bound);
    message_check_head(&forwarding->setup, &parser, answers_head, block_view(out));
    check_same_message(head, &parser.head, options.is_chunked);
    parser_fini(&parser);
    block_give(&forwarding->blocks, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parser_setup setup;
    if (size < 2)
        return 0;
    struct forwarding forwarding = {.is_http10_client = data[0] & HTTP10_CLIENT,
                                    .closes = data[0] & CLOSES};
    parser_setup_init(&setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = data[0] & SMALL_HEAD ? 256 : 16384,
                                              .max_target_bytes = data[0] & SMALL_HEAD ? 64 : 8192,
                                              .max_field_count = data[0] & FEW_FIELDS ? 4 : 100});
    parser_setup_init(&forwarding.setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = 1 << 20,
                                              .max_target_bytes = 1 << 20,
                                              .max_field_count = HEAD_FIELD_MAX});
    struct message_options options = {.setup = &setup,
                                      .head_answers = (unsigned)data[0] >> HEAD_ANSWERS_SHIFT,
                                      .on_head = check_forwarded,
                                      .owner = &forwarding};
    message_check_cuts(&options, view_of((const char *)data + 2, size - 2), data[1]);
    TARGET_CHECK(forwarding.blocks.used_bytes == 0);
    block_pool_fini(&forwarding.blocks);
    return 0;
}
