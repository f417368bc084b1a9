/* The short form of the access log, to the letter, with colours and without; and that no byte of
 * a stranger's is obeyed by a terminal. */
#include "lb/observe/access_short.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lb/base/colour.h"
#include "tests/unit/observe/access_case.h"

#define ARROW " \xE2\x86\x92 "

/* The line without its "\n". */
static const char *write_line(const struct record *record, bool is_coloured)
{
    static char out[ACCESS_LINE_BYTES];
    struct access_format format = {.form = ACCESS_FORM_SHORT, .is_coloured = is_coloured};
    struct access_line access = {.format = &format};
    size_t len = access_line_write(&access, record, out);
    assert_int_equal(out[len - 1], '\n');
    out[len - 1] = '\0';
    return out;
}

static void test_requests(void **state)
{
    struct record record = access_case();
    (void)state;
    assert_string_equal(write_line(&record, false),
                        "02:30:00.123 200  5.0 ms GET  example.com:8000/a/b?c=d&e=f" ARROW
                        "appserver/appserver1 203.0.113.7 again after refused,upstream_reset");
    record.attempt_count = 1;
    record.retried_after = 0;
    record.total_ns = UINT64_C(1234567890);
    record.method = VIEW("DELETE");
    assert_string_equal(write_line(&record, false),
                        "02:30:00.123 200   1.2 s DELETE example.com:8000/a/b?c=d&e=f" ARROW
                        "appserver/appserver1 203.0.113.7");
    record.total_ns = 456789000;
    record.end = ERR_REFUSED;
    record.status = 502;
    record.endpoint_name = VIEW("");
    assert_string_equal(write_line(&record, false),
                        "02:30:00.123 502  456 ms DELETE example.com:8000/a/b?c=d&e=f" ARROW
                        "appserver/- 203.0.113.7 refused");
}

static void test_what_was_no_request(void **state)
{
    struct record record = {.end = ERR_HEAD_TIMEOUT,
                            .start_wall_ns = UINT64_C(1795314600123456789),
                            .client_ip = VIEW("::1")};
    (void)state;
    assert_string_equal(write_line(&record, false),
                        "02:30:00.123 408  0.0 ms -    - ::1 head_timeout");
    record = access_case_connection();
    assert_string_equal(write_line(&record, false),
                        "02:30:00.123 tcp  61.0 s 0.0.0.0:443/a.test" ARROW
                        "db/db1 203.0.113.7 again after refused");
    record = access_case_flow();
    assert_non_null(strstr(write_line(&record, false), "02:30:00.123 udp  30.0 s [::]:53" ARROW));
}

static void test_colours(void **state)
{
    static const struct {
        unsigned status;
        const char *colour;
    } rows[] = {{101, COLOUR_CYAN},   {200, COLOUR_GREEN}, {304, COLOUR_CYAN},
                {404, COLOUR_YELLOW}, {500, COLOUR_RED},   {999, COLOUR_RED}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct record record = access_case();
        char wanted[40];
        record.status = rows[i].status;
        snprintf(wanted, sizeof(wanted), " %s%u" COLOUR_NONE " ", rows[i].colour, rows[i].status);
        assert_non_null(strstr(write_line(&record, true), wanted));
        assert_null(strchr(write_line(&record, false), '\033'));
    }
}

static void test_strangers_bytes(void **state)
{
    struct view hostile = VIEW("\033[2J\033]0;x\a\r\n\xC2\x9B"
                               "31m\xE2\x80\xAEgnp\x7F\xFF");
    struct record record = access_case();
    (void)state;
    record.method = record.target = record.host = record.service = record.endpoint_name =
        record.client_ip = hostile;
    const char *line = write_line(&record, false);
    for (const char *c = line; *c; c++)
        if (strncmp(c, "\xE2\x86\x92", 3) == 0)
            c += 2;
        else if (*c < ' ' || *c > '~')
            fail_msg("%s", line);
    assert_non_null(strstr(line, "\\x1b[2J\\x1b]0;x\\x07\\x0d\\x0a\\xc2\\x9b31m"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_what_was_no_request),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_strangers_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
