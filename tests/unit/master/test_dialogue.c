#include "lb/master/dialogue.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/base/rng.h"
#include "lb/master/master.h"
#include "lb/master/master_state.h"

struct scene {
    struct master *master;
    struct process *process;
    int proxy; /* the other end of its channel */
};

static int setup(void **state)
{
    static struct scene scene;
    int ends[2];
    *state = &scene;
    log_set_level(LOG_LEVEL_ERROR + 1);
    scene.master = calloc(1, sizeof(*scene.master));
    master_init(scene.master);
    keepsakes_open(&scene.master->keepsakes);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) < 0)
        return -1;
    scene.process = processes_add(&scene.master->processes, PROCESS_SERVING, -1);
    scene.process->channel = ends[0];
    scene.process->gauges = dup(scene.master->keepsakes.fds[CHANNEL_GAUGES]);
    scene.proxy = ends[1];
    return 0;
}

static int teardown(void **state)
{
    struct scene *scene = *state;
    processes_remove(scene->process);
    store_close(&scene->master->store);
    door_close(&scene->master->handover.door, 0);
    close(scene->proxy);
    keepsakes_close(&scene->master->keepsakes);
    free(scene->master);
    return 0;
}

static void say(struct scene *scene, struct channel_message message)
{
    assert_int_equal(parcel_send(scene->proxy, &message, sizeof(message), NULL, 0), 0);
    dialogue_read(scene->master, scene->process);
}

/* Gives its kind; 0: nothing was said. */
static uint32_t hear(struct scene *scene, struct channel_message *message)
{
    int fds[PARCEL_FDS_MAX];
    unsigned count;
    if (parcel_receive(scene->proxy, message, sizeof(*message), fds, &count) != 1)
        return 0;
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
    return message->kind;
}

static void greet(struct scene *scene)
{
    struct channel_message answer;
    say(scene, (struct channel_message){.kind = CHANNEL_HELLO, .value = CHANNEL_VERSION});
    assert_int_equal(hear(scene, &answer), CHANNEL_WELCOME);
}

static void in_order_all_is_answered(void **state)
{
    struct scene *scene = *state;
    struct channel_message answer;
    greet(scene);
    say(scene, (struct channel_message){.kind = CHANNEL_PLACE});
    assert_int_equal(hear(scene, &answer), CHANNEL_PLACED);
    say(scene, (struct channel_message){.kind = CHANNEL_SEALED});
    assert_int_equal(hear(scene, &answer), CHANNEL_SERVE);
    assert_true(scene->master->has_served);
    assert_true(scene->process->channel >= 0);
}

static void out_of_order_is_its_end(void **state)
{
    static const enum channel_kind early[] = {CHANNEL_PLACE, CHANNEL_PLAN,  CHANNEL_SEALED,
                                              CHANNEL_WANT,  CHANNEL_READY, CHANNEL_RENEW};
    (void)state;
    for (size_t i = 0; i < sizeof(early) / sizeof(early[0]); i++) {
        void *own;
        setup(&own);
        struct scene *scene = own;
        say(scene, (struct channel_message){.kind = early[i]});
        assert_int_equal(scene->process->channel, -1);
        teardown(&own);
    }
}

static void another_version_is_its_end(void **state)
{
    struct scene *scene = *state;
    say(scene, (struct channel_message){.kind = CHANNEL_HELLO, .value = CHANNEL_VERSION + 1});
    assert_int_equal(scene->process->channel, -1);
}

static void a_place_without_an_end_is_its_end(void **state)
{
    struct scene *scene = *state;
    struct channel_message place = {.kind = CHANNEL_PLACE};
    greet(scene);
    memset(place.place.handover_path, 'x', sizeof(place.place.handover_path));
    say(scene, place);
    assert_int_equal(scene->process->channel, -1);
}

/* Of all kinds and sizes, with what nobody would send: the master lives, and has closed what came. */
static void noise_does_nothing_to_the_master(void **state)
{
    struct rng rng = {.state = 17};
    int before = dup(0);
    close(before);
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct channel_message message;
        void *own;
        setup(&own);
        struct scene *scene = own;
        if (i % 3 > 0)
            greet(scene);
        if (i % 3 > 1)
            scene->process->stage = PROCESS_SEALED;
        for (size_t at = 0; at < sizeof(message); at += sizeof(uint64_t)) {
            uint64_t word = rng_next(&rng);
            memcpy((char *)&message + at, &word, sizeof(word));
        }
        message.kind = i % 20;
        if (message.kind == CHANNEL_UPGRADE || message.kind == CHANNEL_RENEW)
            scene->master->is_ending = true; /* else programs are started */
        int fd = dup(0);
        parcel_send(scene->proxy, &message, i % 7 ? sizeof(message) : i % sizeof(message), &fd,
                    i % 2);
        close(fd);
        dialogue_read(scene->master, scene->process);
        teardown(&own);
    }
    int after = dup(0);
    assert_int_equal(after, before);
    close(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_order_all_is_answered, setup, teardown),
        cmocka_unit_test(out_of_order_is_its_end),
        cmocka_unit_test_setup_teardown(another_version_is_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_place_without_an_end_is_its_end, setup, teardown),
        cmocka_unit_test(noise_does_nothing_to_the_master),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
