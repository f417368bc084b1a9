#include "lb/base/keepsake.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD_BYTES 4096

/* As the head of the file has it. */
struct label {
    uint64_t sequence, len, sum;
};

struct bench {
    int fd;
    struct keepsake keepsake;
    struct text out;
};

static int setup(void **state)
{
    static struct bench bench;
    bench = (struct bench){.fd = memfd_create("keepsake", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    keepsake_open(&bench.keepsake, bench.fd);
    *state = &bench;
    return bench.fd < 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    text_fini(&bench->out);
    return close(bench->fd);
}

/* What the next process finds. */
static const char *found(struct bench *bench)
{
    struct keepsake next;
    keepsake_open(&next, bench->fd);
    return keepsake_read(&next, &bench->out) ? text_str(&bench->out) : NULL;
}

static struct label label_of(struct bench *bench, int place)
{
    struct label label;
    ssize_t len = pread(bench->fd, &label, sizeof(label), place * (off_t)sizeof(label));
    assert_int_equal(len, sizeof(label));
    return label;
}

static void set_label(struct bench *bench, int place, struct label label)
{
    ssize_t len = pwrite(bench->fd, &label, sizeof(label), place * (off_t)sizeof(label));
    assert_int_equal(len, sizeof(label));
}

static void has_nothing_at_first(void **state)
{
    struct bench *bench = *state;
    text_append_str(&bench->out, "of before");
    assert_null(found(bench));
    assert_int_equal(bench->out.len, 0);
}

static void gives_what_was_kept_last(void **state)
{
    struct bench *bench = *state;
    static const char *const words[] = {"one", "two, which is longer", "3", ""};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_true(keepsake_write(&bench->keepsake, view_str(words[i])));
        assert_string_equal(found(bench), words[i]);
    }
}

static void goes_on_in_the_next_process(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 5; i++) {
        struct keepsake next;
        char text[2] = {(char)('a' + i), '\0'};
        keepsake_open(&next, bench->fd);
        assert_true(keepsake_write(&next, view_str(text)));
        assert_string_equal(found(bench), text);
    }
}

/* Wherever the write ends: the bytes are there in part, or all of them without their label. */
static void keeps_the_one_before_when_a_write_is_cut_off(void **state)
{
    struct bench *bench = *state;
    keepsake_write(&bench->keepsake, VIEW("first"));
    keepsake_write(&bench->keepsake, VIEW("second"));
    assert_int_equal(pwrite(bench->fd, "thi", 3, HEAD_BYTES), 3); /* where "first" was */
    assert_string_equal(found(bench), "second");
    assert_true(keepsake_write(&bench->keepsake, VIEW("third")));
    assert_string_equal(found(bench), "third");
    off_t second = HEAD_BYTES + (off_t)KEEPSAKE_BYTES_MAX;
    assert_int_equal(pwrite(bench->fd, "fou", 3, second), 3);
    assert_string_equal(found(bench), "third");
}

/* A process that found one place spoilt does not write over the other. */
static void writes_over_what_is_not_whole(void **state)
{
    struct bench *bench = *state;
    struct keepsake next;
    keepsake_write(&bench->keepsake, VIEW("first"));
    keepsake_write(&bench->keepsake, VIEW("second"));
    off_t second = HEAD_BYTES + (off_t)KEEPSAKE_BYTES_MAX;
    assert_int_equal(pwrite(bench->fd, "S", 1, second), 1);
    assert_string_equal(found(bench), "first");
    keepsake_open(&next, bench->fd);
    assert_true(keepsake_write(&next, VIEW("third")));
    assert_int_equal(pwrite(bench->fd, "T", 1, second), 1);
    assert_string_equal(found(bench), "first");
}

static void takes_no_length_that_does_not_fit(void **state)
{
    struct bench *bench = *state;
    static const uint64_t lens[] = {6,          KEEPSAKE_BYTES_MAX,      KEEPSAKE_BYTES_MAX + 1,
                                    INT64_MAX,  (uint64_t)INT64_MAX + 1, UINT64_MAX,
                                    UINT32_MAX, UINT64_MAX - HEAD_BYTES};
    keepsake_write(&bench->keepsake, VIEW("first"));
    struct label label = label_of(bench, 0);
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        set_label(bench, 0, (struct label){label.sequence, lens[i], label.sum});
        set_label(bench, 1, (struct label){label.sequence + 1, lens[i], label.sum});
        assert_null(found(bench));
    }
    set_label(bench, 0, label);
    assert_string_equal(found(bench), "first");
}

