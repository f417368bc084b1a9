/* Answers of lb's own: which requests get one, and what it looks like to whom. */
#include "lb/proxy/refusal.h"

#include "tests/unit/proxy/proxy_case.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct world world;
static struct pretend_uv_wire *client;

static void open_world(const struct env_options *options, const char *letters)
{
    world_open(&world, options, letters);
    client = world_client(&world);
}

static void test_which_requests_lb_answers_by_itself(void **state)
{
    static const struct {
        const char *request, *status; /* NULL: it is forwarded */
        enum err end;
    } rows[] = {
        {GET, NULL, ERR_OK},
        {"GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 lb\r\n\r\n", NULL, ERR_OK},
        {"GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 lb, 1.1 lb\r\n\r\n", "508", ERR_LOOP},
        {"GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", NULL, ERR_OK},
        {"OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\n\r\n", NULL, ERR_OK},
        {"OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", "200", ERR_LAST_HOP},
        {"TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", "501", ERR_METHOD},
        {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", NULL, ERR_OK},
        {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", "413", ERR_BODY_TOO_LARGE},
        {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", "413",
         ERR_BODY_TOO_LARGE},
        {"GET / HTTP/1.1\r\n\r\n", "400", ERR_HOST},
        {"\033\r\n\r\n", "400", ERR_START_LINE},
    };
    struct env_options options = world_usual;
    (void)state;
    options.exchange.max_body_bytes = 100;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_world(&options, "r");
        world_say(client, rows[i].request);
        if ((backend_count() > 0) != (rows[i].status == NULL))
            fail_msg("row %zu", i);
        if (rows[i].status) {
            assert_memory_equal(world_hear(client) + strlen("HTTP/1.1 "), rows[i].status, 3);
            assert_end(&world, rows[i].end);
            assert_int_equal(world.record_count, 1);
        }
        world_close(&world);
    }
}

static void test_a_page_of_the_operators(void **state)
{
    static const struct {
        const char *accept, *want, *type;
    } rows[] = {
        {"", "\r\n\r\n<p>own</p>", "Content-Type: text/html\r\n"},
        {"Accept: text/html\r\n", "\r\n\r\n<p>own</p>", "Content-Type: text/html\r\n"},
        /* a page that is no JSON is not for who wants that */
        {"Accept: application/json\r\n", "{\"status\":503,", "Content-Type: application/json\r\n"},
    };
    struct env_options options = world_usual;
    (void)state;
    options.exchange.error_pages[0] = (struct answer_page){
        .status = 503, .content_type = "text/html", .body = VIEW("<p>own</p>")};
    options.exchange.error_page_count = 1;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char request[200];
        open_world(&options, "");
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", rows[i].accept);
        world_say(client, request);
        const char *heard = world_hear(client);
        if (!strstr(heard, rows[i].want) || !strstr(heard, rows[i].type))
            fail_msg("%s", heard);
        assert_non_null(strstr(heard, "\r\nRetry-After: 1\r\n"));
        world_close(&world);
    }
}

static void test_who_asks_for_a_head_gets_no_body(void **state)
{
    (void)state;
    open_world(&world_usual, "");
    world_say(client, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *heard = world_hear(client);
    assert_memory_equal(heard, "HTTP/1.1 503", 12);
    assert_string_equal(heard + strlen(heard) - 4, "\r\n\r\n");
    assert_null(strstr(heard, "No server is available"));
    world_close(&world);
}

/* Only what may get better soon is to be asked for again. */
static void test_who_is_told_to_come_back(void **state)
{
    (void)state;
    open_world(&world_usual, "r");
    world_say(client, "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 lb, 1.1 lb\r\n\r\n");
    assert_null(strstr(world_hear(client), "Retry-After"));
    world_close(&world);
}

/* What was no request ends its connection; a refused request need not. */
static void test_what_the_connection_is_worth_afterwards(void **state)
{
    static const struct {
        const char *request, *word;
    } rows[] = {{"GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 lb, 1.1 lb\r\n\r\n", "open"},
                {"GET / HTTP/1.1\r\n\r\n", "fin"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_world(&world_usual, "r");
        world_say(client, rows[i].request);
        assert_word(client, rows[i].word);
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_requests_lb_answers_by_itself),
        cmocka_unit_test(test_a_page_of_the_operators),
        cmocka_unit_test(test_who_asks_for_a_head_gets_no_body),
        cmocka_unit_test(test_who_is_told_to_come_back),
        cmocka_unit_test(test_what_the_connection_is_worth_afterwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
