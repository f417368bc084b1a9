/* Trailer lines: which are passed on, how they are put together from pieces, and what is none. */
#include "lb/http/trailers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lb/http/field.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct trailers trailers;

static int open_trailers(void **state)
{
    (void)state;
    trailers_init(&trailers);
    return 0;
}

static int close_trailers(void **state)
{
    (void)state;
    trailers_fini(&trailers);
    return 0;
}

/* A line in one piece: a name up to ':', and what follows it as the value. */
static bool take_line(const char *line)
{
    struct view input = view_str(line), value = input, name = view_cut(&value, ':');
    trailers_begin_input(&trailers, input);
    if (!trailers_name(&trailers, name, 100))
        return false;
    trailers_begin_input(&trailers, value);
    bool is_good = trailers_value(&trailers, value, input);
    trailers_end_input(&trailers, input);
    return is_good && trailers_end_line(&trailers);
}

static void check_lines(const char *want)
{
    struct view got = trailers_lines(&trailers);
    if (!view_eq(got, view_str(want)))
        fail_msg("want %s, got %.*s", want, (int)got.len, got.ptr);
}

/* Framing, routing and lb's own words cannot come late; what lb only notes goes on as any other. */
static void test_which_names_are_passed_on(void **state)
{
    static const struct {
        const char *line;
        bool is_passed_on;
    } rows[] = {
        {"Accept:text/html", true},  {"User-Agent:curl", true},      {"Referer:http://a/", true},
        {"accept:a", true},          {"USER-AGENT:a", true},         {"rEFERER:a", true},
        {"Server-Timing:a", true},   {"Digest:sha-256=x", true},     {"Set-Cookie:a=b", true},
        {"Host:evil", false},        {"Content-Length:7", false},    {"Transfer-Encoding:x", false},
        {"Connection:close", false}, {"TE:trailers", false},         {"Via:1.1 a", false},
        {"Date:now", false},         {"X-Forwarded-For:1.1", false}, {"X-Request-Id:a", false},
        {"Forwarded:for=a", false},  {"X_Forwarded_For:1.1", false}, {"X-Client-IP:1.1", false},
        {"Max-Forwards:1", false},   {"max-forwards:1", false},      {"Expect:100", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char want[64] = "";
        assert_true(take_line(rows[i].line));
        if (rows[i].is_passed_on)
            snprintf(want, sizeof(want), "%.*s: %s\r\n", (int)strcspn(rows[i].line, ":"),
                     rows[i].line, strchr(rows[i].line, ':') + 1);
        check_lines(want);
        close_trailers(state);
        open_trailers(state);
    }
}

/* Every name that is known to lb, so that a new one is decided on. */
static void test_known_names_stay_behind_but_those_only_noted(void **state)
{
    static const char *const known[] = {
#define XX(id, text, is_hop_by_hop) text,
        FIELD_MAP(XX)
#undef XX
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        char line[64];
        snprintf(line, sizeof(line), "%s:a", known[i]);
        assert_true(take_line(line));
    }
    check_lines("user-agent: a\r\nreferer: a\r\naccept: a\r\ntraceparent: a\r\ntracestate: a\r\n"
                "sentry-trace: a\r\n");
}

static void test_lines_stand_one_behind_the_other(void **state)
{
    (void)state;
    assert_true(take_line("A:1"));
    assert_true(take_line("Host:x"));
    assert_true(take_line("B:"));
    assert_true(take_line("C:3 \t "));
    check_lines("A: 1\r\nB:\r\nC: 3\r\n");
    trailers_fini(&trailers);
    assert_true(take_line("D:4")); /* usable again */
    check_lines("D: 4\r\n");
}

static void test_names_and_values_come_in_pieces(void **state)
{
    static const char name[] = "Na", more_name[] = "me:", value[] = "va", more_value[] = "lue\r\n";
    (void)state;
    trailers_begin_input(&trailers, view_str(name));
    assert_true(trailers_name(&trailers, view_str(name), 1));
    trailers_end_input(&trailers, view_str(name));
    trailers_begin_input(&trailers, view_str(more_name));
    assert_true(trailers_name(&trailers, view_of(more_name, 2), 1)); /* of the same line */
    trailers_end_input(&trailers, view_str(more_name));
    trailers_begin_input(&trailers, view_str(value));
    assert_true(trailers_value(&trailers, view_str(value), view_str(value)));
    trailers_end_input(&trailers, view_str(value));
    trailers_begin_input(&trailers, view_str(more_value));
    assert_true(trailers_value(&trailers, view_of(more_value, 3), view_str(more_value)));
    assert_true(trailers_end_line(&trailers));
    check_lines("Name: value\r\n");
}

/* The value goes on after a line end: in one input, or the line end was the end of one. */
static void test_a_folded_line_is_none(void **state)
{
    static const char line[] = "A: b\r\n c";
    (void)state;
    trailers_begin_input(&trailers, view_str(line));
    assert_true(trailers_name(&trailers, view_of(line, 1), 1));
    assert_true(trailers_value(&trailers, view_of(line + 3, 1), view_str(line)));
    assert_false(trailers_value(&trailers, view_of(line + 7, 1), view_str(line)));
    close_trailers(state);

    trailers_begin_input(&trailers, view_of(line, 6));
    assert_true(trailers_name(&trailers, view_of(line, 1), 1));
    assert_true(trailers_value(&trailers, view_of(line + 3, 1), view_of(line, 6)));
    trailers_end_input(&trailers, view_of(line, 6));
    trailers_begin_input(&trailers, view_of(line + 6, 2));
    assert_false(trailers_value(&trailers, view_of(line + 7, 1), view_of(line + 6, 2)));
    close_trailers(state);

    trailers_begin_input(&trailers, view_of(line, 7));
    assert_true(trailers_name(&trailers, view_of(line, 1), 1));
    assert_true(trailers_value(&trailers, view_of(line + 3, 1), view_of(line, 7)));
    trailers_end_input(&trailers, view_of(line, 7));
    trailers_begin_input(&trailers, view_of(line + 7, 1));
    assert_false(trailers_value(&trailers, view_of(line + 7, 1), view_of(line + 7, 1)));
}

/* The line end stands before the value, in the same input or in the one before. */
static void test_a_line_that_is_folded_before_its_value_is_none(void **state)
{
    static const char line[] = "A:\r\n c";
    (void)state;
    trailers_begin_input(&trailers, view_str(line));
    assert_true(trailers_name(&trailers, view_of(line, 1), 1));
    assert_false(trailers_value(&trailers, view_of(line + 5, 1), view_str(line)));
    close_trailers(state);

    trailers_begin_input(&trailers, view_of(line, 4));
    assert_true(trailers_name(&trailers, view_of(line, 1), 1));
    trailers_end_input(&trailers, view_of(line, 4));
    trailers_begin_input(&trailers, view_of(line + 4, 2));
    assert_false(trailers_value(&trailers, view_of(line + 5, 1), view_of(line + 4, 2)));
}

static void test_a_line_without_a_name_is_none(void **state)
{
    static const char value[] = "a";
    (void)state;
    assert_false(trailers_end_line(&trailers));
    assert_false(trailers_value(&trailers, view_str(value), view_str(value)));
    assert_false(take_line(":a"));
}

/* Those that stay behind count as well. */
static void test_so_many_lines_and_no_more(void **state)
{
    (void)state;
    assert_true(trailers_name(&trailers, VIEW("A"), 2));
    assert_true(trailers_end_line(&trailers));
    assert_true(trailers_name(&trailers, VIEW("Host"), 2));
    assert_true(trailers_end_line(&trailers));
    assert_false(trailers_name(&trailers, VIEW("B"), 2));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_trailers, close_trailers)
    const struct CMUnitTest tests[] = {
        TEST(test_which_names_are_passed_on),
        TEST(test_known_names_stay_behind_but_those_only_noted),
        TEST(test_lines_stand_one_behind_the_other),
        TEST(test_names_and_values_come_in_pieces),
        TEST(test_a_folded_line_is_none),
        TEST(test_a_line_that_is_folded_before_its_value_is_none),
        TEST(test_a_line_without_a_name_is_none),
        TEST(test_so_many_lines_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
