/* When a request has been here before. */
#include "lb/http/via.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "head_fixture.h"

static void test_via_has_loop(void **state)
{
    static const struct {
        const char *lines;
        bool has;
    } cases[] = {
        {"", false},
        {"Via: 1.1 lb\r\n", false},
        {"Via: 1.1 lb, 1.1 lb (00000002), 1.1 lb (00000003)\r\n", false},
        {"Via: 1.1 lb, 1.1 lb\r\n", true},
        {"Via: 1.1 lb\r\nA: b\r\nvia:1.0\tx,\t1.0   LB\r\n", true},
        {"Via: 1.1 lb, 1.1 lb (00000001)\r\n", true},
        {"Via: 1.1 lb (0000000a), 1.1 lb (00000001), 1.1 x\r\n", true},
        {"Via: ,, 1.1, 1.1 , lb, lb\r\n", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char request[256];
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", cases[i].lines);
        if (via_has_loop(parse(PARSER_REQUEST, view_str(request)), 1) != cases[i].has)
            fail_msg("%s", cases[i].lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_via_has_loop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
