/* From a request to the handler of its path: patterns, decoded names, queries, methods, refusals.
 */
#include "lb/admin/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/support/parsed.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* What the handlers of the table below were given. */
static struct {
    const char *who; /* "": nobody */
    char name[80];
    char value[80]; /* of ?value=, "-" where there is none */
} met;

static void note(const char *who, const struct request *request)
{
    struct view value = paths_query(request, VIEW("value"));
    met.who = who;
    snprintf(met.name, sizeof(met.name), "%s", text_str(&request->name));
    snprintf(met.value, sizeof(met.value), "%.*s", value.ptr ? (int)value.len : 1,
             value.ptr ? value.ptr : "-");
}

#define HANDLER(function, word)                                                                    \
    static void function(void *owner, const struct request *request, struct admin_answer *answer)  \
    {                                                                                              \
        assert_ptr_equal(owner, &met);                                                             \
        note(word, request);                                                                       \
        answer->status = 200;                                                                      \
    }
HANDLER(on_front, "front")
HANDLER(on_health, "health")
HANDLER(on_pool, "pool")
HANDLER(on_list, "list")
HANDLER(on_one, "one")
HANDLER(on_drain, "drain")
HANDLER(on_order, "order")

static const struct path table[] = {
    {"GET", "/", PATH_EMPTY, on_front},
    {"GET", "/healthz", PATH_HEALTH, on_health},
    {"GET", "/pool", PATH_GUARDED, on_pool},
    {"GET", "/explain", PATH_GUARDED, on_list},
    {"GET", "/explain/*", PATH_GUARDED, on_one},
    {"POST", "/endpoints/*/drain", PATH_GUARDED, on_drain},
    {"POST", "/pool", PATH_GUARDED, on_order}, /* beside GET */
    {NULL, NULL, PATH_GUARDED, NULL},
};

static struct admin_answer ask(const char *method, const char *target, const char *fields,
                               const struct admin_rules *rules)
{
    struct admin_answer answer = {0};
    struct text request = TEXT_INIT;
    met.who = "";
    text_appendf(&request, "%s %s HTTP/1.1\r\n%s\r\n", method, target, fields);
    paths_respond(table, rules, &met, parse(PARSER_REQUEST, text_view(&request)), &answer);
    text_fini(&request);
    parser_fini(&parser);
    return answer;
}

static void forget(struct admin_answer *answer)
{
    text_fini(&answer->body);
    text_fini(&answer->fields);
}

