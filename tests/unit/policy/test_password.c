/* Passwords by hashes that Apache's htpasswd and openssl made. */
#include "lb/policy/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char secrets[] =
    "bcrypt:$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6\n"
    "sha256:$5$Z5tWpEM9FHOwoQFg$U5nnYGClUHZXgwzi4M7rRR2U5UiWHWVLTwvRPWi9PvC\n"
    "sha512:$6$.IVWsdu5C1mhYkp2$Ouej76PiRL99tAXhmGiB5ryJJY0bvaZeUG5Tu42/CBAogfvTHK13Erq/"
    "T9mOOHeNi.Sz4ILwcQOSvq0i/rAeV1\n"
    "md5:$1$keHLCHIo$LGi9zNMGBg/FMPYYmZHEY1\n"
    "apr1:$apr1$wy8irF3A$kBnzWQQqs1ljaANMpA4wU0\n"
    "openssl:$apr1$abcd$wdPjgnTArUvGHPa0JgcKo.\n"
    "sha1:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";

static struct arena arena;

static int drop_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static struct htpasswd list_of(const char *text)
{
    struct htpasswd list;
    struct text problems = TEXT_INIT;
    htpasswd_parse(&list, view_str(text), '\n', &arena, &problems);
    text_fini(&problems);
    return list;
}

static bool is_right(const struct htpasswd *list, const char *name, struct view password)
{
    return password_is_right(htpasswd_find(list, view_str(name)), password);
}

static void test_each_form_knows_its_password(void **state)
{
    static const char *const names[] = {"bcrypt", "sha256",  "sha512", "md5",
                                        "apr1",   "openssl", "sha1"};
    static const struct view wrong[] = {VIEW(""),        VIEW("Secret"),   VIEW("secre"),
                                        VIEW("secrets"), VIEW("secret\0"), VIEW("secret\0x")};
    struct htpasswd list = list_of(secrets);
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(is_right(&list, names[i], VIEW("secret")));
        for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++)
            assert_false(is_right(&list, names[i], wrong[j]));
    }
}

/* Made by openssl passwd -apr1. */
static void test_passwords_of_all_lengths(void **state)
{
    static const struct {
        const char *hash, *password;
    } rows[] = {
        {"$apr1$a$lsAcX0kKaMIVmrCtUuk5b0", ""},
        {"$apr1$ab$MW8Wizufu9hz465GKNNrn.", "a"},
        {"$apr1$salt$CorefvoQQvj/HiS82HSNk/", "0123456789abcde"},
        {"$apr1$12345678$vc38ZupyU1KkWqFuFfTA/.", "0123456789abcdef"},
        {"$apr1$./ABCxyz$RyTKbF9N86XINq34w5KlC0", "0123456789abcdef0"},
        {"$apr1$8.8.8.8$55KWUx4x.Pwuc1OKoDXwe1", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {"$apr1$umlaut$1aHDuRVqHZy.ENQUt73QA/", "p\xC3\xA4ssw\xC3\xB6rd \xE2\x82\xAC"},
        {"$apr1$zzzz$4ZlR8OGXABKpqk6MKrTL30", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
                                              "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text text = TEXT_INIT;
        text_appendf(&text, "a:%s\n", rows[i].hash);
        struct htpasswd list = list_of(text_str(&text));
        assert_int_equal(list.count, 1);
        assert_true(is_right(&list, "a", view_str(rows[i].password)));
        assert_false(is_right(&list, "a", VIEW("x")));
        text_fini(&text);
    }
}

static void test_a_password_that_is_too_long_is_wrong(void **state)
{
    char longest[PASSWORD_BYTES_MAX + 1];
    struct htpasswd list = list_of(secrets);
    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_false(is_right(&list, "sha256", view_of(longest, PASSWORD_BYTES_MAX)));
    assert_false(is_right(&list, "bcrypt", view_of(longest, sizeof(longest))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_each_form_knows_its_password, drop_arena),
        cmocka_unit_test_teardown(test_passwords_of_all_lengths, drop_arena),
        cmocka_unit_test_teardown(test_a_password_that_is_too_long_is_wrong, drop_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
