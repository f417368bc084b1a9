#include "lb/contract/certificate_wish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void check_name(const char *text, const char *name, const char *told)
{
    char room[CERTIFICATE_WISH_NAME_BYTES_MAX];
    struct view got = {"", 0};
    struct text problem = TEXT_INIT;
    bool is_good = certificate_wish_read_name(view_str(text), room, &got, &problem);
    if (is_good != (name != NULL))
        fail_msg("%s: %s", text, text_str(&problem));
    if (name)
        assert_true(view_eq(got, view_str(name)));
    else if (!strstr(text_str(&problem), told))
        fail_msg("%s: %s", text, text_str(&problem));
    text_fini(&problem);
}

static void names_are_those_of_certificates(void **state)
{
    (void)state;
    check_name("a.test", "a.test", NULL);
    check_name("A.Test.", "a.test", NULL);
    check_name("xn--mnchen-3ya.test", "xn--mnchen-3ya.test", NULL);
    check_name("localhost", "localhost", NULL);
    check_name("*.a.test", NULL, "challenge by DNS");
    check_name("www.*", NULL, "challenge by DNS");
    check_name("*", NULL, "challenge by DNS");
    check_name("10.0.0.1", NULL, "is an address");
    check_name("[fd00::1]", NULL, "is an address");
    check_name("a_b.test", NULL, "has a _");
    check_name("-a.test", NULL, "begins or ends with -");
    check_name("a-.test", NULL, "begins or ends with -");
    check_name("", NULL, "empty");
    check_name("a..test", NULL, "empty label");
    check_name("../../etc", NULL, "slash");
    check_name("..", NULL, "begins with a dot");
    check_name("a test", NULL, "blank");
}

static void lengths_are_those_of_dns(void **state)
{
    (void)state;
    char label[66] = "", name[300] = "";
    memset(label, 'a', 63);
    check_name(label, label, NULL);
    memset(label, 'a', 64);
    check_name(label, NULL, "more than 63");
    for (unsigned i = 0; i < 253; i++)
        name[i] = i % 2 ? '.' : 'a';
    check_name(name, name, NULL);
    name[253] = 'a';
    check_name(name, NULL, "longer than 253");
}

static void mail_has_one_at(void **state)
{
    static const char *const good[] = {"a@b", "admin@example.com", "a.b+c@x.test"};
    static const char *const bad[] = {
        "", "@", "a@", "@b", "a", "a@b@c", "a b@c", "a@b\n", "a\"@b", "a@b,c", "\xc3\xa4@b.test"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]) + sizeof(bad) / sizeof(bad[0]); i++) {
        bool is_good = i < sizeof(good) / sizeof(good[0]);
        const char *text = is_good ? good[i] : bad[i - sizeof(good) / sizeof(good[0])];
        struct text problem = TEXT_INIT;
        assert_int_equal(certificate_wish_check_email(view_str(text), &problem), is_good);
        assert_int_equal(problem.len == 0, is_good);
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_certificates),
        cmocka_unit_test(lengths_are_those_of_dns),
        cmocka_unit_test(mail_has_one_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
