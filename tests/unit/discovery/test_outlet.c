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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_waits_and_keeps_the_newest),
        cmocka_unit_test(test_notices_that_the_reader_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
