/* Lists of users: what is taken, who is found, and what is said of lines that cannot be used. */
#include "lb/contract/htpasswd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define BCRYPT "$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6"
#define SHA256 "$5$Z5tWpEM9FHOwoQFg$U5nnYGClUHZXgwzi4M7rRR2U5UiWHWVLTwvRPWi9PvC"
#define SHA512                                                                                     \
    "$6$.IVWsdu5C1mhYkp2$Ouej76PiRL99tAXhmGiB5ryJJY0bvaZeUG5Tu42/CBAogfvTHK13Erq/"                 \
    "T9mOOHeNi.Sz4ILwcQOSvq0i/rAeV1"
#define APR1 "$apr1$wy8irF3A$kBnzWQQqs1ljaANMpA4wU0"
#define MD5  "$1$keHLCHIo$LGi9zNMGBg/FMPYYmZHEY1"
#define SHA1 "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="

static void test_all_forms_of_the_tool(void **state)
{
    static const struct {
        const char *name, *hash;
        enum htpasswd_form form;
    } users[] = {
        {"bcrypt", BCRYPT, HTPASSWD_BCRYPT}, {"sha256", SHA256, HTPASSWD_SHA256},
        {"sha512", SHA512, HTPASSWD_SHA512}, {"apr1", APR1, HTPASSWD_APR1},
        {"md5", MD5, HTPASSWD_MD5},          {"sha1", SHA1, HTPASSWD_SHA1},
    };
    struct htpasswd list;
    struct arena arena = {0};
    struct text text = TEXT_INIT, problems = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < 6; i++)
        text_appendf(&text, "%s:%s\n", users[i].name, users[i].hash);
    htpasswd_parse(&list, text_view(&text), '\n', &arena, &problems);
    assert_int_equal(list.count, 6);
    assert_string_equal(text_str(&problems), "");
    for (size_t i = 0; i < 6; i++) {
        const struct htpasswd_user *user = htpasswd_find(&list, view_str(users[i].name));
        assert_non_null(user);
        assert_int_equal(user->form, users[i].form);
        assert_int_equal(user->line, i + 1);
        assert_true(view_eq(user->hash, view_str(users[i].hash)));
    }
    assert_null(htpasswd_find(&list, VIEW("nobody")));
    arena_fini(&arena);
    text_fini(&text);
}

static void check_list(const char *text, char separator, unsigned count, const char *problems)
{
    struct htpasswd list;
    struct arena arena = {0};
    struct text told = TEXT_INIT;
    htpasswd_parse(&list, view_str(text), separator, &arena, &told);
    assert_string_equal(text_str(&told), problems);
    assert_int_equal(list.count, count);
    arena_fini(&arena);
    text_fini(&told);
}

static void test_how_a_file_may_look(void **state)
{
    (void)state;
    check_list("", '\n', 0, "");
    check_list("\n\n# users\n  a:" SHA1 "  \r\nb:" APR1, '\n', 2, "");
    check_list("a:" SHA1 ":the first floor\n", '\n', 1, "");
    check_list("a:" SHA1 ",b:" APR1 ", c:" MD5, ',', 3, "");
    check_list("a,b:" SHA1, '\n', 1, "");
    check_list("b:" SHA1 "\na:" APR1 "\nb:" APR1, '\n', 2,
               "line 3 has a user that is there already");
}

static void test_what_cannot_be_used_is_told_and_the_rest_is_used(void **state)
{
    (void)state;
    check_list(
        "a:" SHA1 "\nnobody\n:" SHA1 "\nb:secret\nc:WbMU7UE5HtGc2\n", '\n', 1,
        "line 2 is no user:hash; line 3 is no user:hash; line 4 \"b\" has a plain password or "
        "one of DES crypt, which protects from nobody; make it with htpasswd -B; line 5 \"c\" "
        "has a plain password or one of DES crypt, which protects from nobody; make it with "
        "htpasswd -B");
    check_list(
        "1\n2\n3\n4\n5\n6\n7\n", '\n', 0,
        "line 1 is no user:hash; line 2 is no user:hash; line 3 is no user:hash; line 4 is no "
        "user:hash; line 5 is no user:hash; and 2 more");
    check_list("a\x1b:secret", '\n', 0, "line 1 is no user:hash");
}

