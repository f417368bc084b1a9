/* Which endpoints of the routed service get no requests whatever their state is. */
#include "lb/follow/unserved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void check(const char *fields, const char *want_reason, const char *want_why)
{
    struct reach reach = {.is_guarded = true};
    struct serving serving = {.kinds[SERVICE_HTTP] = true};
    struct text text = TEXT_INIT, why = TEXT_INIT;
    text_appendf(&text, "{\"port\":80,%s}", fields);
    json_t *endpoint = json_loads(text_str(&text), 0, NULL);
    assert_non_null(endpoint);
    const char *reason = unserved_reason(&reach, &serving, endpoint, &why);
    assert_string_equal(reason ? reason : "", want_reason);
    assert_non_null(strstr(text_str(&why), want_why));
    assert_true((reason != NULL) == (why.len > 0));
    assert_true(reason == unserved_reason(&reach, &serving, endpoint, NULL));
    json_decref(endpoint);
    text_fini(&text);
    text_fini(&why);
}

static void test_http_is_served(void **state)
{
    (void)state;
    check("\"address\":\"10.0.0.1\"", "", "");
    check("\"address\":\"10.0.0.1\",\"protocol\":\"http\"", "", "");
    check("\"address\":\"10.0.0.1\",\"protocol\":\"https\"", "", "");
}

static void test_other_protocols_are_not(void **state)
{
    static const char *const words[] = {"h2c", "tcp", "udp", "HTTP", "later"};
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        char fields[80], why[64];
        snprintf(fields, sizeof(fields), "\"address\":\"10.0.0.1\",\"protocol\":\"%s\"", words[i]);
        snprintf(why, sizeof(why), "it is offered as %s, ", words[i]);
        check(fields, "other_protocol", why);
    }
}

static void test_bad_addresses_are_not(void **state)
{
    (void)state;
    check("\"address\":\"127.0.0.1\"", "bad_address", "loopback");
    check("\"address\":\"127.0.0.1\",\"protocol\":\"tcp\"", "other_protocol", "tcp");
}

/* Where a file is one of several sources: what another tells is still asked. */
static void test_files_are_the_operators_word(void **state)
{
    (void)state;
    check("\"address\":\"127.0.0.1\",\"source\":\"file\"", "", "");
    check("\"address\":\"127.0.0.1\",\"source\":\"consul\"", "bad_address", "loopback");
    check("\"address\":\"127.0.0.1\",\"source\":7", "bad_address", "loopback");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_is_served),
        cmocka_unit_test(test_other_protocols_are_not),
        cmocka_unit_test(test_bad_addresses_are_not),
        cmocka_unit_test(test_files_are_the_operators_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
