#include "discovery/registrar/entry_body.h"

#include <string.h>

#include "discovery/field.h"

#include "tests/unit/discovery/cmocka_all.h"

static const struct entry_terms terms = {.owner = "ENGINE"};

static struct registration web(void)
{
    return (struct registration){.id = "h1:web1:80",
                                 .name = "web",
                                 .address = "10.0.0.1",
                                 .port = 32768,
                                 .container = "abc",
                                 .container_name = "web1",
                                 .container_port = 80};
}

static json_t *make(const struct registration *item, const struct entry_terms *with,
                    struct text *remarks)
{
    uint64_t content;
    struct text none = TEXT_INIT;
    json_t *body = entry_body_make(item, with, &content, remarks ? remarks : &none);
    assert_true(remarks || none.len == 0);
    text_fini(&none);
    return body;
}

static void test_without_check(void **state)
{
    struct registration item = web();
    struct text text = TEXT_INIT;
    (void)state;
    json_t *body = make(&item, &terms, NULL);
    entry_body_print(body, NULL, &text);
    assert_string_equal(
        text_str(&text),
        "{\"ID\":\"h1:web1:80\",\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":32768,\"Tags\":["
        "],"
        "\"Meta\":{\"lb-owner\":\"ENGINE\",\"lb-container\":\"abc\",\"lb-port\":\"80\"}}");
    json_decref(body);
    item.is_udp = true;
    item.weight = 5;
    body = make(&item, &terms, NULL);
    assert_string_equal(field_str(json_object_get(body, "Meta"), "lb-port"), "80/udp");
    assert_int_equal(field_int(json_object_get(body, "Weights"), "Passing", 0), 5);
    assert_int_equal(field_int(json_object_get(body, "Weights"), "Warning", 0), 1);
    json_decref(body);
    item.container = NULL; /* lb itself */
    body = make(&item, &terms, NULL);
    assert_int_equal(json_object_size(json_object_get(body, "Meta")), 1);
    json_decref(body);
    text_fini(&text);
}

static void test_ttl(void **state)
{
    struct registration item = web();
    struct entry_terms with = {.owner = "E", .ttl_s = 12, .deregister_after = "10m"};
    (void)state;
    assert_int_equal(entry_body_ttl_s(&item, &terms), 0);
    assert_int_equal(entry_body_ttl_s(&item, &with), 12);
    item.check = REGISTRATION_CHECK_HEALTH;
    assert_int_equal(entry_body_ttl_s(&item, &terms), ENTRY_BODY_TTL_S);
    assert_int_equal(entry_body_ttl_s(&item, &with), 12);
    item.check = REGISTRATION_CHECK_PROBE;
    assert_int_equal(entry_body_ttl_s(&item, &terms), ENTRY_BODY_TTL_S);
    item.check = REGISTRATION_CHECK_AGENT;
    assert_int_equal(entry_body_ttl_s(&item, &with), 0);
}

static void test_told_check(void **state)
{
    struct registration item = web();
    struct entry_terms with = {.owner = "E", .deregister_after = "10m"};
    struct text text = TEXT_INIT;
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    json_t *body = make(&item, &with, NULL), *check = json_object_get(body, "Check");
    assert_string_equal(field_str(check, "TTL"), "30s");
    assert_string_equal(field_str(check, "CheckID"), "service:h1:web1:80");
    assert_string_equal(field_str(check, "DeregisterCriticalServiceAfter"), "10m");
    assert_non_null(strstr(field_str(check, "Notes"), "told by lb-discovery ("));
    entry_body_print(body, "warning", &text);
    assert_non_null(strstr(text_str(&text), "\"Status\":\"warning\""));
    assert_null(json_object_get(check, "Status"));
    json_decref(body);
    item.deregister_after = "1h30m";
    body = make(&item, &with, NULL);
    assert_string_equal(field_str(json_object_get(body, "Check"), "DeregisterCriticalServiceAfter"),
                        "1h30m");
    json_decref(body);
    text_fini(&text);
}

