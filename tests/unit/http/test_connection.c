/* Connection: persistence, and what is dropped. */
#include "lb/http/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/http/filled_head.h"

static void test_connection(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool is_keep_alive;
        const char *dropped; /* one letter a field: '-' is dropped */
    } cases[] = {
        {"a:1\n", 1, true, "+"},
        {"a:1\n", 0, false, "+"},
        {"connection:close\n", 1, false, "-"},
        {"connection:KEEP-alive\n", 0, true, "-"},
        {"connection:keep-alive, close\n", 0, false, "-"},
        {"connection:keep-alive\nconnection:x,close\n", 1, false, "--"},
        {"connection:closed, close-not\n", 1, true, "-"},
        {"connection: , ,, a ,\t,\na:1\nb:2\nA:3\n", 1, true, "--+-"},
        {"a:1\nconnection:a\n", 1, true, "--"},
        {"a-b:1\nconnection:a\n", 1, true, "+-"},
        {"connection:\na:1\n", 1, true, "-+"},
        {"connection:content-length,x-forwarded-for,via,x-real-ip,x-request-id,expect\n"
         "content-length:1\nx-forwarded-for:b\nvia:c\nx-real-ip:d\nx-request-id:e\n"
         "x-forwarded-proto:f\nx-forwarded-host:g\n",
         1, true, "-+++++++"},
    };
    bool wants_upgrade;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[512];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(connection_read(&head, &wants_upgrade), ERR_OK);
        assert_int_equal(head.is_keep_alive, cases[i].is_keep_alive);
        for (unsigned j = 1; j < head.field_count; j++)
            if (head.fields[j].is_dropped != (cases[i].dropped[j - 1] == '-'))
                fail_msg("%s field %u", cases[i].fields, j);
    }
    fill("host:a\nconnection:host\n", 1);
    assert_int_equal(connection_read(&head, &wants_upgrade), ERR_OK);
    assert_false(head.fields[0].is_dropped);
}

/* Each option that names a field costs a look at all fields. */
static void test_many_connection_options(void **state)
{
    static const struct {
        const char *option;
        unsigned count;
        enum err want;
    } cases[] = {
        {"a,", CONNECTION_OPTION_MAX, ERR_OK},
        {"a,", CONNECTION_OPTION_MAX + 1, ERR_OPTIONS},
        {"te,", CONNECTION_OPTION_MAX + 1, ERR_OPTIONS},
        {"a\nconnection:", CONNECTION_OPTION_MAX + 1, ERR_OPTIONS}, /* in fields of their own */
        {",", 4000, ERR_OK},
        {"close,", 900, ERR_OK},
    };
    bool wants_upgrade;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static char fields[8192];
        char *end = stpcpy(fields, "host:a\nconnection:");
        for (unsigned j = 0; j < cases[i].count; j++)
            end = stpcpy(end, cases[i].option);
        strcpy(end, "\n");
        fill(fields, 1);
        assert_int_equal(connection_read(&head, &wants_upgrade), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_many_connection_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
