/* Who is let in: passwords by hashes that Apache's htpasswd and openssl made, and what is done for who is
 * not in the list. */
#include "lb/policy/user_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/policy/password.h"

static unsigned tried_count;
static enum htpasswd_form tried_form;
static struct view tried_name;

bool __real_password_is_right(const struct htpasswd_user *user, struct view password);
bool __wrap_password_is_right(const struct htpasswd_user *user, struct view password);

bool __wrap_password_is_right(const struct htpasswd_user *user, struct view password)
{
    tried_count++;
    tried_form = user->form;
    tried_name = user->name;
    return __real_password_is_right(user, password);
}

static const char secrets[] =
    "bcrypt:$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6\n"
    "sha256:$5$Z5tWpEM9FHOwoQFg$U5nnYGClUHZXgwzi4M7rRR2U5UiWHWVLTwvRPWi9PvC\n"
    "sha512:$6$.IVWsdu5C1mhYkp2$Ouej76PiRL99tAXhmGiB5ryJJY0bvaZeUG5Tu42/CBAogfvTHK13Erq/"
    "T9mOOHeNi.Sz4ILwcQOSvq0i/rAeV1\n"
    "md5:$1$keHLCHIo$LGi9zNMGBg/FMPYYmZHEY1\n"
    "apr1:$apr1$wy8irF3A$kBnzWQQqs1ljaANMpA4wU0\n"
    "openssl:$apr1$abcd$wdPjgnTArUvGHPa0JgcKo.\n"
    "sha1:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";

static struct user_list *list_of(const char *text)
{
    struct text problems = TEXT_INIT;
    struct user_list *list = user_list_new(view_str(text), '\n', &problems);
    text_fini(&problems);
    return list;
}

static void test_each_form_knows_its_password(void **state)
{
    static const char *const names[] = {"bcrypt", "sha256",  "sha512", "md5",
                                        "apr1",   "openssl", "sha1"};
    static const struct view wrong[] = {VIEW(""),        VIEW("Secret"),   VIEW("secre"),
                                        VIEW("secrets"), VIEW("secret\0"), VIEW("secret\0x")};
    struct user_list *list = list_of(secrets);
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(user_list_admits(list, view_str(names[i]), VIEW("secret")));
        for (size_t j = 0; j < sizeof(wrong) / sizeof(wrong[0]); j++)
            assert_false(user_list_admits(list, view_str(names[i]), wrong[j]));
    }
    user_list_unref(list);
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
        struct user_list *list = list_of(text_str(&text));
        assert_non_null(list);
        assert_true(user_list_admits(list, VIEW("a"), view_str(rows[i].password)));
        assert_false(user_list_admits(list, VIEW("a"), VIEW("x")));
        user_list_unref(list);
        text_fini(&text);
    }
}

static void test_a_password_that_is_too_long_is_wrong(void **state)
{
    char longest[PASSWORD_BYTES_MAX + 1];
    struct user_list *list = list_of(secrets);
    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_false(user_list_admits(list, VIEW("sha256"), view_of(longest, PASSWORD_BYTES_MAX)));
    assert_false(user_list_admits(list, VIEW("bcrypt"), view_of(longest, sizeof(longest))));
    user_list_unref(list);
}

/* By what is done, not by the clock: a hash of the list is tried for everybody, once. */
static void test_who_is_not_there_takes_as_long_as_who_is(void **state)
{
    static const char two[] = "a:$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6\n"
                              "b:$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6\n";
    struct user_list *list = list_of(two);
    (void)state;
    tried_count = 0;
    assert_false(user_list_admits(list, VIEW("a"), VIEW("wrong")));
    assert_int_equal(tried_count, 1);
    assert_false(user_list_admits(list, VIEW("nobody"), VIEW("wrong")));
    assert_int_equal(tried_count, 2);
    assert_int_equal(tried_form, HTPASSWD_BCRYPT);
    struct view first = tried_name;
    assert_false(
        user_list_admits(list, VIEW("nobody"), VIEW("secret"))); /* of that hash, but not his */
    assert_true(view_eq(first, tried_name));
    assert_int_equal(tried_count, 3);
    user_list_unref(list);
}

static void test_nobody_is_no_list(void **state)
{
    (void)state;
    assert_null(list_of(""));
    assert_null(list_of("# nobody\n\n"));
    assert_null(list_of("bob:plain\n"));
}

static void test_lists_of_the_same_text_have_the_same_digest(void **state)
{
    struct user_list *one = list_of(secrets), *same = list_of(secrets),
                     *other = list_of(secrets + 1);
    (void)state;
    assert_memory_equal(one->digest, same->digest, USER_LIST_DIGEST_BYTES);
    assert_memory_not_equal(one->digest, other->digest, USER_LIST_DIGEST_BYTES);
    assert_ptr_equal(user_list_ref(one), one);
    user_list_unref(one);
    user_list_unref(one);
    user_list_unref(same);
    user_list_unref(other);
    user_list_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_form_knows_its_password),
        cmocka_unit_test(test_passwords_of_all_lengths),
        cmocka_unit_test(test_a_password_that_is_too_long_is_wrong),
        cmocka_unit_test(test_who_is_not_there_takes_as_long_as_who_is),
        cmocka_unit_test(test_nobody_is_no_list),
        cmocka_unit_test(test_lists_of_the_same_text_have_the_same_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
