/* First in, first out, and no more than is wanted. */
#include "lb/sentry/sentry_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static bool put(struct sentry_queue *queue, const char *bytes)
{
    struct text envelope = TEXT_INIT;
    text_append_str(&envelope, bytes);
    bool is_taken = sentry_queue_put(queue, &envelope);
    assert_int_equal(envelope.bytes == NULL, is_taken);
    text_fini(&envelope);
    return is_taken;
}

static void take(struct sentry_queue *queue, const char *wanted)
{
    struct text envelope;
    assert_true(sentry_queue_take(queue, &envelope));
    assert_string_equal(text_str(&envelope), wanted);
    text_fini(&envelope);
}

static void test_order(void **state)
{
    struct sentry_queue queue;
    struct text none;
    (void)state;
    sentry_queue_init(&queue, 3, 100);
    for (unsigned i = 0; i < 5; i++) { /* round the ring */
        assert_true(put(&queue, "a"));
        assert_true(put(&queue, "b"));
        take(&queue, "a");
        take(&queue, "b");
    }
    assert_false(sentry_queue_take(&queue, &none));
    sentry_queue_fini(&queue);
}

static void test_bounds(void **state)
{
    struct sentry_queue queue;
    (void)state;
    sentry_queue_init(&queue, 3, 10);
    assert_true(put(&queue, "12345678"));
    assert_false(put(&queue, "123"));
    assert_true(put(&queue, "12"));
    assert_false(put(&queue, "1"));
    assert_true(put(&queue, ""));
    assert_false(put(&queue, ""));
    take(&queue, "12345678");
    assert_int_equal(queue.bytes, 2);
    assert_true(put(&queue, "12345678"));
    sentry_queue_fini(&queue); /* frees what waits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
