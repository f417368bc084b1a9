#include "lb/net/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"

static void do_tasks(struct loop *loop) __attribute__((noinline)); /* few turns have any */

static void do_tasks(struct loop *loop)
{
    while (!list_is_empty(&loop->tasks)) {
        struct loop_task *task = list_entry(loop->tasks.next, struct loop_task, node);
        list_unlink(&task->node);
        task->run(task);
    }
}

/* The last thing before the loop sleeps: afterwards it is later. */
static void on_uv_prepare(uv_prepare_t *prepare)
{
    struct loop *loop = list_entry(prepare, struct loop, before_poll);
    if (!list_is_empty(&loop->tasks))
        do_tasks(loop);
    loop->turn++;
    if (block_pool_is_full(&loop->blocks))
        loop->awaits_room = loop->on_full && loop->on_full(loop->full_owner);
    else
        loop->awaits_room = loop->on_full != NULL;
    loop->turn_mono_ns = 0;
    loop->turn_wall_ns = 0;
    deadline_wheel_end_turn(&loop->deadlines);
}

int loop_init(struct loop *loop)
{
    *loop = (struct loop){.turn = 1};
    list_init(&loop->tasks);
    int rc = uv_loop_init(&loop->uv);
    if (rc < 0)
        return rc;
    deadline_wheel_init(&loop->deadlines, &loop->uv);
    uv_prepare_init(&loop->uv, &loop->before_poll);
    uv_prepare_start(&loop->before_poll, on_uv_prepare);
    uv_unref((uv_handle_t *)&loop->before_poll);
    loop->splices.held_bytes = &loop->blocks.used_bytes;
    loop->tls_buffers.held_bytes = &loop->blocks.used_bytes;
    loop->splices.max_count = SPLICE_COUNT_MAX;
    loop->read_buffer = memory_resize(NULL, LOOP_READ_BYTES);
    return 0;
}

uint64_t loop_mono_ns(struct loop *loop)
{
    if (loop->turn_mono_ns == 0)
        loop->turn_mono_ns = clock_mono_ns();
    return loop->turn_mono_ns;
}

uint64_t loop_wall_ns(struct loop *loop)
{
    if (loop->turn_wall_ns == 0)
        loop->turn_wall_ns = clock_wall_ns();
    return loop->turn_wall_ns;
}

void loop_fini(struct loop *loop)
{
    deadline_wheel_close(&loop->deadlines);
    uv_close((uv_handle_t *)&loop->before_poll, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&loop->uv);
    assert(rc == 0);
    (void)rc;
    free(loop->read_buffer);
    tls_buffers_fini(&loop->tls_buffers);
    block_pool_fini(&loop->blocks);
    splice_pool_fini(&loop->splices);
}
