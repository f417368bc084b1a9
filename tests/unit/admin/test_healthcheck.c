/* lb --healthcheck: what is asked, what counts as healthy, and what is said of the rest. */
#include "lb/admin/healthcheck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "tests/unit/support/answerer.h"
#include "tests/unit/support/said.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_answers(void **state)
{
    static const struct {
        const char *answer;
        bool is_off;
        int status;
        const char *says; /* "": nothing */
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", false, 0, ""},
        {"HTTP/1.1 503 No\r\nContent-Length: 7\r\n\r\nblind.\n", false, 1,
         "lb: /healthz says 503: blind.\n"},
        {"HTTP/1.1 204 No\r\n\r\n", false, 1, "lb: /healthz says 204: "},
        {"", false, 1, "does not answer"},
        {"", true, 1, "lb: no lb runs here\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct answerer answerer;
        answerer_open(&answerer, rows[i].answer);
        struct config config = {
            .admin = answerer.address, .admin_enabled = !rows[i].is_off, .admin_is_named = true};
        answerer.asked[0] = '\0';
        said_begin();
        int status = healthcheck_run(&config);
        said_end();
        answerer_close(&answerer);
        assert_int_equal(status, rows[i].status);
        assert_said(rows[i].says);
        assert_int_equal(said.bytes[0] != '\0', status);
        if (!rows[i].is_off)
            assert_memory_equal(answerer.asked, "GET /healthz?discovery=1 HTTP/1.1\r\n", 35);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
