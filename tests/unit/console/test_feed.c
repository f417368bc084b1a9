/* Server-sent events in pieces of every size, with comments and other fields between. */
#include "lb/console/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_in_pieces(void **state)
{
    static const char stream[] =
        ": hello\n\ndata: {\"a\":1}\n\nid: 7\r\ndata:one\r\ndata: two\r\n\r\n"
        "\n\ndata: not yet";
    (void)state;
    for (size_t step = 1; step < sizeof(stream); step++) {
        struct feed feed = {0};
        struct text event = TEXT_INIT, all = TEXT_INIT;
        for (size_t at = 0; at < sizeof(stream) - 1; at += step) {
            size_t left = sizeof(stream) - 1 - at;
            assert_true(feed_add(&feed, view_of(stream + at, left < step ? left : step)));
            while (feed_next(&feed, &event))
                text_appendf(&all, "<%s>", text_str(&event));
        }
        assert_string_equal(text_str(&all), "<{\"a\":1}><one\ntwo>");
        text_fini(&event);
        text_fini(&all);
        feed_fini(&feed);
    }
}

static void test_too_long(void **state)
{
    static char piece[1 << 20];
    struct feed feed = {0};
    size_t taken = 0;
    (void)state;
    while (feed_add(&feed, view_of(piece, sizeof(piece))))
        taken += sizeof(piece);
    assert_true(taken <= FEED_EVENT_MAX_BYTES);
    feed_fini(&feed);
}

/* Many events in one piece, and one in many: neither is gone through again and again. */
static void test_cheap(void **state)
{
    static char piece[1 << 20];
    struct feed feed = {0};
    struct text event = TEXT_INIT;
    unsigned count = 0;
    (void)state;
    for (size_t i = 0; i + 4 <= sizeof(piece); i += 4)
        memcpy(piece + i, "a:\n\n", 4);
    memcpy(piece, "data:x\n\n", 8);
    assert_true(feed_add(&feed, view_of(piece, sizeof(piece))));
    while (feed_next(&feed, &event))
        count++;
    assert_int_equal(count, 1);
    memset(piece, 'x', sizeof(piece));
    assert_true(feed_add(&feed, VIEW("data:")));
    for (size_t i = 0; i < 16 * sizeof(piece); i += 1024) {
        assert_true(feed_add(&feed, view_of(piece, 1024)));
        assert_false(
            feed_next(&feed, &event)); /* 16 000 times: gigabytes, were all of it looked through */
        assert_int_equal(feed.taken, i == 0 ? feed.taken : 0);
        assert_int_equal(feed.searched, feed.pending.len - feed.taken);
    }
    assert_true(feed_add(&feed, VIEW("\n\n")));
    assert_true(feed_next(&feed, &event));
    assert_int_equal(event.len, 16 * sizeof(piece));
    text_fini(&event);
    feed_fini(&feed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_in_pieces),
                                       cmocka_unit_test(test_too_long),
                                       cmocka_unit_test(test_cheap)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
