/* What is told becomes events. */
#include "lb/report/desk.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE_NS UINT64_C(60000000000)

struct bench {
    struct desk desk;
    uint64_t now_ns;
    unsigned count;
    json_t *last; /* the event that was put last */
};

static void keep(void *owner, const struct sentry_event *event)
{
    struct bench *bench = owner;
    struct text out = TEXT_INIT;
    json_error_t problem;
    sentry_event_write(event, &out);
    json_decref(bench->last);
    bench->last = json_loadb(out.bytes, out.len, 0, &problem);
    assert_non_null(bench->last);
    bench->count++;
    text_fini(&out);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    bench->now_ns = MINUTE_NS;
    desk_init(&bench->desk, &(struct desk_options){.release = "lb@7",
                                                   .environment = "test",
                                                   .server_name = "here",
                                                   .owner = bench,
                                                   .put = keep});
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    json_decref(bench->last);
    free(bench);
    return 0;
}

/* With ' for ". */
static enum desk_end take(struct bench *bench, char kind, const char *text)
{
    char copy[4096];
    size_t len = strlen(text);
    for (size_t i = 0; i <= len; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    return desk_take(
        &bench->desk, kind, view_of(copy, len),
        (struct desk_time){.mono_ns = bench->now_ns, .wall_ns = UINT64_C(1700000000000000000)});
}

static const char *at(const json_t *object, const char *a, const char *b)
{
    const json_t *value = json_object_get(object, a);
    return json_string_value(b ? json_object_get(value, b) : value);
}

static const char *fingerprint(const struct bench *bench, size_t i)
{
    return json_string_value(json_array_get(json_object_get(bench->last, "fingerprint"), i));
}

#define INCIDENT                                                                                   \
    "{'kind':'no_endpoint','phase':'begun','level':'error','message':'web has "                    \
    "nobody','subject':'web',"                                                                     \
    "'service':'web','endpoint':'1.2.3.4:80','container':{'name':'web1','id':'c0ffee','image':'"   \
    "img:1'},"                                                                                     \
    "'host':'docker1','url':'http://h/a?secret=1','trace_id':'4bf92f3577b34da6a3ce929d0e0e4736',"  \
    "'extra':{'reason':'died','count':3,'deep':{'a':1}}}"

static void test_incident(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 'B', "{'message':'web1 gone','data':{'service':'web'}}"),
                     DESK_KEPT);
    assert_int_equal(take(bench, 'I', INCIDENT), DESK_PUT);
    assert_string_equal(at(bench->last, "level", NULL), "error");
    assert_string_equal(at(bench->last, "logger", NULL), "lb");
    assert_string_equal(at(bench->last, "release", NULL), "lb@7");
    assert_string_equal(at(bench->last, "environment", NULL), "test");
    assert_string_equal(at(bench->last, "server_name", NULL), "here");
    assert_string_equal(at(bench->last, "timestamp", NULL), "2023-11-14T22:13:20.000000Z");
    assert_string_equal(at(bench->last, "message", "formatted"), "web has nobody");
    assert_string_equal(at(bench->last, "tags", "incident"), "no_endpoint");
    assert_string_equal(at(bench->last, "tags", "phase"), "begun");
    assert_string_equal(at(bench->last, "tags", "service"), "web");
    assert_string_equal(at(bench->last, "tags", "endpoint"), "1.2.3.4:80");
    assert_string_equal(at(bench->last, "tags", "container"), "web1");
    assert_string_equal(at(bench->last, "tags", "image"), "img:1");
    assert_string_equal(at(bench->last, "tags", "host"), "docker1");
    assert_string_equal(at(bench->last, "extra", "container_id"), "c0ffee");
    assert_string_equal(at(bench->last, "extra", "url"), "http://h/a");
    assert_string_equal(at(bench->last, "extra", "reason"), "died");
    assert_string_equal(at(bench->last, "extra", "count"), "3");
    assert_string_equal(at(bench->last, "extra", "deep"), "{\"a\":1}");
    assert_string_equal(at(json_object_get(bench->last, "contexts"), "trace", "trace_id"),
                        "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_int_equal(json_array_size(json_object_get(bench->last, "fingerprint")), 3);
    assert_string_equal(fingerprint(bench, 0), "no_endpoint");
    assert_string_equal(fingerprint(bench, 1), "web");
    assert_string_equal(fingerprint(bench, 2), "web");
    const json_t *crumbs = json_object_get(json_object_get(bench->last, "breadcrumbs"), "values");
    assert_int_equal(json_array_size(crumbs), 1);
    assert_string_equal(at(json_array_get(crumbs, 0), "message", NULL), "web1 gone");
    assert_string_equal(at(json_array_get(crumbs, 0), "data", "service"), "web");
    assert_null(json_object_get(bench->last, "user"));
}

static void test_recovery(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 'I', INCIDENT), DESK_PUT);
    assert_int_equal(
        take(bench, 'I',
             "{'kind':'no_endpoint','phase':'ended','message':'web is back','subject':'web',"
             "'service':'web','lasted_seconds':12.25}"),
        DESK_PUT);
    assert_string_equal(at(bench->last, "level", NULL), "info");
    assert_string_equal(at(bench->last, "message", "formatted"), "web is back; it lasted 12.2 s");
    assert_string_equal(at(bench->last, "extra", "lasted_seconds"), "12.25");
    assert_string_equal(fingerprint(bench, 0), "no_endpoint");
    assert_string_equal(fingerprint(bench, 3), "recovered");
}

