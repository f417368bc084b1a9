/* The JSON of events, byte by byte, and that it stays what it is whatever foreign texts are in it. */
#include "lb/sentry/sentry_event.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ID      "0123456789abcdef0123456789abcdef"
#define WHEN_NS UINT64_C(1700000000123456000)
#define BEGINNING                                                                                  \
    "{\"event_id\":\"" ID "\",\"timestamp\":\"2023-11-14T22:13:20.123456Z\",\"platform\":"         \
    "\"native\",\"level\":"
#define SDK "\"sdk\":{\"name\":\"lb.c\",\"version\":\"" LB_VERSION "\"}"

static struct sentry_event event_of(enum sentry_level level)
{
    return (struct sentry_event){.id = ID, .timestamp_ns = WHEN_NS, .level = level};
}

static void expect(const struct sentry_event *event, const char *wanted)
{
    struct text out = TEXT_INIT;
    sentry_event_write(event, &out);
    assert_string_equal(text_str(&out), wanted);
    text_fini(&out);
}

static json_t *parsed(const struct sentry_event *event)
{
    struct text out = TEXT_INIT;
    json_error_t problem;
    sentry_event_write(event, &out);
    assert_in_range(out.len, 2, SENTRY_EVENT_BYTES_MAX);
    json_t *object = json_loadb(out.bytes, out.len, 0, &problem);
    if (!object)
        print_error("%s\n", problem.text);
    assert_non_null(object);
    text_fini(&out);
    return object;
}

static void test_nothing(void **state)
{
    struct sentry_event event = event_of(SENTRY_ERROR);
    (void)state;
    expect(&event, BEGINNING "\"error\"," SDK "}");
}

static void test_incident(void **state)
{
    const struct sentry_pair tags[] = {{VIEW("service"), VIEW("web")}, {VIEW("none"), VIEW("")}};
    const struct sentry_pair extras[] = {{VIEW("url"), VIEW("/a")}};
    const struct view fingerprint[] = {VIEW("panic"), VIEW("web"), VIEW("")};
    const struct sentry_pair data[] = {{VIEW("after"), VIEW("gone")}};
    const struct sentry_breadcrumb crumbs[] = {
        {WHEN_NS, SENTRY_INFO, VIEW("pool"), VIEW("one is gone"), data, 1},
        {WHEN_NS, SENTRY_WARNING, VIEW("pool"), VIEW("two"), NULL, 0}};
    struct sentry_event event = event_of(SENTRY_WARNING);
    (void)state;
    event.logger = VIEW("lb");
    event.message = VIEW("a \"sentence\"");
    event.server_name = VIEW("host");
    event.release = VIEW("lb@1");
    event.environment = VIEW("test");
    event.trace_id = VIEW("4bf92f3577b34da6a3ce929d0e0e4736");
    event.tags = tags;
    event.tag_count = 2;
    event.extras = extras;
    event.extra_count = 1;
    event.fingerprint = fingerprint;
    event.fingerprint_count = 3;
    event.breadcrumbs = crumbs;
    event.breadcrumb_count = 2;
    expect(&event, BEGINNING
           "\"warning\",\"logger\":\"lb\",\"server_name\":\"host\",\"release\":\"lb@1\","
           "\"environment\":\"test\"," SDK ",\"message\":{\"formatted\":\"a \\\"sentence\\\"\"},"
           "\"fingerprint\":[\"panic\",\"web\",\"\"],\"tags\":{\"service\":\"web\"},"
           "\"contexts\":{\"trace\":{\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
           "\"span_id\":\"0123456789abcdef\"}},\"extra\":{\"url\":\"/a\"},"
           "\"breadcrumbs\":{\"values\":[{\"timestamp\":\"2023-11-14T22:13:20.123456Z\","
           "\"level\":\"info\",\"category\":\"pool\",\"message\":\"one is "
           "gone\",\"data\":{\"after\":\"gone\"}},"
           "{\"timestamp\":\"2023-11-14T22:13:20.123456Z\",\"level\":\"warning\",\"category\":"
           "\"pool\","
           "\"message\":\"two\"}]}}");
}

static void test_exception(void **state)
{
    const struct sentry_frame frames[] = {{.function = VIEW("main"),
                                           .file = VIEW("main.c"),
                                           .line = 7,
                                           .is_in_app = true,
                                           .instruction_address = 0x1f,
                                           .image_number = 1,
                                           .package = VIEW("appserver")},
                                          {.function = VIEW("raise"),
                                           .package = VIEW("libc.so.6"),
                                           .instruction_address = 0x7fff0010,
                                           .image_address = 0x7fff0000}};
    const struct sentry_image images[] = {
        {.file = VIEW("appserver"),
         .build_id = VIEW("00112233445566778899aabbccddeeff01234567"),
         .address = 0x400000,
         .size_bytes = 4096},
        {.file = VIEW("other"), .build_id = VIEW("0011")}};
    struct sentry_event event = event_of(SENTRY_FATAL);
    (void)state;
    event.exception = (struct sentry_exception){.type = VIEW("ZeroDivision"),
                                                .value = VIEW("by zero"),
                                                .mechanism = VIEW("generic"),
                                                .is_handled = true,
                                                .frames = frames,
                                                .frame_count = 2};
    event.images = images;
    event.image_count = 2;
    expect(
        &event, BEGINNING
        "\"fatal\"," SDK
        ",\"exception\":{\"values\":[{\"type\":\"ZeroDivision\",\"value\":\"by zero\","
        "\"mechanism\":{\"type\":\"generic\",\"handled\":true},\"stacktrace\":{\"frames\":["
        "{\"function\":\"main\",\"filename\":\"main.c\",\"lineno\":7,\"package\":\"appserver\","
        "\"instruction_addr\":\"0x1f\",\"addr_mode\":\"rel:0\",\"in_app\":true},"
        "{\"function\":\"raise\",\"package\":\"libc.so.6\",\"instruction_addr\":\"0x7fff0010\","
        "\"image_addr\":\"0x7fff0000\",\"in_app\":false}]}}]},"
        "\"debug_meta\":{\"images\":[{\"type\":\"elf\",\"code_file\":\"appserver\","
        "\"code_id\":\"00112233445566778899aabbccddeeff01234567\","
        "\"debug_id\":\"33221100-5544-7766-8899-aabbccddeeff\",\"image_addr\":\"0x400000\","
        "\"image_size\":4096},{\"type\":\"elf\",\"code_file\":\"other\",\"code_id\":\"0011\"}]}}");
}

