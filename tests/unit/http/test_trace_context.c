/* Which trace a request is of, and what is written where lb begins one. */
#include "lb/http/trace_context.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "head_fixture.h"

#define ID    "0af7651916cd43dd8448eb211c80319c"
#define OTHER "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN  "b7ad6b7169203331"
#define ZEROS "00000000000000000000000000000000"
#define GOOD  "00-" ID "-" SPAN "-01"

struct value_case {
    const char *value;
    bool is_valid;
};

static void check_values(const struct value_case *cases, size_t count,
                         struct view (*id_of)(struct view value))
{
    for (size_t i = 0; i < count; i++) {
        /* of its own, so that a sanitizer sees what is read beyond */
        size_t len = strlen(cases[i].value);
        char *value = memory_new(len + 1);
        memcpy(value, cases[i].value, len);
        struct view id = id_of(view_of(value, len));
        if (!view_eq(id, cases[i].is_valid ? VIEW(ID) : VIEW("")))
            fail_msg("\"%s\" gives \"%.*s\"", cases[i].value, (int)id.len, id.ptr);
        free(value);
    }
}

static void test_traceparent(void **state)
{
    static const struct value_case cases[] = {
        {GOOD, true},
        {"00-" ID "-" SPAN "-00", true},
        {"00-" ID "-" SPAN "-ff", true}, /* flags that nobody knows yet */
        {"", false},
        {"00", false},
        {"00-", false},
        {"00-" ID, false},
        {"00-" ID "-" SPAN, false},
        {"00-" ID "-" SPAN "-", false},
        {"00-" ID "-" SPAN "-0", false},
        {"00-" ID "-" SPAN "-001", false},
        {"00-" ID "-" SPAN "-01-", false},
        {"00-" ID "-" SPAN "-01-more", false},
        {"00-" ID "-" SPAN "-0x", false},
        {"00-" ID "-" SPAN "-0A", false},
        {"00-" ZEROS "-" SPAN "-01", false},
        {"00-" ID "-0000000000000000-01", false},
        {"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", false},
        {"00-0af7651916cd43dd8448eb211c80319g-" SPAN "-01", false},
        {"00-0af7651916cd43dd8448eb211c80319-" SPAN "-01", false},
        {"00-" ID "-B7ad6b7169203331-01", false},
        {"00-" ID "-b7ad6b716920333-01", false},
        {"00_" ID "-" SPAN "-01", false},
        {"00-" ID "_" SPAN "-01", false},
        {"00-" ID "-" SPAN "_01", false},
        {"0-" ID "-" SPAN "-01", false},
        {"000-" ID "-" SPAN "-01", false},
        {"0X-" ID "-" SPAN "-01", false},
        {"-0-" ID "-" SPAN "-01", false},
        {GOOD "," GOOD, false},
        {GOOD " ", false},
        {"\"" GOOD "\"", false},
        /* higher versions: what is known of them, and more behind a dash */
        {"01-" ID "-" SPAN "-01", true},
        {"cc-" ID "-" SPAN "-01-", true},
        {"cc-" ID "-" SPAN "-01-what-will-be", true},
        {"fe-" ID "-" SPAN "-01.what", false},
        {"cc-" ID "-" SPAN "-012", false},
        {"cc-" ID "-" SPAN "-0", false},
        {"cc-" ZEROS "-" SPAN "-01", false},
        {"ff-" ID "-" SPAN "-01", false},
        {"FE-" ID "-" SPAN "-01", false},
    };
    (void)state;
    check_values(cases, COUNT_OF(cases), trace_context_of_parent);
}

static void test_sentry_trace(void **state)
{
    static const struct value_case cases[] = {
        {ID, true},
        {ID "-" SPAN, true},
        {ID "-" SPAN "-0", true},
        {ID "-" SPAN "-1", true},
        {"", false},
        {"-", false},
        {ID "-", false},
        {ID "-" SPAN "-", false},
        {ID "-" SPAN "-2", false},
        {ID "-" SPAN "-01", false},
        {ID "-" SPAN "1", false},
        {ID "-1", false},
        {ID SPAN, false},
        {ZEROS "-" SPAN, false},
        {ID "-0000000000000000", false},
        {"0AF7651916CD43DD8448EB211C80319C", false},
        {"0af7651916cd43dd8448eb211c80319", false},
        {GOOD, false},
    };
    (void)state;
    check_values(cases, COUNT_OF(cases), trace_context_of_sentry);
}

/* ---- of requests ----------------------------------------------------------------------------- */

#define START "GET / HTTP/1.1\r\nHost: x\r\n"

/* `lines` as they come, and go; the trace that is noted, and that it is where it was written. */
static void check_request(const char *lines, bool begins_traces, const char *want_lines,
                          const char *want_id)
{
    char request[1024];
    struct rng rng;
    struct forward_request options = options_of(&rng);
    struct forwarded forwarded;
    options.begins_traces = begins_traces;
    snprintf(request, sizeof(request), START "%s\r\n", lines);
    const struct head *head = parse(PARSER_REQUEST, view_str(request));
    struct block *out = block_of(forward_request_bound(head, &options));
    forward_request(head, &options, out, &forwarded);
    struct view behind = view_skip(block_view(out), strlen(START));
    struct view id = forwarded.trace_id;
    if (behind.len < strlen(want_lines) ||
        !view_eq(view_of(behind.ptr, strlen(want_lines)), view_str(want_lines)) ||
        !view_eq_nocase(view_of(behind.ptr + strlen(want_lines), 15), VIEW("X-Forwarded-For")))
        fail_msg("---- lines\n%s---- want\n%s---- got\n%.*s----", lines, want_lines,
                 (int)behind.len, behind.ptr);
    if (!view_eq(id, view_str(want_id)))
        fail_msg("%s gives \"%.*s\"", lines, (int)id.len, id.ptr);
    assert_true(id.len == 0 || (id.ptr > out->bytes && id.ptr < out->bytes + out->len));
    free(out);
}

