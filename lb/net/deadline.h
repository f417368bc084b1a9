/* Many deadlines on one timer: a wheel of slots, armed in constant time, without a system call.
 * A deadline fires within a tick (DEADLINE_TICK_MS) after its time, and never before the loop has
 * polled once more from then on: what came meanwhile has been heard, however long the loop was held
 * up. One wheel per loop and thread. */
#ifndef LB_NET_DEADLINE_H
#define LB_NET_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <uv.h>

#include "lb/base/list.h"

#define DEADLINE_TICK_MS    16u
#define DEADLINE_SLOT_COUNT 512u

/* What is armed in a turn of the loop that takes longer counts from the end of that turn. */
#define DEADLINE_LONG_TURN_MS 64u

struct deadline {
    struct list node;
    uint64_t due_ms;   /* by uv_now() */
    uint64_t armed_ms; /* what it counts from: the loop's time when it was armed */
    uint64_t filed_ms; /* when its slot is looked at: in the tick after due_ms, or earlier;
                        * UINT64_MAX: it is ripe */
    /* Called once when due; the deadline is disarmed by then and may be armed again or freed. */
    void (*on_due)(struct deadline *deadline);
};

struct deadline_wheel {
    uv_timer_t timer;
    uint64_t tick;     /* all slots before this tick have been looked at */
    uint64_t armed_ms; /* when the timer fires; UINT64_MAX: not started */
    uint64_t first_ms; /* the loop's time when the first was armed in this turn; 0: none */
    bool
        has_slow_call; /* the turn made a call that may take long: libuv's time may be an old one */
    /* Due; they fire after the next poll, which does not wait, unless what it brings puts them off.
     */
    struct list ripe;
    uv_idle_t no_wait;
    uv_check_t after_poll;
    uint64_t occupied[DEADLINE_SLOT_COUNT / 64];
    struct list slots[DEADLINE_SLOT_COUNT];
};

void deadline_wheel_init(struct deadline_wheel *wheel, uv_loop_t *loop);

/* Closes its handles; the loop must run once more. All deadlines must be disarmed. */
void deadline_wheel_close(struct deadline_wheel *wheel);

/* Ready to be armed; `on_due` stays the same for its life. */
void deadline_init(struct deadline *deadline, void (*on_due)(struct deadline *));

/* To be called before each poll: a turn of the loop is over. */
void deadline_wheel_end_turn(struct deadline_wheel *wheel);

/* Fires `delay_ms` from the loop's now. Arming again replaces the earlier time. */
void deadline_arm(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t delay_ms);

/* Does nothing when it is not armed. Must be called before the memory goes. */
void deadline_disarm(struct deadline *deadline);

/* The same, but 0 disarms it: what it waits for has no limit. */
void deadline_arm_if(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t delay_ms);

static inline bool deadline_is_armed(const struct deadline *deadline)
{
    return !list_is_empty(&deadline->node);
}

/* Its time is over, and it fires unless it is armed again or disarmed first: the loop was late, or
 * is just asking for what has come. */
bool deadline_is_overdue(const struct deadline_wheel *wheel, const struct deadline *deadline);

#endif
