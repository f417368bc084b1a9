#include "discovery/outlet.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

static void offer(struct outlet *outlet, char fill, size_t len)
{
    struct text line = TEXT_INIT;
    for (size_t i = 0; i + 1 < len; i++)
        text_append_char(&line, fill);
    text_append_char(&line, '\n');
    outlet_offer(outlet, &line);
    assert_int_equal(line.len, 0);
    outlet_flush(outlet);
}

/* Reads until `outlet` has nothing more; collects the letters that lines are made of. */
static void read_all(struct outlet *outlet, int fd, char *letters, size_t *bytes)
{
    char piece[3000];
    ssize_t got;
    char last = '\n';
    *bytes = 0;
    while ((got = read(fd, piece, sizeof(piece))) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (last == '\n')
                *letters++ = piece[i];
            assert_true(last == '\n' || piece[i] == last || piece[i] == '\n');
            last = piece[i];
        }
        *bytes += (size_t)got;
        outlet_flush(outlet);
    }
    *letters = '\0';
}

static void test_never_waits_and_keeps_the_newest(void **state)
{
    int ends[2];
    struct outlet outlet;
    char letters[16];
    size_t bytes;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    outlet_init(&outlet, ends[1]);
    assert_false(outlet_has_begun(&outlet));
    offer(&outlet, 'a', 300000); /* more than a pipe takes: would block */
    assert_false(outlet_is_empty(&outlet));
    assert_true(outlet_has_begun(&outlet));
    offer(&outlet, 'b', 300000);
    offer(&outlet, 'c', 300000);
    offer(&outlet, 'd', 1000);
    read_all(&outlet, ends[0], letters, &bytes);
    assert_string_equal(letters, "ad"); /* the begun one whole, then only the newest */
    assert_int_equal(bytes, 301000);
    assert_true(outlet_is_empty(&outlet));
    assert_false(outlet_has_begun(&outlet));
    assert_false(outlet.is_gone);
    outlet_fini(&outlet);
    close(ends[0]);
    close(ends[1]);
}

static void test_notices_that_the_reader_left(void **state)
{
    int ends[2];
    struct outlet outlet;
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    outlet_init(&outlet, ends[1]);
    outlet_flush(&outlet);
    assert_false(outlet.is_gone);
    close(ends[0]);
    outlet_flush(&outlet); /* with nothing to write */
    assert_true(outlet.is_gone);
    outlet_fini(&outlet);
    close(ends[1]);
}

/* As many of it as there are; it comes behind what had begun, before what is new. */
static void test_an_empty_line_ends_what_had_begun(void **state)
{
    int ends[2];
    struct outlet outlet;
    char piece[16];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    outlet_init(&outlet, ends[1]);
    outlet_end_line(&outlet);
    assert_false(outlet_is_empty(&outlet));
    outlet_flush(&outlet);
    assert_true(outlet_is_empty(&outlet));
    assert_int_equal(read(ends[0], piece, sizeof(piece)), 1);
    assert_int_equal(piece[0], '\n');
    offer(&outlet, 'a', 4);
    outlet_end_line(&outlet);
    offer(&outlet, 'b', 4);
    assert_int_equal(read(ends[0], piece, sizeof(piece)), 9);
    assert_memory_equal(piece, "aaa\n\nbbb\n", 9);
    outlet_fini(&outlet);
    close(ends[0]);
    close(ends[1]);
}

static void test_another_reader_gets_nothing_of_the_last_ones(void **state)
{
    int first[2], second[2];
    struct outlet outlet;
    char letters[16];
    size_t bytes;
    (void)state;
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    fcntl(second[0], F_SETFL, O_NONBLOCK);
    outlet_init(&outlet, first[1]);
    offer(&outlet, 'a', 300000);
    outlet_move(&outlet, -1);
    assert_true(outlet_is_empty(&outlet));
    offer(&outlet, 'b', 1000);
    offer(&outlet, 'c', 1000);
    assert_false(outlet.is_gone);
    outlet_move(&outlet, second[1]);
    offer(&outlet, 'd', 1000);
    read_all(&outlet, second[0], letters, &bytes);
    assert_string_equal(letters, "d");
    outlet_fini(&outlet);
    for (unsigned i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_waits_and_keeps_the_newest),
        cmocka_unit_test(test_notices_that_the_reader_left),
        cmocka_unit_test(test_an_empty_line_ends_what_had_begun),
        cmocka_unit_test(test_another_reader_gets_nothing_of_the_last_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
