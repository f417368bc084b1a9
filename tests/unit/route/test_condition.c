/* Conditions, each by itself: a row is a condition, a request and whether it holds. */
#include "tests/unit/route/table_case.h"

static const struct {
    struct route_condition condition;
    const char *line, *fields;
    bool holds;
} rows[] = {
    {{ROUTE_HOST, false, VIEW(""), VIEW("A.test.")}, "a.test/", NULL, true},
    {{ROUTE_HOST, false, VIEW(""), VIEW("a.test")}, "A.TEST:80/", NULL, true},
    {{ROUTE_HOST, true, VIEW(""), VIEW("a.test")}, "a.test/", NULL, false},
    {{ROUTE_HOST, true, VIEW(""), VIEW("a.test")}, "b.test/", NULL, true},
    {{ROUTE_HOST, false, VIEW(""), VIEW("*.x.test")}, "d.c.x.test/", NULL, true},
    {{ROUTE_HOST, false, VIEW(""), VIEW("*.x.test")}, "x.test/", NULL, false},
    {{ROUTE_HOST, false, VIEW(""), VIEW("*.x.test")}, ".x.test/", NULL, false},
    {{ROUTE_HOST, false, VIEW(""), VIEW("*.x.test")}, "ax.test/", NULL, false},
    {{ROUTE_HOST, false, VIEW(""), VIEW("www.x.*")}, "www.x.co.uk/", NULL, true},
    {{ROUTE_HOST, false, VIEW(""), VIEW("www.x.*")}, "www.x/", NULL, false},
    {{ROUTE_HOST, false, VIEW(""), VIEW("*")}, "/", NULL, true},
    {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("^web\\d+\\.")}, "web12.test/", NULL, true},
    {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("^web\\d+\\.")}, "WEB12.test/", NULL, true},
    {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("^web\\d+\\.")}, "xweb12.test/", NULL, false},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/app", NULL, true},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/app/x", NULL, true},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/apple", NULL, false},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/app%2Fx", NULL, false},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/APP", NULL, false},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/app?x", NULL, true},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app")}, "a/%61pp", NULL, true},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app/")}, "a/app", NULL, false},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/app/")}, "a/app/x", NULL, true},
    {{ROUTE_PATH, false, VIEW(""), VIEW("/")}, "a/x", NULL, true},
    {{ROUTE_PATH_START, false, VIEW(""), VIEW("/app")}, "a/apple", NULL, true},
    {{ROUTE_PATH_START, false, VIEW(""), VIEW("/app")}, "a/ap", NULL, false},
    {{ROUTE_PATH_START, false, VIEW(""), VIEW("/foo bar")}, "a/foo%20bar", NULL, true},
    {{ROUTE_PATH_EXACT, false, VIEW(""), VIEW("/p")}, "a/p", NULL, true},
    {{ROUTE_PATH_EXACT, false, VIEW(""), VIEW("/p")}, "a/p/", NULL, false},
    {{ROUTE_PATH_EXACT, false, VIEW(""), VIEW("/a/b")}, "a/a%2Fb", NULL, false},
    {{ROUTE_PATH_EXACT, false, VIEW(""), VIEW("/a%2fb")}, "a/a%2Fb", NULL, true},
    {{ROUTE_PATH_REGEX, false, VIEW(""), VIEW("\\.(jpe?g|png)$")}, "a/x/y.jpeg?z", NULL, true},
    {{ROUTE_PATH_REGEX, false, VIEW(""), VIEW("\\.(jpe?g|png)$")}, "a/x/y.gif", NULL, false},
    {{ROUTE_METHOD, false, VIEW(""), VIEW("POST")}, "POST a/", NULL, true},
    {{ROUTE_METHOD, false, VIEW(""), VIEW("POST")}, "GET a/", NULL, false},
    {{ROUTE_METHOD, false, VIEW(""), VIEW("POST")}, "post a/", NULL, false},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("v")}, "a/", "x-k: v", true},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("v")}, "a/", "X-K: w\nX-K: v", true},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("v")}, "a/", "X-K: V", false},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("v")}, "a/", "X-L: v", false},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("")}, "a/", "X-K:", true},
    {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("")}, "a/", NULL, false},
    {{ROUTE_HEADER, true, VIEW("X-K"), VIEW("v")}, "a/", NULL, true},
    {{ROUTE_HEADER, true, VIEW("X-K"), VIEW("v")}, "a/", "X-K: w\nX-K: v", false},
    {{ROUTE_HEADER_REGEX, false, VIEW("X-K"), VIEW("^v")}, "a/", "X-K: w\nX-K: vw", true},
    {{ROUTE_HEADER_REGEX, false, VIEW("X-K"), VIEW("^v")}, "a/", "X-K: wv", false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("true")}, "a/?m=true", NULL, true},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("true")}, "a/?m=false&m=true", NULL, true},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("true")}, "a/?m=truer", NULL, false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("true")}, "a/?m=tru", NULL, false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("true")}, "a/?n=true", NULL, false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("a b&c")}, "a/?m=a+b%26c", NULL, true},
    {{ROUTE_QUERY, false, VIEW("a b"), VIEW("x")}, "a/?a%20b=x", NULL, true},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("")}, "a/?m", NULL, true},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("")}, "a/?m=", NULL, true},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("")}, "a/?m=1", NULL, false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("")}, "a/", NULL, false},
    {{ROUTE_QUERY, false, VIEW("m"), VIEW("")}, "a/?&", NULL, false},
    {{ROUTE_QUERY_REGEX, false, VIEW("m"), VIEW(".*")}, "a/?m", NULL, true},
    {{ROUTE_QUERY_REGEX, false, VIEW("m"), VIEW("^a b$")}, "a/?m=a%20b", NULL, true},
    {{ROUTE_QUERY_REGEX, false, VIEW("m"), VIEW("^a b$")}, "a/?m=a%2Bb", NULL, false},
    {{ROUTE_CLIENT, false, VIEW(""), VIEW("10.0.0.0/8")}, "a/", NULL, false},
    {{ROUTE_SCHEME, false, VIEW(""), VIEW("http")}, "a/", NULL, true},
    {{ROUTE_SCHEME, false, VIEW(""), VIEW("https")}, "a/", NULL, false},
    {{ROUTE_SCHEME, true, VIEW(""), VIEW("https")}, "a/", NULL, true},
};