static void test_where_a_request_goes(void **state)
{
    static const struct {
        const char *method, *target, *who, *name, *value;
    } rows[] = {
        {"GET", "/", "front", "", "-"},
        {"HEAD", "/", "front", "", "-"},
        {"GET", "/?value=1", "front", "", "1"},
        {"GET", "/pool", "pool", "", "-"},
        {"POST", "/pool", "order", "", "-"},
        {"GET", "/explain", "list", "", "-"},
        {"GET", "/explain/web1", "one", "web1", "-"},
        {"GET", "/explain/web%201", "one", "web 1", "-"},
        {"GET", "/explain/%2F%2e%2E%2f", "one", "/../", "-"},
        {"GET", "/explain/%0a%1B[31m", "one", "\n\033[31m", "-"},
        {"GET", "/explain/%c3%a9", "one", "\303\251", "-"},
        {"GET", "/explain/a+b", "one", "a+b", "-"},
        {"GET", "/explain/*", "one", "*", "-"},
        {"POST", "/endpoints/web1/drain", "drain", "web1", "-"},
        {"POST", "/endpoints/web1/drain?value=9", "drain", "web1", "9"},
        {"GET", "/pool?a=1&value=2&value=3", "pool", "", "2"}, /* the first */
        {"GET", "/pool?value", "pool", "", "-"},
        {"GET", "/pool?value=", "pool", "", ""},
        {"GET", "/pool?value=a=b", "pool", "", "a=b"},
        {"GET", "/pool?Value=1&xvalue=1&valu=1", "pool", "", "-"},
        {"GET", "/pool?&&value=%20", "pool", "", "%20"}, /* as it came */
        {"GET", "/pool?value=1?2", "pool", "", "1?2"},
        {"GET", "http://127.0.0.1/pool", "pool", "", "-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer =
            ask(rows[i].method, rows[i].target, "Host: 127.0.0.1\r\n", &(struct admin_rules){0});
        if (strcmp(met.who, rows[i].who) != 0)
            fail_msg("%s %s: \"%s\"", rows[i].method, rows[i].target, met.who);
        assert_string_equal(met.name, rows[i].name);
        assert_string_equal(met.value, rows[i].value);
        assert_int_equal(answer.status, 200);
        forget(&answer);
    }
}

#define THERE_IS                                                                                   \
    "GET /, GET /healthz, GET /pool, GET /explain, GET /explain/*, "                               \
    "POST /endpoints/*/drain, POST /pool"

static void test_what_has_no_page(void **state)
{
    static const char *const targets[] = {
        "/nothing",
        "/Pool",
        "//pool",
        "/pool/",
        "/explain/",
        "/explain/a/b",
        "/explain/%",
        "/explain/%4",
        "/explain/%zz",
        "/explain/%00",
        "/explain/a%00",
        "/explain/%4g",
        "/endpoints//drain",
        "/endpoints/a",
        "/endpoints/a/drain/b",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct admin_answer answer =
            ask("GET", targets[i], "Host: 127.0.0.1\r\n", &(struct admin_rules){0});
        if (answer.status != 404 || *met.who)
            fail_msg("%s: %d %s", targets[i], answer.status, met.who);
        assert_string_equal(text_str(&answer.body),
                            "{\"error\":\"not_found\",\"message\":\"There is no such page. There "
                            "is: " THERE_IS ".\"}\n");
        assert_string_equal(answer.content_type, "application/json");
        forget(&answer);
    }
}

static void test_methods_that_a_page_does_not_take(void **state)
{
    static const struct {
        const char *method, *target, *allow;
    } rows[] = {
        {"POST", "/", "GET, HEAD"},
        {"DELETE", "/explain/web1", "GET, HEAD"},
        {"GET", "/endpoints/web1/drain", "POST"},
        {"HEAD", "/endpoints/web1/drain", "POST"},
        {"OPTIONS", "/healthz", "GET, HEAD"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char allow[40];
        struct admin_answer answer =
            ask(rows[i].method, rows[i].target, "Host: 127.0.0.1\r\n", &(struct admin_rules){0});
        assert_int_equal(answer.status, 405);
        assert_string_equal(met.who, "");
        snprintf(allow, sizeof(allow), "Allow: %s\r\n", rows[i].allow);
        assert_string_equal(text_str(&answer.fields), allow);
        forget(&answer);
    }
}

static void test_each_refusal_says_what_would_help(void **state)
{
    static const struct {
        const char *method, *target, *fields;
        struct admin_rules rules;
        int status;
        const char *word, *helps;
    } rows[] = {
        {"GET",
         "/pool",
         "Host: 127.0.0.1\r\n",
         {.secret = "s"},
         401,
         "no_token",
         "Authorization: Bearer TOKEN"},
        {"POST",
         "/pool",
         "Host: 127.0.0.1\r\nOrigin: http://evil\r\n",
         {0},
         403,
         "foreign_origin",
         "another site"},
        {"POST", "/pool", "Host: evil.example\r\n", {0}, 403, "foreign_host", "--admin-token-file"},
        {"GET", "/pool", "Host: evil.example\r\n", {0}, 403, "foreign_host", "--admin-host"},
        {"POST",
         "/pool",
         "Host: 127.0.0.1\r\n",
         {.is_read_only = true},
         403,
         "no_orders",
         "--admin-open read"},
        {"GET",
         "/pool",
         "Host: 127.0.0.1\r\nVia: 1.1 x\r\n",
         {0},
         403,
         "through_a_proxy",
         "--admin-behind-proxy on"},
        /* Nothing is told of what there is to who may not ask. */
        {"GET", "/nothing", "Host: 127.0.0.1\r\n", {.secret = "s"}, 401, "no_token", "TOKEN"},
        {"DELETE", "/pool", "Host: 127.0.0.1\r\n", {.secret = "s"}, 401, "no_token", "TOKEN"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer =
            ask(rows[i].method, rows[i].target, rows[i].fields, &rows[i].rules);
        char start[60];
        snprintf(start, sizeof(start), "{\"error\":\"%s\",", rows[i].word);
        if (answer.status != rows[i].status || !strstr(text_str(&answer.body), rows[i].helps) ||
            strncmp(text_str(&answer.body), start, strlen(start)) != 0)
            fail_msg("row %zu: %d %s", i, answer.status, text_str(&answer.body));
        assert_string_equal(met.who, "");
        assert_string_equal(
            text_str(&answer.fields),
            rows[i].status == 401 ? "WWW-Authenticate: Bearer realm=\"lb admin\"\r\n" : "");
        forget(&answer);
    }
}

/* What a page tells is what decides who may ask for it. */
static void test_pages_for_everybody(void **state)
{
    static const struct {
        const char *target, *fields;
        int status;
    } rows[] = {
        {"/healthz", "Host: evil.example\r\nVia: 1.1 x\r\n", 200},
        {"/", "Host: 127.0.0.1\r\n", 200},
        {"/", "Host: 127.0.0.1\r\nVia: 1.1 x\r\n", 403},
        {"/pool", "Host: 127.0.0.1\r\n", 401},
        {"/pool", "Host: 127.0.0.1\r\nAuthorization: Bearer s\r\n", 200},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer =
            ask("GET", rows[i].target, rows[i].fields, &(struct admin_rules){.secret = "s"});
        assert_int_equal(answer.status, rows[i].status);
        forget(&answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_where_a_request_goes),
        cmocka_unit_test(test_what_has_no_page),
        cmocka_unit_test(test_methods_that_a_page_does_not_take),
        cmocka_unit_test(test_each_refusal_says_what_would_help),
        cmocka_unit_test(test_pages_for_everybody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
