/* What Accept says of the format. */
#include "lb/admin/metrics_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define OPEN "application/openmetrics-text"

static void test_rows(void **state)
{
    static const struct {
        const char *accept;
        bool is_open;
    } rows[] = {
        {"", false},
        {"*/*", false},
        {"text/plain", false},
        {"application/*", false}, /* whoever means it names it */
        {OPEN, true},
        {OPEN "; version=1.0.0", true},
        {OPEN ";version=1.0.0;charset=utf-8", true},
        {"Application/OpenMetrics-Text;Version=1.0.0", true},
        {OPEN "; version=2.0.0", false},
        {OPEN "; version=0.0.1", false},
        /* Prometheus 2.42, 3.0, 2.0 */
        {OPEN ";version=1.0.0," OPEN
              ";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
         true},
        {OPEN ";version=1.0.0;escaping=allow-utf-8;q=0.6," OPEN
              ";version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
              "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
         true},
        {"application/vnd.google.protobuf;q=0.7,text/plain;version=0.0.4;q=0.3", false},
        /* weights */
        {"text/plain;version=0.0.4," OPEN ";q=0.9", false},
        {"text/plain;q=0.8 , " OPEN " ; q=0.9", true},
        {"text/plain;q=0.9," OPEN ";q=0.9", true},
        {OPEN ";q=0", false},
        {OPEN ";q=0.000", false},
        {OPEN ";q=0.001", true},
        {OPEN ";q=0.1,text/*", false},
        {OPEN ";q=0.1,*/*", false},
        {OPEN ";q=0.5,*/*,text/plain;q=0.1", true}, /* the closest range counts */
        {OPEN ";q=0.5,*/*,text/plain;version=1.0.0;q=0.1", false},
        /* nonsense is no weight */
        {OPEN ";q=", false},
        {OPEN ";q=1.5", false},
        {OPEN ";q=9", false},
        {OPEN ";q=0.12345", false},
        {OPEN ";q=x", false},
        {OPEN ";q=0,5", false},
        {",;=;,,", false},
        {OPEN ",,", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (metrics_format_is_open(view_str(rows[i].accept)) != rows[i].is_open)
            fail_msg("\"%s\"", rows[i].accept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
