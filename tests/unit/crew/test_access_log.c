/* The access log of all workers: what makes sense, what each record becomes, and what is said of
 * lines that nobody took. The workers are without threads. */
#include "lb/crew/access_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "lb/contract/report.h"
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
    assert_true(access_log_open(&access_log, &config, -1, workers, 2));
    end_request(&first, 200);
    end_request(&first, 404);
    end_request(&second, 503);
    access_log_fini(&access_log);
    assert_int_equal(access_log_dropped_count(&access_log, ACCESS_OUTLET_FILE), 0);
    const char *lines = written();
    assert_int_equal(strlen(lines), 3 * strlen("GET 200\n"));
    assert_true(strstr(lines, "GET 200\nGET 404\n") && strstr(lines, "GET 503\n"));
}

static void test_off_is_nothing_at_all(void **state)
{
    static char off[] = "off";
    (void)state;
    config.access_log = off;
    assert_true(access_log_open(&access_log, &config, -1, workers, 2));
    assert_null(first.env.on_record);
    assert_int_equal(access_log_dropped_count(&access_log, ACCESS_OUTLET_FILE), 0);
    access_log_reopen(&access_log);
    access_log_fini(&access_log);
}

static void test_a_place_that_cannot_be_opened_is_said(void **state)
{
    static char nowhere[] = "/nowhere/at/all";
    (void)state;
    config.access_log = nowhere;
    said_begin();
    assert_false(access_log_open(&access_log, &config, -1, workers, 2));
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
    assert_true(access_log_open(&access_log, &config, -1, workers, 2));
    for (; access_log_dropped_count(&access_log, ACCESS_OUTLET_FILE) < 5; put++)
        end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    end_request(&second, 200);
    end_request(&first, 200);
    uv_run(&loop, UV_RUN_NOWAIT);
    said_end();
    assert_true(put > 1000);
    assert_int_equal(access_log_dropped_count(&access_log, ACCESS_OUTLET_FILE), 6);
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

/* ---- to lb-report ---------------------------------------------------------------------------- */

static int ends[2];

static void open_socket(void)
{
    static char gelf[] = "udp://127.0.0.1";
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    config.report.gelf = gelf;
}

static void close_socket(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* The next message, waited for. */
static const char *receive(void)
{
    static char message[REPORT_MESSAGE_MAX + 1];
    ssize_t count = recv(ends[1], message, REPORT_MESSAGE_MAX, 0);
    assert_true(count > 0);
    message[count] = '\0';
    return message;
}

static void check_json(const char *message, unsigned status)
{
    char want[40];
    snprintf(want, sizeof(want), "\"status_code\":%u", status);
    assert_memory_equal(message, "A{\"@timestamp\":", 15);
    assert_non_null(strstr(message, want));
    assert_int_equal(message[strlen(message) - 1], '\n');
}

static void test_lines_go_to_lb_report_as_json_too(void **state)
{
    (void)state;
    open_socket();
    assert_true(access_log_open(&access_log, &config, ends[0], workers, 2));
    end_request(&first, 204);
    check_json(receive(), 204);
    access_log_fini(&access_log);
    assert_string_equal(written(), "GET 204\n");
    close_socket();
}

static void test_lines_of_one_form_are_the_same(void **state)
{
    (void)state;
    open_socket();
    strcpy(format, "json");
    assert_true(access_log_open(&access_log, &config, ends[0], workers, 2));
    end_request(&second, 204);
    const char *message = receive();
    access_log_fini(&access_log);
    assert_string_equal(written(), message + 1);
    close_socket();
}

static void test_lines_go_there_alone(void **state)
{
    static char off[] = "off";
    (void)state;
    open_socket();
    config.access_log = off;
    assert_true(access_log_open(&access_log, &config, ends[0], workers, 2));
    end_request(&first, 418);
    check_json(receive(), 418);
    access_log_reopen(&access_log);
    access_log_fini(&access_log);
    close_socket();
}

/* The file has all lines, at once, and the end waits for nobody. */
static void test_one_that_reads_nothing_is_waited_for_by_nobody(void **state)
{
    static char null[] = "/dev/null";
    (void)state;
    open_socket();
    config.access_log = null;
    said_begin();
    assert_true(access_log_open(&access_log, &config, ends[0], workers, 2));
    while (access_log_dropped_count(&access_log, ACCESS_OUTLET_REPORT) < 3) {
        end_request(&first, 200);
        if (log_ring_is_filling(&access_log.outlets[ACCESS_OUTLET_FILE].rings[0]))
            uv_sleep(1);
    }
    assert_int_equal(access_log_dropped_count(&access_log, ACCESS_OUTLET_FILE), 0);
    uint64_t before_ns = uv_hrtime();
    access_log_fini(&access_log);
    assert_true(uv_hrtime() - before_ns < 900 * UINT64_C(1000000));
    said_end();
    assert_said("access log: 3 lines did not go to lb-report");
    assert_null(strstr(said.bytes, "dropped"));
    close_socket();
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_log, close_log)
    const struct CMUnitTest tests[] = {
        TEST(test_formats_that_make_sense),
        TEST(test_records_of_all_workers_become_lines),
        TEST(test_off_is_nothing_at_all),
        TEST(test_a_place_that_cannot_be_opened_is_said),
        TEST(test_drops_are_said_once_a_minute),
        TEST(test_lines_go_to_lb_report_as_json_too),
        TEST(test_lines_of_one_form_are_the_same),
        TEST(test_lines_go_there_alone),
        TEST(test_one_that_reads_nothing_is_waited_for_by_nobody),
    };
    if (!mkdtemp(folder))
        return 1;
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
