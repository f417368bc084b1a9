/* /requests, and what followers see of the requests that end. */
#include "lb/admin/requests_page.h"

#include "tests/unit/admin/pages_case.h"

static struct text page;

static int open_page(void **state)
{
    struct address at;
    open_pages(state);
    worker.env.notables = notables_new(&worker.env.told_from_ns);
    assert_true(address_parse_ip(VIEW("0.0.0.0"), 8000, &at));
    pages_note_door(&pages, "http", &at);
    assert_true(address_parse_ip(VIEW("0.0.0.0"), 8001, &at));
    pages_note_door(&pages, "admin", &at);
    page = (struct text)TEXT_INIT;
    return 0;
}

static int close_page(void **state)
{
    text_fini(&page);
    struct notables *notables = worker.env.notables;
    close_pages(state);
    notables_free(notables);
    return 0;
}

static struct record record_of(enum err end, unsigned status, uint64_t total_ms)
{
    return (struct record){.end = end,
                           .status = status,
                           .attempt_count = 1,
                           .start_wall_ns = SITE_TIME_NS,
                           .total_ns = total_ms * 1000000,
                           .method = VIEW("GET"),
                           .target = VIEW("/a?token=secret"),
                           .host = VIEW("a.test"),
                           .service = VIEW("app"),
                           .endpoint_name = VIEW("web1"),
                           .endpoint_own_id = VIEW("4f9cab")};
}

static void take(const struct record *record)
{
    notables_take(worker.env.notables, record, false);
}

static void assert_page_has(const char *piece)
{
    struct admin_answer answer = ask_page(pages_requests, "", NULL, "");
    assert_answers(&answer, 200, piece);
}

static void test_nothing_yet(void **state)
{
    (void)state;
    struct admin_answer answer = ask_page(pages_requests, "", NULL, "");
    assert_answer(&answer, 200, "{\"number\":0,\"failed\":[],\"retried\":[],\"slowest\":[]}\n");
}

static void test_what_is_told_of_one(void **state)
{
    struct record record = record_of(ERR_OK, 503, 5);
    (void)state;
    record.request_id = VIEW("r1");
    record.route = VIEW("shop@lb");
    record.client_ip = VIEW("192.0.2.7");
    record.attempt_count = 2;
    record.retried_after = UINT64_C(1) << ERR_REFUSED;
    take(&record);
    assert_page_has("\"failed\":[{\"time\":\"2026-11-22T01:52:25.128456Z\",\"request_id\":\"r1\","
                    "\"client\":\"192.0.2.7\",\"listener\":\"0.0.0.0:8000/http\","
                    "\"route\":\"shop@lb\",\"service\":\"app\",\"endpoint\":\"app 4f9cab\","
                    "\"name\":\"web1\",\"method\":\"GET\",\"host\":\"a.test\",\"path\":\"/a\","
                    "\"status\":503,\"end\":\"ok\",\"ms\":5,\"attempts\":2,"
                    "\"sentence\":\"The server answered 503 after 5 ms, at attempt 2.\","
                    "\"retried_after\":[\"refused\"]}],\"retried\":[{");
}

static void test_sentences(void **state)
{
    struct record record = record_of(ERR_UPSTREAM_TIMEOUT, 504, 30000);
    (void)state;
    take(&record);
    assert_page_has("\"sentence\":\"The server did not answer in time after 30.0 s; the client got "
                    "504.\"");
    record = record_of(ERR_REFUSED, 0, 1);
    record.kind = RECORD_CONNECTION;
    record.listener = VIEW("0.0.0.0:5432");
    take(&record);
    assert_page_has("\"listener\":\"0.0.0.0:5432/tcp\",\"service\":\"app/tcp\","
                    "\"endpoint\":\"app/tcp 4f9cab\",");
    assert_page_has("\"sentence\":\"No server could be reached after 1 ms.\"");
}

static void test_hostile_names_are_data(void **state)
{
    struct record record = record_of(ERR_OK, 500, 1);
    (void)state;
    record.host = VIEW("\"}\n\x1b[2J\xff");
    record.target = VIEW("/</script>");
    take(&record);
    assert_page_has("\"host\":\"\\\"}\\n\\u001b[2J\xEF\xBF\xBD\",\"path\":\"/</script>\"");
}

static void test_the_slowest_come_first(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 5; i++) {
        struct record record = record_of(ERR_OK, 200, i % 3 * 100 + i);
        take(&record);
    }
    struct admin_answer answer = ask_page(pages_requests, "", NULL, "");
    const char *slowest = strstr(text_str(&answer.body), "\"slowest\"");
    const char *first = strstr(slowest, "\"ms\":202"), *last = strstr(slowest, "\"ms\":3,");
    assert_true(first && last && first < last);
    forget_answer(&answer);
}

static void assert_seen(struct live_differ *differ, unsigned want)
{
    struct pool_page nothing = {0};
    unsigned count = 0;
    text_clear(&page);
    live_differ_begin(differ);
    requests_page_look(&crew, &nothing, differ);
    live_differ_append_all(differ, &page);
    const char *seen = strstr(text_str(&page), "\"seen\":");
    for (const char *at = seen; (at = strstr(at, "\"time\"")); at++)
        count++;
    assert_int_equal(count, want);
}

static void test_seen(void **state)
{
    struct live_differ differ = {0};
    struct record record = record_of(ERR_OK, 200, 1);
    (void)state;
    take(&record);
    assert_seen(&differ, 0); /* nobody looked on */
    take(&record);
    take(&record);
    assert_seen(&differ, 2);
    assert_null(strstr(text_str(&page), "secret"));
    for (unsigned i = 0; i < 3 * NOTABLES_SEEN_MAX; i++)
        take(&record);
    assert_seen(&differ, NOTABLES_SEEN_MAX);
    assert_seen(&differ, 0);
    requests_page_rest(&crew);
    take(&record);
    assert_seen(&differ, 0);
    live_differ_fini(&differ);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_page, close_page)
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_yet),
        TEST(test_what_is_told_of_one),
        TEST(test_sentences),
        TEST(test_hostile_names_are_data),
        TEST(test_the_slowest_come_first),
        TEST(test_seen),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
