/* One request to real servers: what is asked, and what is made of the answer. */
#include "lb/sentry/sentry_post.h"

#include <stdlib.h>
#include <time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lb/base/clock.h"
#include "tests/unit/sentry/receiver.h"

#define MS_NS UINT64_C(1000000)

static void post_to(const char *answer, uint32_t timeout_ms, struct sentry_post_result *result,
                    char *asked, size_t asked_bytes)
{
    struct receiver receiver;
    receiver_open(&receiver, answer);
    struct dsn dsn = receiver_dsn(&receiver);
    struct sentry_post *post = sentry_post_open(&dsn, NULL, NULL, timeout_ms);
    assert_non_null(post);
    sentry_post_run(post, VIEW("the envelope"), result);
    static char kept[4][256]; /* what the answer borrows ends with the post */
    snprintf(kept[0], sizeof(kept[0]), "%.*s", (int)result->answer.retry_after.len,
             result->answer.retry_after.len > 0 ? result->answer.retry_after.ptr : "");
    snprintf(kept[1], sizeof(kept[1]), "%.*s", (int)result->answer.rate_limits.len,
             result->answer.rate_limits.len > 0 ? result->answer.rate_limits.ptr : "");
    result->answer.retry_after = view_str(kept[0]);
    result->answer.rate_limits = view_str(kept[1]);
    sentry_post_close(post);
    if (asked)
        snprintf(asked, asked_bytes, "%s", receiver.asked);
    receiver_close(&receiver);
    assert_null(strstr(result->problem, "PUBLIC"));
    assert_null(strstr(result->problem, "SECRET"));
}