static void takes_no_number_that_is_none(void **state)
{
    struct bench *bench = *state;
    static const uint64_t numbers[] = {0, UINT64_MAX, UINT64_MAX - 1, UINT64_MAX / 2 + 1};
    keepsake_write(&bench->keepsake, VIEW("first"));
    keepsake_write(&bench->keepsake, VIEW("second"));
    struct label label = label_of(bench, 1);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        set_label(bench, 1, (struct label){numbers[i], label.len, label.sum});
        assert_string_equal(found(bench), "first");
        struct keepsake next;
        keepsake_open(&next, bench->fd);
        assert_true(keepsake_write(&next, VIEW("third")));
        assert_string_equal(found(bench), "third");
    }
}

static void has_nothing_in_a_file_that_was_cut(void **state)
{
    struct bench *bench = *state;
    static const off_t sizes[] = {HEAD_BYTES + 4, HEAD_BYTES, 24, 1, 0};
    keepsake_write(&bench->keepsake, VIEW("first"));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(ftruncate(bench->fd, sizes[i]), 0);
        assert_null(found(bench));
    }
    assert_true(keepsake_write(&bench->keepsake, VIEW("second")));
    assert_string_equal(found(bench), "second");
}

static void takes_noise_for_nothing(void **state)
{
    struct bench *bench = *state;
    char noise[3 * HEAD_BYTES];
    uint32_t seed = 1;
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof(noise); i++)
            noise[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 24);
        assert_int_equal(pwrite(bench->fd, noise, sizeof(noise), 0), sizeof(noise));
        assert_null(found(bench));
    }
}

static void keeps_as_much_as_a_line_can_be(void **state)
{
    struct bench *bench = *state;
    char *bytes = malloc(KEEPSAKE_BYTES_MAX + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', KEEPSAKE_BYTES_MAX + 1);
    for (int i = 0; i < 2; i++) {
        bytes[0] = (char)('0' + i);
        assert_true(keepsake_write(&bench->keepsake, view_of(bytes, KEEPSAKE_BYTES_MAX)));
        assert_non_null(found(bench));
        assert_memory_equal(bench->out.bytes, bytes, KEEPSAKE_BYTES_MAX);
    }
    assert_false(keepsake_write(&bench->keepsake, view_of(bytes, KEEPSAKE_BYTES_MAX + 1)));
    assert_int_equal(errno, EFBIG);
    assert_non_null(found(bench));
    assert_int_equal(bench->out.bytes[0], '1');
    free(bytes);
}

static void tells_that_it_could_not_be_kept(void **state)
{
    struct bench *bench = *state;
    keepsake_write(&bench->keepsake, VIEW("first"));
    assert_int_equal(fcntl(bench->fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    assert_false(keepsake_write(&bench->keepsake, VIEW("second")));
    assert_int_equal(errno, EPERM);
    assert_string_equal(found(bench), "first");
}

static void is_nothing_without_a_file(void **state)
{
    struct bench *bench = *state;
    struct keepsake none;
    keepsake_open(&none, -1);
    assert_false(keepsake_write(&none, VIEW("first")));
    assert_int_equal(errno, EBADF);
    assert_false(keepsake_read(&none, &bench->out));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void writes_where_it_should_after_one_that_appends(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(fcntl(bench->fd, F_SETFL, O_RDWR | O_APPEND), 0);
    keepsake_open(&bench->keepsake, bench->fd);
    assert_true(keepsake_write(&bench->keepsake, view_str("one")));
    assert_true(keepsake_write(&bench->keepsake, view_str("two")));
    assert_string_equal(found(bench), "two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_nothing_at_first),
        TEST(gives_what_was_kept_last),
        TEST(goes_on_in_the_next_process),
        TEST(keeps_the_one_before_when_a_write_is_cut_off),
        TEST(writes_over_what_is_not_whole),
        TEST(takes_no_length_that_does_not_fit),
        TEST(takes_no_number_that_is_none),
        TEST(has_nothing_in_a_file_that_was_cut),
        TEST(takes_noise_for_nothing),
        TEST(keeps_as_much_as_a_line_can_be),
        TEST(tells_that_it_could_not_be_kept),
        TEST(writes_where_it_should_after_one_that_appends),
        TEST(is_nothing_without_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
