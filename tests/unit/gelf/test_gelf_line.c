/* What a line tells about itself; whatever else it is, it tells nothing, and nobody reads behind its end. */
#include "lb/gelf/gelf_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* In a piece of memory of its own, so that a sanitizer sees each byte behind it. */
static struct gelf_line read_exactly(struct view line, char **kept)
{
    *kept = malloc(line.len > 0 ? line.len : 1);
    if (line.len > 0)
        memcpy(*kept, line.ptr, line.len);
    return gelf_line_read(view_of(*kept, line.len));
}

static void check(struct view line, uint64_t wall_ns, enum gelf_level level, const char *logger)
{
    char *kept;
    struct gelf_line found = read_exactly(line, &kept);
    if (found.wall_ns != wall_ns || found.level != level ||
        !view_eq(found.logger, view_str(logger)))
        fail_msg("%.*s: %llu, %d, \"%.*s\"", (int)line.len, line.ptr,
                 (unsigned long long)found.wall_ns, found.level, (int)found.logger.len,
                 found.logger.ptr);
    free(kept);
}

static void test_told(void **state)
{
    static const struct {
        const char *line;
        uint64_t wall_ns;
        enum gelf_level level;
        const char *logger;
    } cases[] = {
        /* both of lb's */
        {"{\"@timestamp\":\"2026-11-22T02:30:00.123456Z\",\"message\":\"GET / 200\","
         "\"log\":{\"level\":\"info\",\"logger\":\"access\"}}",
         1795314600123456000u, GELF_LEVEL_INFO, "access"},
        {"{\"@timestamp\":\"2026-11-22T02:30:00.5Z\",\"log.level\":\"warn\",\"log.logger\":\"lb\"}",
         1795314600500000000u, GELF_LEVEL_WARNING, "lb"},
        {"{\"log.level\":\"debug\"}", 0, GELF_LEVEL_DEBUG, ""},
        {"{\"log.level\":\"ERROR\"}", 0, GELF_LEVEL_ERROR, ""},
        {"{\"log.level\":\"fatal\"}", 0, GELF_LEVEL_CRITICAL, ""},
        {"{\"log.level\":\"loud\"}", 0, GELF_LEVEL_INFO, ""},
        {"{\"log.level\":7}", 0, GELF_LEVEL_INFO, ""},
        {" { \"a\" : [ { \"log.level\" : \"error\" } , \"]\" ] , \"log.level\" : \"warning\" } ", 0,
         GELF_LEVEL_WARNING, ""},
        {"{\"log\":\"text\",\"log.level\":\"error\"}", 0, GELF_LEVEL_ERROR, ""},
        {"{\"log\":{},\"log.logger\":\"a\\u0041\"}", 0, GELF_LEVEL_INFO, ""},
        {"{\"log\":{\"log\":{\"level\":\"error\"}}}", 0, GELF_LEVEL_INFO, ""},
        {"{\"message\":\"say \\\"log.level\\\":\\\"error\\\" \\\\\",\"n\":-1.5e3,\"t\":true}", 0,
         GELF_LEVEL_INFO, ""},
        {"{}", 0, GELF_LEVEL_INFO, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(view_str(cases[i].line), cases[i].wall_ns, cases[i].level, cases[i].logger);
}

static void test_times(void **state)
{
    static const struct {
        const char *time;
        uint64_t wall_ns;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:01.000000001Z", 1000000001},
        {"2000-02-29T23:59:59.999Z", 951868799999000000},
        {"2100-03-01T00:00:00Z", 4107542400000000000},
        {"2400-02-29T00:00:00Z", 13574563200000000000u},
        {"2026-11-22T02:30:00.1234567891234Z", 1795314600123456789},
        {"2026-11-22T02:30:00", 0},
        {"2026-11-22T02:30:00+01:00", 0},
        {"2026-11-22 02:30:00Z", 0},
        {"2026-13-22T02:30:00Z", 0},
        {"2026-11-00T02:30:00Z", 0},
        {"2026-11-22T24:30:00Z", 0},
        {"2026-11-22T02:30:00.Z", 0},
        {"2026-11-22T02:30:00Zx", 0},
        {"99999-11-22T02:30:00Z", 0},
        {"1969-12-31T23:59:59Z", 0},
        {"9999-12-31T23:59:59Z", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char line[100];
        snprintf(line, sizeof(line), "{\"@timestamp\":\"%s\"}", cases[i].time);
        check(view_str(line), cases[i].wall_ns, GELF_LEVEL_INFO, "");
    }
}

/* The beginning of an object says nothing, nor does one with something behind it. */
static void test_no_object(void **state)
{
    static const char whole[] = "{\"log.level\":\"error\",\"a\":[1,{\"b\":\"\\\"}\"}],\"c\":null}";
    (void)state;
    check(view_str(whole), 0, GELF_LEVEL_ERROR, "");
    for (size_t len = 0; len < sizeof(whole) - 1; len++)
        check(view_of(whole, len), 0, GELF_LEVEL_INFO, "");
    static const char *const cases[] = {
        "{\"log.level\":\"error\"} x",
        "{\"log.level\":\"error\",}",
        "[{\"log.level\":\"error\"}]",
        "\"log.level\":\"error\"",
        "{\"log.level\" \"error\"}",
        "{log.level:\"error\"}",
        "{\"log.level\":\"error\"}{}",
        "{\"log\":{\"level\":\"error\"}",
        "plain error text",
        "{\"log.level\":\"error\",\"a\":}",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check(view_str(cases[i]), 0, GELF_LEVEL_INFO, "");
    check(view_of("{\"log.level\":\"error\"}\0", 22), 0, GELF_LEVEL_INFO, "");
    check(view_of("{\0}", 3), 0, GELF_LEVEL_INFO, "");
}

/* Depth costs nothing. */
static void test_deep(void **state)
{
    static char line[300000];
    (void)state;
    strcpy(line, "{\"a\":");
    memset(line + 5, '[', 100000);
    memset(line + 100005, ']', 100000);
    strcpy(line + 200005, ",\"log.level\":\"error\"}");
    check(view_str(line), 0, GELF_LEVEL_ERROR, "");
    line[200004] = ' ';
    check(view_str(line), 0, GELF_LEVEL_INFO, "");
}

/* Bytes of chance, and lines with a byte changed. */
static void test_noise(void **state)
{
    static const char good[] =
        "{\"@timestamp\":\"2026-11-22T02:30:00.1Z\",\"log\":{\"level\":\"warn\","
        "\"logger\":\"x\"},\"a\":[\"\\\\\",{}]}";
    char line[sizeof(good)], *kept;
    (void)state;
    srand(1);
    for (unsigned i = 0; i < 20000; i++) {
        memcpy(line, good, sizeof(good));
        for (unsigned change = 0; change < 3; change++)
            line[(size_t)rand() % (sizeof(good) - 1)] = "\"\\{}[],: \0\xff"[rand() % 11];
        struct gelf_line found = read_exactly(view_of(line, (size_t)rand() % sizeof(good)), &kept);
        assert_in_range(found.level, 2, 7);
        free(kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told), cmocka_unit_test(test_times), cmocka_unit_test(test_no_object),
        cmocka_unit_test(test_deep), cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
