/* Who a client says it is: names and passwords out of Authorization, and what is none. */
#include "lb/http/credentials.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_names_and_passwords(void **state)
{
    static const struct {
        const char *value, *user, *password;
    } rows[] = {
        {"Basic Ym9iOnNlY3JldA==", "bob", "secret"},
        {"basic   Ym9iOnNlY3JldA== ", "bob", "secret"},
        {"Basic Ym9iOnNlY3JldA", "bob", "secret"},
        {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame"}, /* RFC 7617 § 2 */
        {"Basic dGVzdDoxMjPCow==", "test", "123\xC2\xA3"},                /* RFC 7617 § 2.1 */
        {"Basic Og==", "", ""},
        {"Basic YTpiOmM=", "a", "b:c"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char room[CREDENTIALS_BYTES_MAX];
        struct credentials who;
        assert_true(credentials_parse(view_str(rows[i].value), room, &who));
        assert_true(view_eq(who.user, view_str(rows[i].user)));
        assert_true(view_eq(who.password, view_str(rows[i].password)));
    }
}

static void test_what_is_none(void **state)
{
    static const char *const values[] = {
        "",
        "Basic",
        "Basic ",
        "Bearer Ym9iOnNlY3JldA==",
        "BasicYm9iOnNlY3JldA==",
        "Basic Ym9i",         /* no colon */
        "Basic Ym9iOnNl=3Jl", /* padding inside */
        "Basic Ym9iOnNlY3JldA===",
        "Basic Ym9iOnNlY3JldB==", /* bits behind the end */
        "Basic Ym9iO",
        "Basic Ym9i Onhh",
        "Basic Ym9iOg-_",
        "Basic Ym8KOmE=", /* a line feed in the name */
        "Basic YgA6YQ==", /* a zero */
    };
    char room[CREDENTIALS_BYTES_MAX], value[2000];
    struct credentials who;
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        assert_false(credentials_parse(view_str(values[i]), room, &who));
    memset(value, 'O', sizeof(value));
    memcpy(value, "Basic ", 6);
    for (size_t len = 6; len < sizeof(value); len++) /* the sanitizer looks at the room */
        credentials_parse(view_of(value, len), room, &who);
    assert_false(credentials_parse(view_of(value, 1996), room, &who));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_passwords),
        cmocka_unit_test(test_what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
