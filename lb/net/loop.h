/* One thread's event loop with what its connections share: the read buffer, blocks, pipes,
 * deadlines. */
#ifndef LB_NET_LOOP_H
#define LB_NET_LOOP_H

#include <uv.h>

#include "lb/base/block.h"
#include "lb/base/list.h"
#include "lb/net/deadline.h"
#include "lb/net/splice.h"
#include "lb/tls/tls_buffers.h"

#define LOOP_READ_BYTES 65536

/* What is to be done once the running call, and all others of this turn, are over. */
struct loop_task {
    struct list node;
    void (*run)(struct loop_task *task); /* it may be given to loop_do_soon again */
};

struct loop {
    uv_loop_t uv;
    struct deadline_wheel deadlines;
    struct block_pool blocks;
    struct splice_pool splices;
    struct tls_buffers tls_buffers;
    uv_prepare_t before_poll;
    struct list tasks;     /* struct loop_task */
    uint64_t turn;         /* of the loop: goes up before each look at the sockets; from 1 */
    uint64_t turn_mono_ns; /* the clocks as they were asked in this turn; 0: not yet */
    uint64_t turn_wall_ns;
    /* At the end of a turn after which more waits than blocks.max_bytes. False: it found nothing to
     * give up. NULL: nobody makes room. */
    bool (*on_full)(void *owner);
    void *full_owner;
    unsigned stream_count; /* that have a descriptor, or had one in this turn */
    unsigned errand_count; /* under way */
    bool awaits_room;  /* nothing is read in this turn once it is full: room is made at its end */
    char *read_buffer; /* every read of every stream lands here and is used up before the next */
};

/* Fails: a negative libuv error. */
int loop_init(struct loop *loop);

/* Runs what is left to close, then frees everything. All handles must be closing or closed. */
void loop_fini(struct loop *loop);

static inline void loop_task_init(struct loop_task *task, void (*run)(struct loop_task *task))
{
    list_init(&task->node);
    task->run = run;
}

/* At the end of this turn, before the loop looks at its sockets again. Idempotent. Borrows it until it
 * runs. */
static inline void loop_do_soon(struct loop *loop, struct loop_task *task)
{
    if (list_is_empty(&task->node))
        list_append(&loop->tasks, &task->node);
}

static inline uint64_t loop_now_ms(const struct loop *loop)
{
    return uv_now(&loop->uv);
}

/* The clocks in nanoseconds, asked at most once in a turn of the loop: all that happens in one turn
 * has the same time. */
uint64_t loop_mono_ns(struct loop *loop);
uint64_t loop_wall_ns(struct loop *loop);

#endif
