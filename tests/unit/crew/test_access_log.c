/* The access log of all workers: what makes sense, what each record becomes, and what is said of
 * lines that nobody took. The workers are without threads. */
#include "lb/crew/access_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "tests/unit/support/said.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static uv_loop_t loop;
static struct access_log access_log;
static struct worker first, second;
static struct worker *workers[] = {&first, &second};
static struct config config;
static char folder[] = "/tmp/test_access_log_XXXXXX";
static char path[80], format[80];

static int open_log(void **state)
{
    (void)state;
    uv_loop_init(&loop);
    access_log_init(&access_log, &loop);
    strcpy(format, "%{method} %{status}");
    config = (struct config){.access_log = path, .access_log_format = format};
    first.env = second.env = (struct env){0};
    snprintf(path, sizeof(path), "%s/log", folder);
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    access_log_close(&access_log);
    access_log_close(&access_log);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    unlink(path);
    return 0;
}

static void end_request(struct worker *worker, unsigned status)
{
    struct record record = {.method = VIEW("GET"), .status = status};
    worker->env.on_record(worker->env.record_owner, &record);
}

static const char *written(void)
{
    static char bytes[1000];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bytes[fread(bytes, 1, sizeof(bytes) - 1, file)] = '\0';
    fclose(file);
    return bytes;
}

static void test_formats_that_make_sense(void **state)
{
    static const struct {
        const char *format;
        bool is_good;
    } rows[] = {
        {"json", true},   {"combined", true},    {"%{status}", true}, {"", false},
        {"plain", false}, {"%{nothing}", false}, {"%{status", false}, {"a\033%{x}", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text problem = TEXT_INIT;
        strcpy(format, rows[i].format);
        if (access_log_check(&config, &problem) != rows[i].is_good)
            fail_msg("%s: %s", rows[i].format, text_str(&problem));
        assert_int_equal(problem.len == 0, rows[i].is_good);
        if (!rows[i].is_good)
            assert_memory_equal(text_str(&problem), "--access-log-format: \"", 22);
        text_fini(&problem);
    }
    config.access_log_format = NULL; /* the action needs no settings */
    assert_true(access_log_check(&config, &(struct text){0}));
}

static void test_records_of_all_workers_become_lines(void **state)
{
    (void)state;
    assert_true(access_log_open(&access_log, &config, workers, 2));
    end_request(&first, 200);
    end_request(&first, 404);
    end_request(&second, 503);
    access_log_fini(&access_log);
    assert_int_equal(access_log_dropped_count(&access_log), 0);
    const char *lines = written();
    assert_int_equal(strlen(lines), 3 * strlen("GET 200\n"));
    assert_true(strstr(lines, "GET 200\nGET 404\n") && strstr(lines, "GET 503\n"));
}

static void test_off_is_nothing_at_all(void **state)
{
    static char off[] = "off";
    (void)state;
    config.access_log = off;
    assert_true(access_log_open(&access_log, &config, workers, 2));
    assert_null(first.env.on_record);
    assert_int_equal(access_log_dropped_count(&access_log), 0);
    access_log_reopen(&access_log);
    access_log_fini(&access_log);
}

static void test_a_place_that_cannot_be_opened_is_said(void **state)
{
    static char nowhere[] = "/nowhere/at/all";
    (void)state;
    config.access_log = nowhere;
    said_begin();
    assert_false(access_log_open(&access_log, &config, workers, 2));
    said_end();
    assert_said(
        "access log: cannot open /nowhere/at/all: No such file or directory; choose another "
        "place with --access-log, or off");
    access_log_reopen(&access_log);
    access_log_fini(&access_log);
}

/* Nobody takes what is in the rings: once a minute it is said how many lines were dropped. */
static void test_drops_are_said_once_a_minute(void **state)
{
    static char full[] = "/dev/full";
    unsigned put = 0;
    (void)state;
    config.access_log = full;
    said_begin();
    assert_true(access_log_open(&access_log, &config, workers, 2));
    for (; access_log_dropped_count(&access_log) < 5; put++)
        end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    end_request(&second, 200);
    end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    said_end();
    assert_true(put > 1000);
    assert_int_equal(access_log_dropped_count(&access_log), 6);
    assert_said("access log: 5 lines were dropped");
    assert_null(strstr(said.bytes, " 6 lines"));
    said_begin();
    access_log.minute.timer_cb(&access_log.minute);
    said_end();
    assert_said("access log: 1 lines were dropped");
    said_begin();
    for (unsigned i = 0; i < 2; i++)
        end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    for (unsigned i = 0; i < 4; i++)
        end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    access_log_fini(&access_log); /* the end says the rest */
    said_end();
    assert_said("access log: 2 lines were dropped");
    assert_said("access log: 4 lines were dropped");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_log, close_log)
    const struct CMUnitTest tests[] = {
        TEST(test_formats_that_make_sense),      TEST(test_records_of_all_workers_become_lines),
        TEST(test_off_is_nothing_at_all),        TEST(test_a_place_that_cannot_be_opened_is_said),
        TEST(test_drops_are_said_once_a_minute),
    };
    if (!mkdtemp(folder))
        return 1;
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