static void test_passed(void **state)
{
    static const struct {
        const char *lines, *id;
    } cases[] = {
        {"", ""},
        {"traceparent: " GOOD "\r\n", ID},
        {"TraceParent:" GOOD "\t \r\nA: b\r\n", ID},
        {"traceparent: " GOOD "\r\ntracestate: a=b , c=d\r\nTRACESTATE:\te=f\r\n", ID},
        {"A: b\r\nsentry-trace:  " ID "-" SPAN "-1\r\nbaggage: sentry-environment=x,a=%20;b\r\n",
         ID},
        {"sentry-trace: " OTHER "\r\ntraceparent: " GOOD "\r\n", ID},
        {"traceparent: " GOOD "\r\nsentry-trace: " OTHER "\r\n", ID},
        {"traceparent: nonsense\r\nsentry-trace: " ID "\r\n", ID},
        /* what is not valid goes on as well, and says nothing */
        {"traceparent:\r\n", ""},
        {"traceparent: nonsense\r\ntracestate: a=b\r\n", ""},
        {"traceparent: " GOOD "\r\ntraceparent: " GOOD "\r\n", ""},
        {"traceparent: " GOOD "\r\nA: b\r\ntraceparent: x\r\nsentry-trace: " OTHER "\r\n", OTHER},
        {"sentry-trace: " ID "\r\nsentry-trace: " ID "\r\n", ""},
        {"sentry-trace: x\r\ntracestate: a=b\r\n", ""},
        /* other names */
        {"traceparen: " GOOD "\r\ntraceparent2: " GOOD "\r\nsentry_trace: " ID "\r\n", ""},
        {"trace-parent: " GOOD "\r\ntraceparenT2: x\r\n", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_request(cases[i].lines, false, cases[i].lines, cases[i].id);
}

/* Connection names it, so it is for this hop alone. */
static void test_dropped(void **state)
{
    (void)state;
    check_request("Connection: traceparent\r\ntraceparent: " GOOD "\r\n", false, "", "");
    check_request("sentry-trace: " ID "\r\nConnection: Sentry-Trace\r\n", false, "", "");
}

/* Three numbers of splitmix64 from zero, the lowest digit first, each odd. */
#define MADE_ID   "fadcd1b7938a022e4f569b1aa6e987e6"
#define MADE_SPAN "f454900881d54c60"
#define MADE      "traceparent: 00-" MADE_ID "-" MADE_SPAN "-01\r\n"

static void test_begun(void **state)
{
    static const struct {
        const char *lines, *want, *id;
    } cases[] = {
        {"", MADE, MADE_ID},
        {"A: b\r\n", "A: b\r\n" MADE, MADE_ID},
        /* what is valid stays to the byte */
        {"traceparent:  " GOOD "\r\ntracestate: a=b\r\n",
         "traceparent:  " GOOD "\r\ntracestate: a=b\r\n", ID},
        {"traceparent: cc-" ID "-" SPAN "-01-more\r\n",
         "traceparent: cc-" ID "-" SPAN "-01-more\r\n", ID},
        /* all else goes, and what belongs to it */
        {"traceparent: nonsense\r\ntracestate: a=b\r\nA: b\r\nTraceState: c=d\r\nbaggage: e=f\r\n",
         "A: b\r\nbaggage: e=f\r\n" MADE, MADE_ID},
        {"traceparent: " GOOD "\r\ntraceparent: " GOOD "\r\n", MADE, MADE_ID},
        {"tracestate: a=b\r\n", MADE, MADE_ID},
        {"Connection: traceparent\r\ntraceparent: " GOOD "\r\n", MADE, MADE_ID},
        /* of a trace that exists already */
        {"sentry-trace: " ID "-" SPAN "-1\r\n",
         "sentry-trace: " ID "-" SPAN "-1\r\ntraceparent: 00-" ID "-fadcd1b7938a022e-01\r\n", ID},
        {"sentry-trace: " ID "-" SPAN "-0\r\ntraceparent: x\r\n",
         "sentry-trace: " ID "-" SPAN "-0\r\ntraceparent: 00-" ID "-fadcd1b7938a022e-00\r\n", ID},
        {"sentry-trace: " ID "\r\n",
         "sentry-trace: " ID "\r\ntraceparent: 00-" ID "-fadcd1b7938a022e-01\r\n", ID},
        {"sentry-trace: nonsense\r\n", "sentry-trace: nonsense\r\n" MADE, MADE_ID},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_request(cases[i].lines, true, cases[i].want, cases[i].id);
}

/* Whatever the generator gives, lb itself takes what it has written. */
static void test_made_is_valid(void **state)
{
    struct rng rng = {0};
    char line[TRACE_CONTEXT_LINE_BYTES];
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct head_writer writer = {line, line + sizeof(line)};
        struct trace_context none = {0};
        struct view id = trace_context_put(NULL, &none, &rng, &writer);
        struct view value = view_of(line, (size_t)(writer.at - line));
        value = view_trim(view_skip(value, strlen("traceparent:")));
        value = view_of(value.ptr, value.len - 2);
        struct view read = trace_context_of_parent(value);
        assert_true(read.ptr == id.ptr && read.len == id.len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_traceparent), cmocka_unit_test(test_sentry_trace),
        cmocka_unit_test(test_passed),      cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_begun),       cmocka_unit_test(test_made_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
