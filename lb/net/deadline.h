/* Many deadlines on one timer: a wheel of slots, armed in constant time, without a system call.
 * A deadline fires between its time and one tick (DEADLINE_TICK_MS) after it; where the loop was
 * held up, after what came meanwhile has been heard. One wheel per loop and thread. */
#ifndef LB_NET_DEADLINE_H
#define LB_NET_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <uv.h>

#include "lb/base/list.h"

#define DEADLINE_TICK_MS    16u
#define DEADLINE_SLOT_COUNT 512u

struct deadline {
    struct list node;
    uint64_t due_ms;   /* by uv_now() */
    uint64_t filed_ms; /* when its slot is looked at: in the tick after due_ms, or earlier */
    /* Called once when due; the deadline is disarmed by then and may be armed again or freed. */
    void (*on_due)(struct deadline *deadline);
};

struct deadline_wheel {
    uv_timer_t timer;
    uint64_t tick;     /* all slots before this tick have been looked at */
    uint64_t armed_ms; /* when the timer fires; UINT64_MAX: not started */
    bool is_put_off;   /* it came late and waits for one more turn of the loop */
    uint64_t occupied[DEADLINE_SLOT_COUNT / 64];
    struct list slots[DEADLINE_SLOT_COUNT];
};

void deadline_wheel_init(struct deadline_wheel *wheel, uv_loop_t *loop);

/* Closes the timer; the loop must run once more. All deadlines must be disarmed. */
void deadline_wheel_close(struct deadline_wheel *wheel);

/* Ready to be armed; `on_due` stays the same for its life. */
void deadline_init(struct deadline *deadline, void (*on_due)(struct deadline *));

/* Fires `delay_ms` from the loop's now. Arming again replaces the earlier time. */
void deadline_arm(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t delay_ms);

/* Does nothing when it is not armed. Must be called before the memory goes. */
void deadline_disarm(struct deadline *deadline);

static inline bool deadline_is_armed(const struct deadline *deadline)
{
    return !list_is_empty(&deadline->node);
}

#endif