static void compile(const struct route_condition *from, struct arena *arena,
                    struct regexes *regexes, struct condition *out)
{
    const struct compiling compiling = {.arena = arena, .regexes = regexes};
    assert_true(condition_compile(from, &compiling, out));
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct regexes regexes = {0};
        struct condition condition;
        struct asked asked;
        compile(&rows[i].condition, &arena, &regexes, &condition);
        if (condition_holds(&condition, ask(&asked, rows[i].line, rows[i].fields)) !=
            truth_of(rows[i].holds))
            fail_msg("row %zu: %s %s, %s", i, route_kind_word(rows[i].condition.kind),
                     rows[i].condition.value.ptr, rows[i].line);
        regexes_fini(&regexes);
        arena_fini(&arena);
    }
}

static void test_clients(void **state)
{
    static const struct {
        const char *range, *client;
        bool holds;
    } clients[] = {{"10.0.0.0/8", "10.1.2.3:4", true},
                   {"10.0.0.0/8", "11.1.2.3:4", false},
                   {"10.0.0.0/8", "[::ffff:10.1.2.3]:4", true},
                   {"::1", "[::1]:4", true},
                   {"::1", "[::2]:4", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(clients); i++) {
        struct arena arena = {0};
        struct condition condition;
        struct asked asked;
        struct address client;
        struct route_condition from = {.kind = ROUTE_CLIENT, .value = view_str(clients[i].range)};
        compile(&from, &arena, NULL, &condition);
        ask(&asked, "a/", NULL);
        assert_true(address_parse(view_str(clients[i].client), &client));
        asked.question.client = &client;
        assert_int_equal(condition_holds(&condition, &asked.question), truth_of(clients[i].holds));
        arena_fini(&arena);
    }
}

/* As a trusted proxy may say it, too. */
static void test_schemes(void **state)
{
    static const struct {
        const char *scheme, *asked;
        bool holds;
    } schemes[] = {
        {"https", "https", true},       {"https", "http", false}, {"http", "http", true},
        {"http", "https", false},       {"https", "WSS", true},   {"https", "f00", false},
        {"https", "HTTPS, http", true}, {"http", "f00", true},    {"http", "", true}};
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct arena arena = {0};
        struct condition condition;
        struct asked asked;
        struct route_condition from = {.kind = ROUTE_SCHEME, .value = view_str(schemes[i].scheme)};
        compile(&from, &arena, NULL, &condition);
        ask(&asked, "a/", NULL);
        asked.question.scheme = view_str(schemes[i].asked);
        if (condition_holds(&condition, &asked.question) != truth_of(schemes[i].holds))
            fail_msg("%s of %s", schemes[i].scheme, schemes[i].asked);
        arena_fini(&arena);
    }
}