static void test_what_is_asked(void **state)
{
    struct sentry_post_result result;
    char asked[4096];
    (void)state;
    post_to("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 5000, &result, asked, sizeof(asked));
    assert_true(result.is_sent);
    assert_false(result.is_away);
    assert_string_equal(result.problem, "");
    assert_memory_equal(asked, "POST /api/42/envelope/ HTTP/1.1\r\n", 33);
    assert_non_null(strstr(asked, "\r\nContent-Type: application/x-sentry-envelope\r\n"));
    assert_non_null(strstr(asked, "\r\nUser-Agent: lb.c/" LB_VERSION "\r\n"));
    assert_non_null(
        strstr(asked, "\r\nX-Sentry-Auth: Sentry sentry_version=7, sentry_client=lb.c/" LB_VERSION
                      ", sentry_key=PUBLIC, sentry_secret=SECRET\r\n"));
    assert_non_null(strstr(asked, "\r\nContent-Length: 12\r\n"));
    assert_null(strstr(asked, "Expect"));
    assert_non_null(strstr(asked, "\r\n\r\nthe envelope"));
}

static void test_statuses(void **state)
{
    static const struct {
        const char *answer, *problem;
        unsigned status;
        bool is_sent, is_away;
    } rows[] = {
        {"HTTP/1.1 202 Fine\r\nContent-Length: 0\r\n\r\n", "", 202, true, false},
        {"HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n", "too large", 413, false, false},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "in trouble itself", 500, false, true},
        {"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "does not accept the key", 403, false,
         false},
        {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", "no such project", 404, false, false},
        {"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", "does not understand", 400, false, false},
        {"HTTP/1.1 302 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
         "not followed", 302, false, false},
        {"HTTP/1.1 418 Tea\r\nContent-Length: 0\r\n\r\n", "no answer of a Sentry server", 418,
         false, false},
        {"what?\r\n\r\n", "cannot be reached", 0, false, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", "cannot be reached", 0, false, true},
        {"", "cannot be reached", 0, false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sentry_post_result result;
        post_to(rows[i].answer, 5000, &result, NULL, 0);
        assert_int_equal(result.answer.status, rows[i].status);
        assert_int_equal(result.is_sent, rows[i].is_sent);
        assert_int_equal(result.is_away, rows[i].is_away);
        if (!strstr(result.problem, rows[i].problem))
            print_error("%s\n", result.problem);
        assert_non_null(strstr(result.problem, rows[i].problem));
    }
}

static void test_limits(void **state)
{
    struct sentry_post_result result;
    (void)state;
    post_to("HTTP/1.1 429 Slow\r\nretry-after:  7 \r\nX-Sentry-Rate-Limits: 1:error\r\n"
            "x-sentry-rate-limits: 2:default\r\nContent-Length: 0\r\n\r\n",
            5000, &result, NULL, 0);
    assert_int_equal(result.answer.status, 429);
    assert_false(result.is_sent);
    assert_false(result.is_away);
    assert_true(view_eq(result.answer.retry_after, VIEW("7")));
    assert_true(view_eq(result.answer.rate_limits, VIEW("1:error,2:default")));
    assert_non_null(strstr(result.problem, "answers 429"));
}

#define HUGE (8u << 20)

/* Its status is known, and the rest of it nobody wants. */
static void test_a_huge_answer(void **state)
{
    char *answer = malloc(HUGE + 1);
    struct sentry_post_result result;
    (void)state;
    memset(answer, 'x', HUGE);
    answer[HUGE] = '\0';
    memcpy(answer, "HTTP/1.1 200 OK\r\n\r\n", 19);
    post_to(answer, 5000, &result, NULL, 0);
    assert_true(result.is_sent);
    for (size_t i = 19; i + 3 < HUGE; i += 4) /* headers without an end */
        memcpy(answer + i, "a:\r\n", 4);
    memcpy(answer, "HTTP/1.1 200 OK\r\nb:", 19);
    post_to(answer, 5000, &result, NULL, 0);
    assert_true(result.answer.status == 200 ||
                !result.is_sent); /* newer libcurl gives up before it tells */
    free(answer);
}

static void test_one_that_hangs(void **state)
{
    struct sentry_post_result result;
    (void)state;
    uint64_t begun_ns = clock_mono_ns();
    post_to(NULL, 200, &result, NULL, 0);
    assert_true(clock_mono_ns() - begun_ns >= 200 * MS_NS);
    assert_false(result.is_sent);
    assert_true(result.is_away);
    assert_non_null(strstr(result.problem, "has not answered within 200 ms"));
}

static void *hurry_up(void *argument)
{
    nanosleep(&(struct timespec){.tv_nsec = 100 * 1000000}, NULL);
    sentry_post_hurry(argument, clock_mono_ns());
    return NULL;
}

static void test_hurry(void **state)
{
    struct receiver receiver;
    struct sentry_post_result result;
    pthread_t thread;
    (void)state;
    receiver_open(&receiver, NULL);
    struct dsn dsn = receiver_dsn(&receiver);
    struct sentry_post *post = sentry_post_open(&dsn, NULL, NULL, 60000);
    assert_int_equal(pthread_create(&thread, NULL, hurry_up, post), 0);
    sentry_post_run(post, VIEW("x"), &result); /* else it takes a minute, and the test is ended */
    assert_false(result.is_sent);
    assert_non_null(strstr(result.problem, "when this program ended"));
    pthread_join(thread, NULL);
    sentry_post_close(post);
    receiver_close(&receiver);
}

static void test_nobody_there(void **state)
{
    struct receiver receiver;
    struct sentry_post_result result;
    (void)state;
    receiver_open(&receiver, "");
    struct dsn dsn = receiver_dsn(&receiver);
    receiver_close(&receiver);
    struct sentry_post *post = sentry_post_open(&dsn, NULL, NULL, 5000);
    sentry_post_run(post, VIEW("x"), &result);
    assert_true(result.is_away);
    assert_non_null(strstr(result.problem, "cannot be reached"));
    sentry_post_close(post);
}

static int set_up(void **state)
{
    (void)state;
    return sentry_post_begin() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    assert_true(sentry_post_library_version()[0] >= '7');
    sentry_post_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_asked),  cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_limits),         cmocka_unit_test(test_a_huge_answer),
        cmocka_unit_test(test_one_that_hangs), cmocka_unit_test(test_hurry),
        cmocka_unit_test(test_nobody_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
