#include "lb/master/state.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/master/master.h"
#include "lb/master/master_state.h"

/* Two of them: who writes, and who reads. */
struct pair {
    struct master *old, *new;
};

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    pair->old = calloc(1, sizeof(*pair->old));
    pair->new = calloc(1, sizeof(*pair->new));
    master_init(pair->old);
    master_init(pair->new);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;
    store_close(&pair->old->store);
    free(pair->old);
    free(pair->new);
    free(pair);
    return 0;
}

static void fill(struct master *master)
{
    struct channel_socket wanted = {.kind = SERVICE_TCP, .role = "listen", .count = 3};
    struct store_asker asker = {.number = 1};
    address_parse_ip(VIEW("127.0.0.1"), 0, &wanted.wanted);
    assert_true(store_want(&master->store, &wanted, &asker) >= 0);
    struct process *process = processes_add(&master->processes, PROCESS_SERVING, 1234);
    process->stage = PROCESS_SEALED;
    process->channel = dup(0);
    processes_add(&master->processes, PROCESS_LEAVING, 1235)->due_ns = 99;
    keepsakes_open(&master->keepsakes);
    snprintf(master->proxy.path, sizeof(master->proxy.path), "/usr/bin/lb-proxy");
    master->proxy.fd = dup(0);
    master->history.upgrade_count = 5;
    master->place.upgrade_timeout_ms = 77;
    master->discovery.helper.start_count = 3;
    master->reporter.plan = dup(0);
    master->reporter.failures_in_a_row = 2;
    master->acme.plan = dup(0);
    master->acme.start_count = 4;
    master->has_served = true;
}

static void all_of_it_comes_back(void **state)
{
    struct pair *pair = *state;
    fill(pair->old);
    int fd = state_write(pair->old);
    assert_true(fd >= 0);
    assert_int_equal(state_check(fd), 0);
    assert_int_equal(state_read(pair->new, fd), 0);
    assert_memory_equal(&pair->new->processes, &pair->old->processes, sizeof(struct processes));
    assert_memory_equal(&pair->new->history, &pair->old->history, sizeof(struct channel_history));
    assert_memory_equal(&pair->new->place, &pair->old->place, sizeof(struct channel_place));
    assert_memory_equal(&pair->new->proxy, &pair->old->proxy, sizeof(struct program));
    assert_memory_equal(&pair->new->keepsakes, &pair->old->keepsakes, sizeof(struct keepsakes));
    assert_int_equal(pair->new->discovery.helper.start_count, 3);
    assert_memory_equal(&pair->new->reporter, &pair->old->reporter, sizeof(struct helper));
    assert_memory_equal(&pair->new->acme, &pair->old->acme, sizeof(struct helper));
    assert_memory_equal(&pair->new->keepsakes, &pair->old->keepsakes, sizeof(struct keepsakes));
    assert_int_equal(pair->new->store.socket_count, 3);
    assert_int_equal(pair->new->store.groups[0].key.count, 3);
    assert_true(pair->new->has_served);
    close(fd);
}

static void a_descriptor_that_is_not_open_is_refused(void **state)
{
    struct pair *pair = *state;
    fill(pair->old);
    int fd = state_write(pair->old);
    close(pair->old->store.sockets[1].fd);
    assert_int_equal(state_check(fd), 0);
    assert_int_equal(state_read(pair->new, fd), -EBADMSG);
    close(fd);
}

static void without_the_inbox_it_is_refused(void **state)
{
    struct pair *pair = *state;
    fill(pair->old);
    int fd = state_write(pair->old);
    close(pair->old->keepsakes.others[CHANNEL_OUTBOX]);
    assert_int_equal(state_read(pair->new, fd), -EBADMSG);
    close(fd);
}

static void counts_that_do_not_fit_are_refused(void **state)
{
    struct pair *pair = *state;
    fill(pair->old);
    pair->old->store.groups[0].key.count = 2;
    int fd = state_write(pair->old);
    assert_int_equal(state_read(pair->new, fd), -EBADMSG);
    close(fd);
}

static void another_version_is_refused(void **state)
{
    struct pair *pair = *state;
    uint32_t version = 99;
    int fd = state_write(pair->old);
    pwrite(fd, &version, sizeof(version), 8);
    assert_int_equal(state_check(fd), -EPROTONOSUPPORT);
    assert_int_equal(state_read(pair->new, fd), -EPROTONOSUPPORT);
    pwrite(fd, "x", 1, 0);
    assert_int_equal(state_check(fd), -EBADMSG);
    close(fd);
}

/* Cut anywhere, or with a byte that is another one: nothing ends in a crash, and what is cut is never good. */
static void whatever_was_done_to_it_it_is_read_or_refused(void **state)
{
    struct pair *pair = *state;
    fill(pair->old);
    int fd = state_write(pair->old);
    off_t size = lseek(fd, 0, SEEK_END);
    for (off_t at = 0; at < size; at += 7) {
        unsigned char byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (unsigned char)(byte ^ 0xff);
        pwrite(fd, &other, 1, at);
        memset(pair->new, 0, sizeof(*pair->new));
        master_init(pair->new);
        state_read(pair->new, fd);
        pwrite(fd, &byte, 1, at);
    }
    for (off_t cut = size - 1; cut >= 0; cut -= 101) {
        assert_int_equal(ftruncate(fd, cut), 0);
        assert_int_equal(state_check(fd), -EBADMSG);
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_of_it_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_descriptor_that_is_not_open_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(without_the_inbox_it_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_that_do_not_fit_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(another_version_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(whatever_was_done_to_it_it_is_read_or_refused, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
