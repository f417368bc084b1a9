/* Requests of a client. The first byte of an input chooses the limits and whether the client is
 * trusted, the second one how the rest, the client's bytes, is cut. What holds: every cut gives the
 * same events, and the head for the backend is one well-formed message with the framing of the
 * client's. */
#include "lb/http/forward.h"
#include "lb/http/trace_context.h"
#include "tests/fuzz/support/message.h"
#include "tests/fuzz/support/target.h"

enum { SMALL_HEAD = 1, FEW_FIELDS = 2, TRUSTED = 4, ADDS_FORWARDED = 8, BEGINS_TRACES = 16 };

struct forwarding {
    struct parser_setup setup; /* of a backend */
    struct block_pool blocks;
    struct rng rng;
    bool is_trusted;
    bool adds_forwarded;
    bool begins_traces;
};

static void check_same_message(const struct head *was, const struct head *is)
{
    bool has_own_path = was->path.len > 0 && was->path.ptr[0] != '?';
    TARGET_CHECK(view_eq(is->method, was->method));
    TARGET_CHECK(!has_own_path || view_eq(is->path, was->path));
    TARGET_CHECK(is->form != TARGET_ABSOLUTE);
    TARGET_CHECK(is->minor_version == 1);
    TARGET_CHECK(is->framing == was->framing);
    TARGET_CHECK(is->content_length == was->content_length);
    TARGET_CHECK(is->expects_continue == was->expects_continue);
    TARGET_CHECK(is->is_keep_alive);
    TARGET_CHECK(is->wants_upgrade == was->wants_upgrade);
    TARGET_CHECK(is->takes_trailers == (was->takes_trailers && !was->wants_upgrade));
    TARGET_CHECK(!head_find(is, FIELD_PROXY));
    TARGET_CHECK(head_find(is, FIELD_X_FORWARDED_FOR) && head_find(is, FIELD_X_REQUEST_ID));
}

static void check_forwarded(void *owner, const struct head *head, bool answers_head)
{
    struct forwarding *forwarding = owner;
    struct parser parser;
    struct forward_request options = {.client_ip = VIEW("192.0.2.1"),
                                      .is_trusted = forwarding->is_trusted,
                                      .adds_forwarded = forwarding->adds_forwarded,
                                      .begins_traces = forwarding->begins_traces,
                                      .scheme = VIEW("http"),
                                      .default_host = VIEW("appserver"),
                                      .rng = &forwarding->rng};
    size_t bound = forward_request_bound(head, &options);
    struct block *out = block_take(&forwarding->blocks, bound);
    struct forwarded forwarded;
    forward_request(head, &options, out, &forwarded);
    struct view id = forwarded.request_id;
    TARGET_CHECK(out->len <= bound);
    struct view trace = forwarded.trace_id;
    TARGET_CHECK(id.len > 0 && id.len <= FORWARD_REQUEST_ID_BYTES);
    TARGET_CHECK(trace.len == TRACE_CONTEXT_ID_BYTES || (trace.len == 0 && !options.begins_traces));
    message_check_head(&forwarding->setup, &parser, answers_head, block_view(out));
    check_same_message(head, &parser.head);
    parser_fini(&parser);
    block_give(&forwarding->blocks, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parser_setup setup;
    if (size < 2)
        return 0;
    struct forwarding forwarding = {.rng = {1},
                                    .is_trusted = data[0] & TRUSTED,
                                    .adds_forwarded = data[0] & ADDS_FORWARDED,
                                    .begins_traces = data[0] & BEGINS_TRACES};
    parser_setup_init(&setup, PARSER_REQUEST,
                      &(struct parser_limits){.max_head_bytes = data[0] & SMALL_HEAD ? 256 : 16384,
                                              .max_target_bytes = data[0] & SMALL_HEAD ? 64 : 8192,
                                              .max_field_count = data[0] & FEW_FIELDS ? 4 : 100});
    parser_setup_init(&forwarding.setup, PARSER_REQUEST,
                      &(struct parser_limits){.max_head_bytes = 1 << 20,
                                              .max_target_bytes = 1 << 20,
                                              .max_field_count = HEAD_FIELD_MAX});
    struct message_options options = {
        .setup = &setup, .on_head = check_forwarded, .owner = &forwarding};
    message_check_cuts(&options, view_of((const char *)data + 2, size - 2), data[1]);
    TARGET_CHECK(forwarding.blocks.used_bytes == 0);
    block_pool_fini(&forwarding.blocks);
    return 0;
}
