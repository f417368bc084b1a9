/* Any head: what goes out is a request that lb would take itself, and the promised room is enough. */
#include "lb/http/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "lb/base/text.h"

#include "head_fixture.h"

static unsigned below(struct rng *rng, unsigned count)
{
    return (unsigned)(rng_next(rng) % count);
}

/* A value of up to 40 bytes that no field refuses. */
static void add_value(struct text *text, struct rng *rng)
{
    static const char octets[] = "abc,,;  \t\"=/.:09\xc3\xa9";
    static const char *const words[] = {"upgrade", "trailers", "close", "Via"};
    for (unsigned left = below(rng, 3) ? below(rng, 40) : 0; left > 0; left--)
        text_append_char(text, octets[below(rng, sizeof(octets) - 1)]);
    if (below(rng, 3) == 0) {
        text_append_char(text, ',');
        text_append_str(text, words[below(rng, COUNT_OF(words))]);
    }
}

static void add_fields(struct text *text, struct rng *rng)
{
    static const char *const names[] = {
        "X-Forwarded-For",
        "x-forwarded-for",
        "X-Request-Id",
        "Connection",
        "Via",
        "A",
        "bb",
        "X-Real-IP",
        "Forwarded",
        "Max-Forwards",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X_Forwarded-For",
        "Keep-Alive",
        "TE",
        "Upgrade",
        "traceparent",
        "tracestate",
    };
    bool has_connection = false; /* of more, there would be too many options */
    for (unsigned count = below(rng, 1 + below(rng, 100)); count > 0; count--) {
        const char *name = names[below(rng, COUNT_OF(names))];
        bool is_connection = strcmp(name, "Connection") == 0;
        text_append_str(text, is_connection && has_connection ? "A" : name);
        has_connection |= is_connection;
        text_append_char(text, ':');
        add_value(text, rng);
        text_append_str(text, "\r\n");
    }
}

static void make_request(struct text *text, struct rng *rng)
{
    static const char *const targets[] = {"/", "*", "/a?b", "http://", "http://", "https://[::1]"};
    static const char *const framings[] = {"", "Content-Length: 7\r\n",
                                           "Transfer-Encoding:chunked\r\n"};
    const char *target = targets[below(rng, COUNT_OF(targets))];
    bool has_host = below(rng, 4) > 0;
    text_clear(text);
    text_append_str(text, *target == '*' ? "OPTIONS " : "G ");
    text_append_str(text, target);
    if (strcmp(target, "http://") == 0)
        for (unsigned left = 1 + below(rng, 2) * below(rng, 3000); left > 0; left--)
            text_append_char(text, 'h');
    text_append_str(text, has_host ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    if (has_host) {
        text_append_str(text, "Host:");
        for (unsigned left = below(rng, 2) * below(rng, 3000); left > 0; left--)
            text_append_char(text, 'h');
        text_append_str(text, "\r\n");
    }
    add_fields(text, rng);
    text_append_str(text, framings[below(rng, has_host ? 3 : 2)]);
    text_append_str(text, "\r\n");
}

static unsigned count_of(const struct head *head, enum field_id id)
{
    unsigned count = 0;
    for (unsigned i = 0; i < head->field_count; i++)
        count += head->fields[i].id == id;
    return count;
}

/* What goes out is a request that we would take ourselves: nothing hop-by-hop but our own framing,
 * each of lb's fields once, the same framing. */
static void check_forwarded(const struct head *before, struct block *out, bool begins_traces)
{
    static struct parser again;
    struct parser_setup setup;
    struct view input = block_view(out), span;
    parser_setup_init(&setup, PARSER_REQUEST,
                      &(struct parser_limits){.max_head_bytes = 65536,
                                              .max_field_count = 128,
                                              .max_target_bytes = 65536});
    parser_init(&again, &setup);
    assert_int_equal(parser_step(&again, &input, &span), PARSER_HEAD);
    const struct head *after = &again.head;
    assert_int_equal(input.len, 0);
    assert_int_equal(after->framing, before->framing);
    assert_int_equal(after->content_length, before->content_length);
    assert_int_equal(after->form == TARGET_ABSOLUTE, false);
    bool has_te = before->takes_trailers && !before->wants_upgrade;
    unsigned hop_by_hop_count = 0;
    for (unsigned i = 0; i < after->field_count; i++)
        hop_by_hop_count += after->fields[i].is_dropped;
    assert_int_equal(hop_by_hop_count,
                     (before->framing == FRAMING_CHUNKED) + 2 * before->wants_upgrade + 2 * has_te);
    assert_int_equal(after->wants_upgrade, before->wants_upgrade);
    assert_int_equal(after->takes_trailers, has_te);
    assert_int_equal(count_of(after, FIELD_HOST), 1);
    assert_int_equal(count_of(after, FIELD_X_FORWARDED_FOR), 1);
    assert_int_equal(count_of(after, FIELD_X_FORWARDED_PROTO), 1);
    assert_int_equal(count_of(after, FIELD_X_FORWARDED_HOST), 1);
    assert_int_equal(count_of(after, FIELD_X_FORWARDED_PORT), 1);
    assert_int_equal(count_of(after, FIELD_X_REAL_IP), 1);
    assert_int_equal(count_of(after, FIELD_X_REQUEST_ID), 1);
    assert_in_range(count_of(after, FIELD_FORWARDED), 0, 1);
    assert_int_equal(count_of(after, FIELD_VIA), count_of(before, FIELD_VIA) + 1);
    assert_true(!begins_traces || count_of(after, FIELD_TRACEPARENT) == 1);
    parser_fini(&again);
}

static void test_bound(void **state)
{
    static const char long_ip[] = "fe80:1111:2222:3333:4444:5555:6666:7777";
    struct text text = TEXT_INIT;
    struct rng random = {42};
    char long_host[1000];
    (void)state;
    memset(long_host, 'h', sizeof(long_host));
    for (unsigned i = 0; i < 2000; i++) {
        struct rng rng;
        struct forward_request options = options_of(&rng);
        options.client_ip = view_str(long_ip);
        options.default_host = view_of(long_host, sizeof(long_host));
        options.is_trusted = below(&random, 2);
        options.adds_forwarded = below(&random, 2);
        options.begins_traces = below(&random, 2);
        make_request(&text, &random);
        const struct head *head = parse(PARSER_REQUEST, text_view(&text));
        struct block *out = block_of(forward_request_bound(head, &options));
        struct forwarded forwarded;
        forward_request(head, &options, out, &forwarded);
        check_forwarded(head, out, options.begins_traces);
        free(out);
    }
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
