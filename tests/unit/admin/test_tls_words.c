/* What people are told of servers by https. */
#include "lb/admin/tls_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void check(const struct upstream_tls *tls, const char *host, const char *words,
                  const char *json)
{
    struct text text = TEXT_INIT;
    struct json_writer writer;
    struct service_policy *policy = service_policy_new(&(struct service_policy){.tls = *tls});
    struct endpoint endpoint = {
        .is_by_tls = true, .policy = policy, .server_name = (char *)(uintptr_t)host};
    tls_words_append(&endpoint, &text);
    assert_string_equal(text_str(&text), words);
    text_clear(&text);
    json_writer_init(&writer, &text);
    json_writer_begin_object(&writer);
    tls_words_write(&endpoint, &writer);
    json_writer_end_object(&writer);
    assert_string_equal(text_str(&text), json);
    endpoint.is_by_tls = false;
    text_clear(&text);
    tls_words_append(&endpoint, &text);
    assert_string_equal(text_str(&text), "");
    text_fini(&text);
    service_policy_unref(policy);
}

static void test_who_is_believed(void **state)
{
    (void)state;
    check(&(struct upstream_tls){0}, NULL, "its certificate is not verified",
          "{\"tls\":{\"verified\":false}}");
    check(&(struct upstream_tls){0}, "a.test",
          "its certificate is not verified; it is asked for a.test",
          "{\"tls\":{\"verified\":false,\"name\":\"a.test\"}}");
    check(&(struct upstream_tls){.ca = "ca.pem", .certificate = "lb.pem"}, NULL,
          "its certificate is verified, by ca.pem, for any name; it is shown lb.pem",
          "{\"tls\":{\"verified\":true,\"ca\":\"ca.pem\",\"certificate\":\"lb.pem\"}}");
    check(&(struct upstream_tls){.name = "b.test"}, "a.test",
          "its certificate is verified, by the authorities of the system, for b.test",
          "{\"tls\":{\"verified\":true,\"name\":\"b.test\"}}");
    check(&(struct upstream_tls){.verify = UPSTREAM_TLS_REFUSES}, NULL,
          "it is not believed, as what is said of its certificate cannot be used",
          "{\"tls\":{\"verified\":true}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_is_believed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