/* Each is a hash, and the part of the sentence that is said of it; NULL: none is. */
static void test_hashes(void **state)
{
    static const struct {
        const char *hash, *part;
    } cases[] = {
        {"$2y$14$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", NULL},
        {"$2y$15$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", "a cost up to 14"},
        {"$2b$04$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", NULL},
        {"$2y$03$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", "mistyped"},
        {"$2y$5$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", "mistyped"},
        {"$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen", "cut off"},
        {"$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRe!6", "mistyped"},
        {"$2x$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6", "unknown form"},
        {"$5$rounds=1000000$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", NULL},
        {"$5$rounds=1000001$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "1000000 rounds"},
        {"$5$rounds=999$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "mistyped"},
        {"$5$rounds=$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "mistyped"},
        {"$5$rounds=05000$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "mistyped"},
        {"$5$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1", "cut off"},
        {"$5$01234567890123456$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "mistyped"},
        {"$5$$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "mistyped"},
        {"$6$abcd$BgCbKzckrgGdFcL/gWllSOkKJCXQV5rwJeTh9xnsJ1D", "cut off"},
        {"$apr1$abcd$wdPjgnTArUvGHPa0JgcKo.", NULL},
        {"$apr1$abcdabcda$wdPjgnTArUvGHPa0JgcKo.", "mistyped"},
        {"$apr1$abcd$wdPjgnTArUvGHPa0JgcKo", "cut off"},
        {"$apr1$abcd", "cut off"},
        {"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ", "cut off"},
        {"{SHA}5en6G6MezRroT3XKqkdPOmY/Bf==", "mistyped"},
        {"{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "unknown form"},
        {"$y$j9T$abc$def", "unknown form"},
        {"$$apr1$$abcd$$wdPjgnTArUvGHPa0JgcKo.", "compose"},
        {"", "plain"},
        {"secret", "plain"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text user = TEXT_INIT, problem = TEXT_INIT;
        text_appendf(&user, "bob:%s", cases[i].hash);
        assert_int_equal(htpasswd_check(text_view(&user), &problem), !cases[i].part);
        if (cases[i].part)
            assert_non_null(strstr(text_str(&problem), cases[i].part));
        else
            assert_int_equal(problem.len, 0);
        if (cases[i].hash[0]) /* what is told is read by more people than may know it */
            assert_null(strstr(text_str(&problem), cases[i].hash));
        text_fini(&user);
        text_fini(&problem);
    }
}

static void test_the_list_of_a_label(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(htpasswd_check(VIEW("a:" SHA1 ",b:" APR1), &problem));
    assert_false(htpasswd_check(VIEW("a:" SHA1 ",b:secret"), &problem));
    assert_true(view_starts_with(text_view(&problem), VIEW("\"b\" has a plain password")));
    text_clear(&problem);
    assert_false(htpasswd_check(VIEW(","), &problem));
    assert_string_equal(text_str(&problem), "names nobody");
    assert_false(htpasswd_check(VIEW("#a:" SHA1), &problem)); /* a comment, as the list takes it */
    text_fini(&problem);
}

static void test_bounds(void **state)
{
    struct text text = TEXT_INIT, problems = TEXT_INIT;
    struct htpasswd list;
    struct arena arena = {0};
    (void)state;
    for (unsigned i = 0; i < HTPASSWD_USERS_MAX + 3; i++)
        text_appendf(&text, "user%u:" SHA1 "\n", i);
    htpasswd_parse(&list, text_view(&text), '\n', &arena, &problems);
    assert_int_equal(list.count, HTPASSWD_USERS_MAX);
    assert_non_null(htpasswd_find(&list, VIEW("user4095")));
    assert_null(htpasswd_find(&list, VIEW("user4096")));
    assert_non_null(strstr(text_str(&problems), "line 4097 is one user too many"));
    arena_fini(&arena);
    while (text.len <= HTPASSWD_BYTES_MAX)
        text_append_str(&text, "user:" SHA1 "\n");
    text_clear(&problems);
    htpasswd_parse(&list, text_view(&text), '\n', &arena, &problems);
    assert_int_equal(list.count, 0);
    assert_string_equal(text_str(&problems), "is longer than 1 MiB");
    arena_fini(&arena);
    text_fini(&problems);
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_forms_of_the_tool),
        cmocka_unit_test(test_how_a_file_may_look),
        cmocka_unit_test(test_what_cannot_be_used_is_told_and_the_rest_is_used),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_the_list_of_a_label),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