static void test_the_same_once_a_minute(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 'I', INCIDENT), DESK_PUT);
    for (unsigned i = 0; i < 7; i++)
        assert_int_equal(take(bench, 'I', INCIDENT), DESK_GROUPED);
    assert_int_equal(bench->count, 1);
    bench->now_ns += MINUTE_NS;
    assert_int_equal(take(bench, 'I', INCIDENT), DESK_PUT);
    assert_string_equal(at(bench->last, "extra", "repeated_meanwhile"), "7");
}

static void test_not_too_many(void **state)
{
    struct bench *bench = *state;
    char text[256];
    unsigned limited_count = 0;
    for (unsigned i = 0; i < 100; i++) {
        snprintf(text, sizeof(text),
                 "{'kind':'panic','phase':'happened','message':'m','subject':'%u'}", i);
        limited_count += take(bench, 'I', text) == DESK_LIMITED;
    }
    assert_int_equal(bench->count, 30);
    assert_int_equal(limited_count, 70);
    bench->now_ns += MINUTE_NS;
    assert_int_equal(take(bench, 'I', INCIDENT), DESK_PUT);
    assert_string_equal(at(bench->last, "extra", "others_not_sent"), "70");
}

#define CRASH(reason)                                                                              \
    "{'reason':'" reason "','lost_requests':4,'crashes_in_a_row':2,'is_crash_loop':true,'text':"   \
    "'crashed: signal 11 (SIGSEGV) by itself in thread 7 (lb-proxy); version 0.1.0, build id "     \
    "00112233445566778899aabbccddeeff01234567; code lb-proxy+0x1f lb-proxy+0x20 libc.so.6+0x9'}"

static void test_crash(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 'C', CRASH("SIGSEGV")), DESK_PUT);
    const json_t *exception =
        json_array_get(json_object_get(json_object_get(bench->last, "exception"), "values"), 0);
    assert_string_equal(at(bench->last, "level", NULL), "fatal");
    assert_string_equal(at(exception, "type", NULL), "SIGSEGV");
    assert_string_equal(at(exception, "value", NULL),
                        "crashed: signal 11 (SIGSEGV) by itself in thread 7 (lb-proxy)");
    assert_string_equal(at(exception, "mechanism", "type"), "signal");
    const json_t *frames = json_object_get(json_object_get(exception, "stacktrace"), "frames");
    assert_int_equal(json_array_size(frames), 3);
    assert_string_equal(at(json_array_get(frames, 2), "function", NULL), "lb-proxy+0x1f");
    assert_string_equal(at(json_array_get(frames, 2), "addr_mode", NULL), "rel:0");
    assert_string_equal(at(bench->last, "release", NULL), "lb@0.1.0"); /* what crashed */
    assert_string_equal(at(bench->last, "tags", "crash_loop"), "yes");
    assert_string_equal(at(bench->last, "tags", "reason"), "SIGSEGV");
    assert_string_equal(at(bench->last, "extra", "lost_requests"), "4");
    assert_string_equal(fingerprint(bench, 0), "proxy_crash");
    assert_string_equal(fingerprint(bench, 2), "lb-proxy+0x1f");
    assert_int_equal(
        json_array_size(json_object_get(json_object_get(bench->last, "debug_meta"), "images")), 1);
    assert_int_equal(take(bench, 'C', CRASH("SIGSEGV")), DESK_GROUPED);
    assert_int_equal(take(bench, 'C', CRASH("SIGBUS")), DESK_PUT);
}

static void test_a_crash_that_says_nothing(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 'C', "{'reason':'exit','text':'what is this'}"), DESK_PUT);
    assert_string_equal(at(bench->last, "extra", "report"), "what is this");
    assert_null(json_object_get(bench->last, "debug_meta"));
    assert_string_equal(at(bench->last, "release", NULL), "lb@7");
    assert_int_equal(take(bench, 'C', "{'reason':'SIGKILL'}"), DESK_PUT);
    assert_int_equal(take(bench, 'C', "{'text':'x'}"), DESK_BROKEN);
}

static void test_broken(void **state)
{
    static const char *const rows[] = {"",     "{",  "[]",       "1",    "'x'",
                                       "null", "{}", "{'a':1}x", "\xff", "{'kind':'\\u0000'}"};
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(take(bench, 'I', rows[i]), DESK_BROKEN);
        assert_int_equal(take(bench, 'B', rows[i]), DESK_BROKEN);
        assert_int_equal(take(bench, 'C', rows[i]), DESK_BROKEN);
    }
    assert_int_equal(take(bench, 'X', INCIDENT), DESK_BROKEN);
    assert_int_equal(bench->count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_incident),     TEST(test_recovery), TEST(test_the_same_once_a_minute),
        TEST(test_not_too_many), TEST(test_crash),    TEST(test_a_crash_that_says_nothing),
        TEST(test_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
