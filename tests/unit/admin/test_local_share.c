/* What is said of services that prefer local endpoints. */
#include "lb/admin/local_share.h"

#include "tests/unit/admin/site_case.h"

#define ENDPOINT(id, port, more)                                                                   \
    "{\"id\":\"" id "\",\"name\":\"" id "\",\"address\":\"127.0.0.3\",\"port\":" port more "}"
#define HERE  ",\"local\":true"
#define READY ",\"state\":\"ready\""
#define ILL   ",\"state\":\"unhealthy\""
#define LINE_OF(options, endpoints)                                                                \
    "{\"v\":1,\"services\":[{\"name\":\"app\",\"options\":{" options "},\"endpoints\":[" endpoints \
    "]}]}"
#define LOCAL "\"prefer\":\"local\""

static struct text said;

static int open_all(void **state)
{
    said = (struct text)TEXT_INIT;
    return open_publisher(state);
}

static int close_all(void **state)
{
    text_fini(&said);
    return close_publisher(state);
}

static const char *sentence(const char *name)
{
    text_clear(&said);
    local_share_append(&publisher.pool->services[0], endpoint_of(name), &said);
    return text_str(&said);
}

static const char *json(const char *name)
{
    struct json_writer writer;
    text_clear(&said);
    json_writer_init(&writer, &said);
    json_writer_begin_object(&writer);
    local_share_write(&publisher.pool->services[0], &writer);
    local_share_write_place(&publisher.pool->services[0], endpoint_of(name), &writer);
    json_writer_end_object(&writer);
    return text_str(&said);
}

static const char *metrics(void)
{
    struct prometheus_text writer = {.out = &said};
    text_clear(&said);
    local_share_write_metrics(publisher.pool, &writer);
    return text_str(&said);
}

static void test_nothing_where_all_are_alike(void **state)
{
    (void)state;
    assert_string_equal(metrics(), ""); /* no pool */
    take_line(LINE_OF("", ENDPOINT("a", "1", READY HERE) "," ENDPOINT("b", "2", READY)));
    admit_all();
    assert_string_equal(sentence("a"), "");
    assert_string_equal(sentence("b"), "");
    assert_string_equal(json("b"), "{}");
    assert_string_equal(metrics(), "");
}

static void test_all_are_well(void **state)
{
    (void)state;
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", READY HERE) "," ENDPOINT("b", "2", READY)));
    admit_all();
    assert_string_equal(sentence("a"), ", on this host, which is preferred");
    assert_string_equal(
        sentence("b"),
        ", on another host: local ones are preferred and get all requests that they can take");
    assert_string_equal(json("a"), "{\"local_share_percent\":100.000,"
                                   "\"place\":\"on this host, which is preferred\"}");
}

static void test_half_of_the_local_ones_are_ill(void **state)
{
    (void)state;
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", READY HERE) "," ENDPOINT(
                                 "b", "2", ILL HERE) "," ENDPOINT("c", "3", READY)));
    admit_all();
    assert_string_equal(
        sentence("a"),
        ", on this host, which gets 70 % of the requests as too few here are healthy");
    assert_string_equal(sentence("c"),
                        ", on another host: local ones are preferred and get 70 % of the requests");
    assert_string_equal(json("b"), "{\"local_share_percent\":70.000}"); /* it has its own reason */
    assert_non_null(strstr(metrics(), "\nlb_service_local_share_percent{service=\"app\"} 70\n"));
    assert_non_null(
        strstr(metrics(), "\nlb_endpoint_local{service=\"app\",name=\"b\",id=\"b\"} 1\n"));
    assert_non_null(
        strstr(metrics(), "\nlb_endpoint_local{service=\"app\",name=\"c\",id=\"c\"} 0\n"));
}

static void test_none_is_here(void **state)
{
    (void)state;
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", ILL HERE) "," ENDPOINT("b", "2", READY)));
    admit_all();
    assert_string_equal(
        sentence("b"),
        ", on another host: local ones are preferred, but none of them can be asked");
}

static void test_none_is_elsewhere(void **state)
{
    (void)state;
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", READY HERE)));
    admit_all();
    assert_string_equal(sentence("a"), ", on this host");
}

/* An endpoint that stays may be told to be of another place: it is the same one. */
static void test_the_place_may_change(void **state)
{
    (void)state;
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", READY) "," ENDPOINT("b", "2", READY)));
    admit_all();
    const struct endpoint *before = endpoint_of("a");
    assert_false(before->is_local);
    take_line(LINE_OF(LOCAL, ENDPOINT("a", "1", READY HERE) "," ENDPOINT("b", "2", READY)));
    assert_ptr_equal(endpoint_of("a"), before);
    assert_true(before->is_local);
    assert_int_equal(publisher.pool->services[0].rotation_count, 1);
    assert_int_equal(publisher.pool->services[0].other_turn_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_where_all_are_alike),
        TEST(test_all_are_well),
        TEST(test_half_of_the_local_ones_are_ill),
        TEST(test_none_is_here),
        TEST(test_none_is_elsewhere),
        TEST(test_the_place_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