static void test_ids(void **state)
{
    struct sentry_event one, two;
    (void)state;
    sentry_event_init(&one);
    sentry_event_init(&two);
    assert_int_equal(strlen(one.id), 32);
    assert_int_equal(strspn(one.id, "0123456789abcdef"), 32);
    assert_string_not_equal(one.id, two.id);
    assert_int_equal(one.id[12], '4');
    assert_non_null(strchr("89ab", one.id[16]));
    assert_int_equal(one.level, SENTRY_ERROR);
    assert_true(one.timestamp_ns > WHEN_NS);
}

#define LONG_BYTES 100000u
#define MANY       400u

/* The worst that can be asked for: more of everything than fits, of bytes that become six each. */
static void test_bounds(void **state)
{
    static char bytes[LONG_BYTES];
    struct view text = view_of(bytes, LONG_BYTES);
    static struct sentry_pair pairs[MANY];
    static struct sentry_frame frames[MANY];
    static struct sentry_image images[MANY];
    static struct sentry_breadcrumb crumbs[MANY];
    static struct view fingerprint[MANY];
    struct sentry_event event = event_of(SENTRY_ERROR);
    char names[MANY][8];
    (void)state;
    memset(bytes, 0x1f, LONG_BYTES);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof(names[i]), "n%u", i);
        pairs[i] = (struct sentry_pair){view_str(names[i]), text};
        frames[i] = (struct sentry_frame){.function = text, .file = text, .package = text};
        images[i] = (struct sentry_image){.file = text, .build_id = text};
        crumbs[i] = (struct sentry_breadcrumb){i, SENTRY_INFO, text, text, pairs, MANY};
        fingerprint[i] = text;
    }
    event.logger = event.message = event.server_name = event.release = event.environment = text;
    event.trace_id = event.span_id = text;
    event.exception = (struct sentry_exception){text, text, text, false, frames, MANY};
    event.images = images;
    event.tags = event.extras = pairs;
    event.fingerprint = fingerprint;
    event.breadcrumbs = crumbs;
    event.image_count = event.tag_count = event.extra_count = event.fingerprint_count = MANY;
    event.breadcrumb_count = MANY;
    json_t *object = parsed(&event);
    assert_int_equal(json_object_size(json_object_get(object, "tags")), SENTRY_TAGS_MAX);
    assert_int_equal(json_array_size(json_object_get(object, "fingerprint")),
                     SENTRY_FINGERPRINT_MAX);
    assert_in_range(
        json_string_length(json_object_get(json_object_get(object, "message"), "formatted")), 1,
        8192);
    json_decref(object);
}

/* Of more breadcrumbs than are sent the last ones are. */
static void test_the_last_breadcrumbs(void **state)
{
    static struct sentry_breadcrumb crumbs[SENTRY_BREADCRUMBS_MAX + 1];
    struct sentry_event event = event_of(SENTRY_ERROR);
    (void)state;
    for (unsigned i = 0; i < SENTRY_BREADCRUMBS_MAX + 1; i++)
        crumbs[i] = (struct sentry_breadcrumb){.message = i == 0 ? VIEW("first") : VIEW("other")};
    event.breadcrumbs = crumbs;
    event.breadcrumb_count = SENTRY_BREADCRUMBS_MAX + 1;
    json_t *object = parsed(&event);
    json_t *values = json_object_get(json_object_get(object, "breadcrumbs"), "values");
    assert_int_equal(json_array_size(values), SENTRY_BREADCRUMBS_MAX);
    assert_string_equal(json_string_value(json_object_get(json_array_get(values, 0), "message")),
                        "other");
    json_decref(object);
}

static void test_no_utf8(void **state)
{
    struct sentry_event event = event_of(SENTRY_ERROR);
    const struct sentry_pair tags[] = {{VIEW("a\xff"), VIEW("\xc3")}};
    (void)state;
    event.message = VIEW("x\xed\xa0\x80y\0z");
    event.tags = tags;
    event.tag_count = 1;
    json_t *object = parsed(&event);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(object, "message"), "formatted")),
        "x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdy");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(object, "tags"), "a\xef\xbf\xbd")),
        "\xef\xbf\xbd");
    json_decref(object);
}

static void test_words(void **state)
{
    (void)state;
    assert_string_equal(sentry_event_level_word(SENTRY_DEBUG), "debug");
    assert_string_equal(sentry_event_level_word(SENTRY_FATAL), "fatal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),   cmocka_unit_test(test_incident),
        cmocka_unit_test(test_exception), cmocka_unit_test(test_ids),
        cmocka_unit_test(test_bounds),    cmocka_unit_test(test_the_last_breadcrumbs),
        cmocka_unit_test(test_no_utf8),   cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
