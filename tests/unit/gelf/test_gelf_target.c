/* Where it goes: addresses stay, names are asked for again; the real resolver answers for localhost. */
#include "lb/gelf/gelf_target.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define NEVER UINT64_MAX

static void wait_for_bell(int bell_fd)
{
    struct pollfd wish = {.fd = bell_fd, .events = POLLIN};
    eventfd_t count;
    assert_int_equal(poll(&wish, 1, 30000), 1);
    assert_int_equal(eventfd_read(bell_fd, &count), 0);
}

static void test_literal(void **state)
{
    struct gelf_url url = {GELF_UDP, "127.0.0.1", 12201};
    struct gelf_target target;
    (void)state;
    gelf_target_open(&target, &url, 1000, -1);
    gelf_target_turn(&target, 1);
    assert_int_equal(gelf_target_due_ms(&target), NEVER);
    assert_int_equal(address_port(gelf_target_address(&target)), 12201);
    gelf_target_fail(&target);
    assert_int_equal(gelf_target_due_ms(&target), NEVER);
    assert_non_null(gelf_target_address(&target));
    gelf_target_close(&target);
}

static void test_name(void **state)
{
    struct gelf_url url = {GELF_UDP, "localhost", 7};
    struct gelf_target target;
    int bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)state;
    gelf_target_open(&target, &url, 30000, bell_fd);
    assert_null(gelf_target_address(&target));
    gelf_target_turn(&target, 100);
    assert_int_equal(gelf_target_due_ms(&target), NEVER); /* the bell tells */
    wait_for_bell(bell_fd);
    gelf_target_turn(&target, 200);
    assert_true(address_is_loopback(gelf_target_address(&target)));
    assert_int_equal(address_port(gelf_target_address(&target)), 7);
    assert_int_equal(gelf_target_due_ms(&target), 30200);
    gelf_target_fail(&target); /* asked for at 100: soon again */
    assert_int_equal(gelf_target_due_ms(&target), 1100);
    gelf_target_turn(&target, 1100);
    assert_non_null(target.query);
    assert_non_null(gelf_target_address(&target)); /* the old one, meanwhile */
    gelf_target_close(&target);
    close(bell_fd);
}

/* What was known stays where no answer comes; asked for again after longer and longer. */
static void test_no_answer(void **state)
{
    static const uint64_t waits_ms[] = {1000, 2000, 4000, 5000, 5000};
    struct gelf_url url = {GELF_UDP, "nowhere.invalid", 7};
    struct gelf_target target;
    int bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    uint64_t now_ms = 0;
    (void)state;
    gelf_target_open(&target, &url, 5000, bell_fd);
    for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++) {
        gelf_target_turn(&target, now_ms);
        wait_for_bell(bell_fd);
        gelf_target_turn(&target, now_ms);
        assert_null(gelf_target_address(&target));
        assert_true(target.answer.problem[0] != '\0');
        assert_int_equal(gelf_target_due_ms(&target), now_ms + waits_ms[i]);
        now_ms = gelf_target_due_ms(&target);
    }
    gelf_target_close(&target);
    close(bell_fd);
}

static void test_next_of_several(void **state)
{
    struct gelf_url url = {GELF_TCP, "127.0.0.1", 1};
    struct gelf_target target;
    (void)state;
    gelf_target_open(&target, &url, 1000, -1);
    target.answer.addresses[1] = target.answer.addresses[0];
    address_set_port(&target.answer.addresses[1], 2);
    target.answer.count = 2;
    gelf_target_fail(&target);
    assert_int_equal(address_port(gelf_target_address(&target)), 2);
    gelf_target_fail(&target);
    assert_int_equal(address_port(gelf_target_address(&target)), 1);
    gelf_target_close(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literal),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_next_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
