/* Files that who certifies a host looks for, and all that is none. */
#include "lb/proxy/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/test_challenge.XXXXXX";
static char acme[64], own[80], web[64];

static void make(const char *dir, const char *below, const char *content, size_t len)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", dir, below);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, len, file), len);
    fclose(file);
}

static void make_dir(const char *dir, const char *below)
{
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", dir, below);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int set_up(void **state)
{
    char link[200];
    (void)state;
    assert_non_null(mkdtemp(root));
    make_dir(root, "acme");
    make_dir(root, "acme/challenges");
    make_dir(root, "web");
    make_dir(root, "web/.well-known");
    make_dir(root, "web/.well-known/acme-challenge");
    snprintf(acme, sizeof(acme), "%s/acme", root);
    snprintf(own, sizeof(own), "%s/challenges", acme);
    snprintf(web, sizeof(web), "%s/web", root);
    make(own, "one", "one.thumb", 9);
    make(own, "README", "Read me", 7);
    make(web, "bare", "bare.thumb\n", 11);
    make(web, ".well-known/acme-challenge/two", "two.thumb", 9);
    make_dir(own, "folder");
    snprintf(link, sizeof(link), "%s/linked", own);
    make(root, "outside", "linked.thumb", 12);
    assert_int_equal(symlink("../../outside", link), 0);
    snprintf(link, sizeof(link), "%s/pipe", own);
    assert_int_equal(mkfifo(link, 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", root);
    return system(command);
}

static void test_tokens(void **state)
{
    static const struct {
        const char *target, *token;
    } rows[] = {
        {CHALLENGE_PATH "abc-_09Z", "abc-_09Z"},
        {CHALLENGE_PATH "abc?x=/..", "abc"},
        {CHALLENGE_PATH, ""},
        {CHALLENGE_PATH "../x", ""},
        {CHALLENGE_PATH "a/b", ""},
        {CHALLENGE_PATH "a%2Fb", ""},
        {CHALLENGE_PATH "a.b", ""},
        {CHALLENGE_PATH ".", ""},
        {CHALLENGE_PATH "a\\b", ""},
        {"/.well-known/acme-challenge", ""},
        {"/x" CHALLENGE_PATH "abc", ""},
        {"//.well-known/acme-challenge/abc", ""},
    };
    char longest[200] = CHALLENGE_PATH;
    size_t before = strlen(longest);
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (!view_eq(challenge_token(view_str(rows[i].target)), view_str(rows[i].token)))
            fail_msg("%s", rows[i].target);
    memset(longest + before, 'a', CHALLENGE_TOKEN_BYTES_MAX + 1);
    assert_int_equal(challenge_token(view_of(longest, before + CHALLENGE_TOKEN_BYTES_MAX)).len,
                     CHALLENGE_TOKEN_BYTES_MAX);
    assert_int_equal(challenge_token(view_str(longest)).len, 0);
}

static void assert_read(const struct challenge_places *places, const char *token, const char *want)
{
    struct text out = TEXT_INIT;
    assert_int_equal(challenge_read(places, view_str(token), &out), want != NULL);
    assert_string_equal(text_str(&out), want ? want : "");
    text_fini(&out);
}

static void test_files(void **state)
{
    const char *const webroots[] = {"/nowhere", web};
    const struct challenge_places all = {acme, webroots, 2}, none = {0}, mine = {.acme_dir = acme};
    (void)state;
    assert_true(challenge_is_served(&all));
    assert_false(challenge_is_served(&none));
    assert_read(&all, "one", "one.thumb");
    assert_read(&all, "two", "two.thumb");
    assert_read(&all, "bare", "bare.thumb\n");
    assert_read(&mine, "two", NULL);
    assert_read(&none, "one", NULL);
    assert_read(&all, "three", NULL);
    assert_read(&all, "README", NULL); /* it is no key authorization of that token */
    assert_read(&all, "linked", NULL);
    assert_read(&all, "folder", NULL);
    assert_read(&all, "pipe", NULL); /* nor does it wait for one who writes */
}

static void test_what_is_too_large_is_none(void **state)
{
    static char large[CHALLENGE_FILE_BYTES_MAX + 1] = "large.";
    const struct challenge_places mine = {.acme_dir = acme};
    struct text out = TEXT_INIT;
    (void)state;
    make(own, "large", large, CHALLENGE_FILE_BYTES_MAX);
    assert_true(challenge_read(&mine, VIEW("large"), &out));
    assert_int_equal(out.len, CHALLENGE_FILE_BYTES_MAX);
    text_fini(&out);
    make(own, "large", large, sizeof(large));
    assert_read(&mine, "large", NULL);
    make(own, "large", "", 0);
    assert_read(&mine, "large", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_what_is_too_large_is_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