static void test_times_that_consul_does_not_keep(void **state)
{
    struct registration item = web();
    struct text remarks = TEXT_INIT;
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    item.deregister_after = "5s";
    json_t *body = make(&item, &terms, &remarks);
    assert_string_equal(field_str(json_object_get(body, "Check"), "DeregisterCriticalServiceAfter"),
                        "1m");
    assert_non_null(strstr(text_str(&remarks), "so 5s is 1m"));
    json_decref(body);
    text_clear(&remarks);
    item.deregister_after = "soon";
    body = make(&item, &terms, &remarks);
    assert_null(json_object_get(json_object_get(body, "Check"), "DeregisterCriticalServiceAfter"));
    assert_non_null(strstr(text_str(&remarks), "\"soon\" is no time"));
    json_decref(body);
    text_fini(&remarks);
}

static void test_check_of_the_agent(void **state)
{
    struct registration item = web();
    struct text text = TEXT_INIT;
    (void)state;
    item.check = REGISTRATION_CHECK_AGENT;
    json_t *definition = json_pack("{s:s,s:s,s:s}", "HTTP", "http://10.0.0.1:32768/", "Interval",
                                   "10s", "Status", "passing");
    item.definition = definition;
    json_t *body = make(&item, &terms, NULL);
    entry_body_print(body, NULL, &text);
    assert_non_null(strstr(text_str(&text), "\"HTTP\":\"http://10.0.0.1:32768/\""));
    assert_non_null(strstr(text_str(&text), "\"Status\":\"passing\""));
    assert_non_null(strstr(text_str(&text), "registered by lb-discovery ("));
    assert_null(json_object_get(definition, "Notes")); /* it is not ours */
    json_decref(body);
    item.definition = NULL;
    body = make(&item, &terms, NULL);
    assert_null(json_object_get(body, "Check"));
    json_decref(body);
    json_decref(definition);
    text_fini(&text);
}

static void test_its_words_never_win_over_ours(void **state)
{
    struct registration item = web();
    struct text remarks = TEXT_INIT;
    (void)state;
    json_t *meta = json_pack("{s:s,s:s}", "lb-owner", "somebody", "a", "b");
    item.meta = meta;
    json_t *body = make(&item, &terms, &remarks);
    assert_string_equal(field_str(json_object_get(body, "Meta"), "lb-owner"), "ENGINE");
    assert_string_equal(field_str(json_object_get(body, "Meta"), "a"), "b");
    assert_non_null(strstr(text_str(&remarks), "lb-owner"));
    json_decref(body);
    json_decref(meta);
    text_fini(&remarks);
}

static void test_results(void **state)
{
    struct text text = TEXT_INIT;
    char *endless = malloc(100000);
    (void)state;
    entry_body_print_result(REGISTRATION_CRITICAL, "curl: (7)\n\tno \"route\"\x01\xff", &text);
    assert_string_equal(text_str(&text),
                        "{\"Status\":\"critical\",\"Output\":\"curl: (7) no \\\"route\\\"??\"}");
    text_clear(&text);
    entry_body_print_result(REGISTRATION_PASSING, NULL, &text);
    assert_string_equal(text_str(&text), "{\"Status\":\"passing\",\"Output\":\"\"}");
    memset(endless, 'x', 99999);
    endless[99999] = '\0';
    text_clear(&text);
    entry_body_print_result(REGISTRATION_WARNING, endless, &text);
    assert_int_equal(text.len, strlen("{\"Status\":\"warning\",\"Output\":\"\"}") +
                                   ENTRY_BODY_OUTPUT_BYTES_MAX);
    free(endless);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_check),
        cmocka_unit_test(test_ttl),
        cmocka_unit_test(test_told_check),
        cmocka_unit_test(test_times_that_consul_does_not_keep),
        cmocka_unit_test(test_check_of_the_agent),
        cmocka_unit_test(test_its_words_never_win_over_ours),
        cmocka_unit_test(test_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
