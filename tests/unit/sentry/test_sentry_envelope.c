/* An envelope, byte by byte. */
#include "lb/sentry/sentry_envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef"

static void test_bytes(void **state)
{
    struct sentry_event event = {.id = ID, .timestamp_ns = 1000000, .level = SENTRY_INFO};
    struct text out = TEXT_INIT;
    static const char payload[] =
        "{\"event_id\":\"" ID
        "\",\"timestamp\":\"1970-01-01T00:00:00.001000Z\",\"platform\":\"native\","
        "\"level\":\"info\",\"sdk\":{\"name\":\"lb.c\",\"version\":\"" LB_VERSION "\"},"
        "\"message\":{\"formatted\":\"a\\nb \xc3\xa9\"}}";
    struct text wanted = TEXT_INIT;
    (void)state;
    event.message = VIEW("a\nb \xc3\xa9");
    text_appendf(&wanted,
                 "{\"event_id\":\"" ID
                 "\",\"sent_at\":\"1970-01-01T00:00:01.000000Z\",\"sdk\":{\"name\":"
                 "\"lb.c\",\"version\":\"" LB_VERSION "\"}}\n"
                 "{\"type\":\"event\",\"length\":%zu,\"content_type\":\"application/json\"}\n%s\n",
                 sizeof(payload) - 1, payload);
    sentry_envelope_write(&event, 1000000000, &out);
    assert_string_equal(text_str(&out), text_str(&wanted));
    assert_int_equal(out.len, strlen(text_str(&out)));
    text_fini(&out);
    text_fini(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
