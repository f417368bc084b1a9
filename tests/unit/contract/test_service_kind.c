/* How a service is served: the words for it. */
#include "lb/contract/service_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_words_of_kinds(void **state)
{
    static const char *const words[] = {"http", "tcp", "udp"};
    (void)state;
    for (unsigned kind = 0; kind < SERVICE_KIND_COUNT; kind++) {
        assert_string_equal(service_kind_word((enum service_kind)kind), words[kind]);
        assert_int_equal(service_kind_parse(view_str(words[kind])), kind);
    }
    assert_int_equal(service_kind_parse(VIEW("sctp")), SERVICE_KIND_COUNT);
    assert_int_equal(service_kind_parse(view_of(NULL, 0)), SERVICE_KIND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words_of_kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