#define BOMB "^(a+)+$"
#define FUSE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"

/* A regex that takes too many steps neither matches nor not, and its opposite is as unknown. */
static void test_what_is_not_known(void **state)
{
    static const struct {
        struct route_condition condition;
        const char *line, *fields;
        enum truth holds;
    } doubts[] = {
        {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW(BOMB)}, FUSE "/", NULL, TRUTH_UNKNOWN},
        {{ROUTE_HOST_REGEX, true, VIEW(""), VIEW(BOMB)}, FUSE "/", NULL, TRUTH_UNKNOWN},
        {{ROUTE_HOST_REGEX, true, VIEW(""), VIEW(BOMB)}, "a/", NULL, TRUTH_NO},
        {{ROUTE_PATH_REGEX, false, VIEW(""), VIEW("^/(a+)+$")}, "a/" FUSE, NULL, TRUTH_UNKNOWN},
        {{ROUTE_HEADER_REGEX, false, VIEW("K"), VIEW(BOMB)}, "a/", "K: " FUSE, TRUTH_UNKNOWN},
        {{ROUTE_HEADER_REGEX, true, VIEW("K"), VIEW(BOMB)}, "a/", "K: " FUSE, TRUTH_UNKNOWN},
        {{ROUTE_HEADER_REGEX, false, VIEW("K"), VIEW(BOMB)},
         "a/",
         "K: " FUSE "\nK: b",
         TRUTH_UNKNOWN},
        {{ROUTE_HEADER_REGEX, false, VIEW("K"), VIEW(BOMB)}, "a/", "K: " FUSE "\nK: a", TRUTH_YES},
        {{ROUTE_QUERY_REGEX, false, VIEW("q"), VIEW(BOMB)}, "a/?q=" FUSE, NULL, TRUTH_UNKNOWN},
        {{ROUTE_QUERY_REGEX, false, VIEW("q"), VIEW(BOMB)},
         "a/?q=" FUSE "&q=b",
         NULL,
         TRUTH_UNKNOWN},
        {{ROUTE_QUERY_REGEX, false, VIEW("q"), VIEW(BOMB)}, "a/?q=" FUSE "&q=a", NULL, TRUTH_YES},
        {{ROUTE_QUERY_REGEX, false, VIEW("r"), VIEW(BOMB)}, "a/?q=" FUSE, NULL, TRUTH_NO},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(doubts); i++) {
        struct arena arena = {0};
        struct regexes regexes = {0};
        struct condition condition;
        struct asked asked;
        compile(&doubts[i].condition, &arena, &regexes, &condition);
        pattern_scratch_begin(scratch);
        if (condition_holds(&condition, ask(&asked, doubts[i].line, doubts[i].fields)) !=
            doubts[i].holds)
            fail_msg("row %zu", i);
        regexes_fini(&regexes);
        arena_fini(&arena);
    }
}

/* A value that cannot be looked at as a whole is not looked at. */
static void test_whether_a_long_parameter_matches_a_regex_is_not_known(void **state)
{
    static char query[CONDITION_QUERY_BYTES_MAX + 3] = "m=";
    struct route_condition from = {ROUTE_QUERY_REGEX, false, VIEW("m"), VIEW(".*")};
    struct arena arena = {0};
    struct regexes regexes = {0};
    struct condition condition;
    struct asked asked;
    (void)state;
    memset(query + 2, 'a', CONDITION_QUERY_BYTES_MAX + 1);
    compile(&from, &arena, &regexes, &condition);
    ask(&asked, "a/", NULL);
    asked.question.query = view_of(query, CONDITION_QUERY_BYTES_MAX + 2);
    assert_int_equal(condition_holds(&condition, &asked.question), TRUTH_YES);
    asked.question.query.len++;
    assert_int_equal(condition_holds(&condition, &asked.question), TRUTH_UNKNOWN);
    assert_true(pattern_scratch_is_exhausted(scratch));
    regexes_fini(&regexes);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_schemes),
        cmocka_unit_test(test_what_is_not_known),
        cmocka_unit_test(test_whether_a_long_parameter_matches_a_regex_is_not_known),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
