#include "discovery/net/fetch_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

static char path[] = "/tmp/test_fetch_token.XXXXXX";

/* As secrets are replaced: by another file in its place. */
static void replace(const char *content)
{
    char other[sizeof(path) + 4];
    snprintf(other, sizeof(other), "%s.new", path);
    FILE *file = fopen(other, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
    assert_int_equal(rename(other, path), 0);
}

static void test_from_memory(void **state)
{
    struct fetch_token token;
    (void)state;
    fetch_token_init(&token, &(struct fetch_token_options){.header = "X-Token"});
    assert_null(fetch_token_look(&token));
    fetch_token_init(&token, &(struct fetch_token_options){.header = "X-Token", .token = " a-b\n"});
    assert_string_equal(fetch_token_look(&token), "X-Token: a-b");
    assert_string_equal(token.problem, "");
    fetch_token_init(&token,
                     &(struct fetch_token_options){.header = "X-Token", .token = "a\r\nEvil: b"});
    assert_null(fetch_token_look(&token));
    assert_non_null(strstr(token.problem, "spaces"));
}

static void test_file_is_read_again(void **state)
{
    struct fetch_token token;
    (void)state;
    replace("first\n");
    fetch_token_init(
        &token, &(struct fetch_token_options){.header = "X-Token", .token = "other", .file = path});
    assert_string_equal(fetch_token_look(&token), "X-Token: first");
    replace("second");
    assert_string_equal(fetch_token_look(&token), "X-Token: second");
    replace("two words\n");
    assert_string_equal(fetch_token_look(&token), "X-Token: second");
    assert_non_null(strstr(token.problem, "holds no token"));
    replace("third");
    assert_string_equal(fetch_token_look(&token), "X-Token: third");
    assert_string_equal(token.problem, "");
}

static void test_file_that_is_gone(void **state)
{
    struct fetch_token token;
    (void)state;
    replace("first\n");
    fetch_token_init(&token, &(struct fetch_token_options){.header = "X-Token", .file = path});
    assert_string_equal(fetch_token_look(&token), "X-Token: first");
    assert_int_equal(unlink(path), 0);
    assert_string_equal(fetch_token_look(&token), "X-Token: first");
    assert_non_null(strstr(token.problem, "No such file"));
    replace("");
    assert_string_equal(fetch_token_look(&token), "X-Token: first");
    fetch_token_init(&token, &(struct fetch_token_options){.header = "X-Token", .file = "/"});
    assert_null(fetch_token_look(&token));
    assert_non_null(strstr(token.problem, "is no file"));
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_memory),
        cmocka_unit_test(test_file_is_read_again),
        cmocka_unit_test(test_file_that_is_gone),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
