/* What lines say of certificates that are wished for, good and bad, and what lb-acme finds of it. */
#include "lb/follow/certificate_wishes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/contract/certificate_wish.h"
#include "lb/contract/key.h"

static struct certificate_wishes wishes;
static int fd;

static int open_all(void **state)
{
    (void)state;
    fd = memfd_create("wishes", MFD_CLOEXEC);
    certificate_wishes_open(&wishes, fd);
    return fd < 0;
}

static int close_all(void **state)
{
    (void)state;
    certificate_wishes_fini(&wishes);
    close(fd);
    return 0;
}

static void take(const char *certificates)
{
    json_t *line = json_object(), *array = json_loads(certificates, 0, NULL);
    assert_non_null(array);
    json_object_set_new(line, KEY_CERTIFICATES, array);
    certificate_wishes_take(&wishes, line);
    json_decref(line);
}

/* As another process reads it. */
static void check(const char *expected)
{
    struct keepsake other;
    struct text got = TEXT_INIT, whole = TEXT_INIT;
    keepsake_open(&other, fd);
    assert_true(keepsake_read(&other, &got));
    text_appendf(&whole, "{\"version\":1,\"certificates\":[%s]}", expected);
    assert_string_equal(text_str(&got), text_str(&whole));
    text_fini(&got);
    text_fini(&whole);
}

#define A "{\"names\":[\"a.test\",\"b.test\"],\"email\":\"x@a.test\"}"
#define A_LINE                                                                                     \
    "{\"names\":[\"a.test\",\"b.test\"],\"email\":\"x@a.test\",\"label\":\"l\",\"container\":"     \
    "\"c\"}"
#define B "{\"names\":[\"c.test\"],\"email\":\"\"}"

static void test_what_lines_say_is_posted(void **state)
{
    (void)state;
    json_t *empty = json_object();
    certificate_wishes_take(&wishes, empty);
    check("");
    take("[" A_LINE ",{\"names\":[\"c.test\"]}]");
    check(A "," B);
    assert_int_equal(wishes.count, 2);
    take("[{\"names\":[\"c.test\"]}]");
    check(B);
    certificate_wishes_take(&wishes, empty);
    check("");
    json_decref(empty);
}

static void test_it_is_posted_when_it_changes(void **state)
{
    (void)state;
    take("[" A_LINE "]");
    assert_int_equal(ftruncate(fd, 0), 0);
    take("[" A "]"); /* the same, by another container */
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    take("[" B "]");
    assert_true(lseek(fd, 0, SEEK_END) > 0);
}

static void test_what_is_wrong_is_passed_over(void **state)
{
    static const char *const wrong[] = {
        "1",
        "null",
        "\"a.test\"",
        "{}",
        "[]",
        "{\"names\":\"a.test\"}",
        "{\"names\":[]}",
        "{\"names\":[1]}",
        "{\"names\":[\"\"]}",
        "{\"names\":[\"*.a.test\"]}",
        "{\"names\":[\"A.test\"]}",
        "{\"names\":[\"a.test.\"]}",
        "{\"names\":[\"../x\"]}",
        "{\"names\":[\"a.test\"],\"email\":7}",
        "{\"names\":[\"a.test\"],\"email\":\"none\"}",
        "{\"names\":[\"10.0.0.1\"]}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct text array = TEXT_INIT;
        text_appendf(&array, "[%s,{\"names\":[\"c.test\"]}]", wrong[i]);
        take(text_str(&array));
        check(B);
        assert_int_equal(wishes.wrong_count, 1);
        text_fini(&array);
    }
    json_t *line = json_pack("{s:s}", KEY_CERTIFICATES, "none");
    certificate_wishes_take(&wishes, line);
    check("");
    json_decref(line);
}

static void test_bounds(void **state)
{
    (void)state;
    struct text array = TEXT_INIT;
    text_append_str(&array, "[{\"names\":[\"x.test\"");
    for (unsigned i = 0; i < CERTIFICATE_WISH_NAMES_MAX; i++)
        text_appendf(&array, ",\"%u.x.test\"", i);
    text_append_str(&array, "]}");
    for (unsigned i = 0; i < CERTIFICATE_WISHES_MAX + 2; i++)
        text_appendf(&array, ",{\"names\":[\"%u.test\"]}", i);
    text_append_char(&array, ']');
    take(text_str(&array));
    assert_int_equal(wishes.count, CERTIFICATE_WISHES_MAX);
    assert_int_equal(wishes.wrong_count, 3);
    text_fini(&array);
}

static void test_without_a_place_nothing_is_posted(void **state)
{
    (void)state;
    certificate_wishes_fini(&wishes);
    certificate_wishes_open(&wishes, -1);
    take("[" A "]");
    assert_int_equal(wishes.posted.len, 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
}

static void test_what_is_lost_is_posted_again(void **state)
{
    (void)state;
    certificate_wishes_fini(&wishes);
    int reading = memfd_create("wishes", MFD_CLOEXEC), twin;
    twin = dup(reading);
    close(reading);
    certificate_wishes_open(&wishes, reading); /* closed: EBADF */
    take("[" A "]");
    assert_true(wishes.is_lost);
    assert_int_equal(dup2(twin, reading), reading);
    take("[" A "]");
    assert_false(wishes.is_lost);
    assert_true(lseek(twin, 0, SEEK_END) > 0);
    close(twin);
    close(reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_lines_say_is_posted, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_it_is_posted_when_it_changes, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_what_is_wrong_is_passed_over, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_bounds, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_without_a_place_nothing_is_posted, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_what_is_lost_is_posted_again, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
