#include "lb/net/deadline.h"

static void on_uv_timer(uv_timer_t *timer);
static void on_uv_check(uv_check_t *after_poll);

/* The poll that follows does not wait. */
static void on_uv_idle(uv_idle_t *no_wait)
{
    (void)no_wait;
}

void deadline_wheel_init(struct deadline_wheel *wheel, uv_loop_t *loop)
{
    uv_timer_init(loop, &wheel->timer);
    uv_unref((uv_handle_t *)&wheel->timer);
    wheel->tick = uv_now(loop) / DEADLINE_TICK_MS;
    wheel->armed_ms = UINT64_MAX;
    wheel->first_ms = 0;
    wheel->has_slow_call = false;
    list_init(&wheel->ripe);
    uv_idle_init(loop, &wheel->no_wait);
    uv_unref((uv_handle_t *)&wheel->no_wait);
    uv_check_init(loop, &wheel->after_poll);
    uv_unref((uv_handle_t *)&wheel->after_poll);
    memset(wheel->occupied, 0, sizeof(wheel->occupied));
    for (unsigned i = 0; i < DEADLINE_SLOT_COUNT; i++)
        list_init(&wheel->slots[i]);
}

void deadline_wheel_close(struct deadline_wheel *wheel)
{
    uv_close((uv_handle_t *)&wheel->timer, NULL);
    uv_close((uv_handle_t *)&wheel->no_wait, NULL);
    uv_close((uv_handle_t *)&wheel->after_poll, NULL);
}

void deadline_init(struct deadline *deadline, void (*on_due)(struct deadline *))
{
    list_init(&deadline->node);
    deadline->on_due = on_due;
}

static void start_timer(struct deadline_wheel *wheel, uint64_t at_ms)
{
    uint64_t now_ms = uv_now(wheel->timer.loop);
    wheel->armed_ms = at_ms;
    uv_timer_start(&wheel->timer, on_uv_timer, at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

/* Puts it into the slot that is looked at first after it is due, or one lap ahead at most. */
static void file(struct deadline_wheel *wheel, struct deadline *deadline)
{
    uint64_t tick = deadline->due_ms / DEADLINE_TICK_MS + 1;
    uint64_t last = wheel->tick + DEADLINE_SLOT_COUNT - 1;
    if (tick < wheel->tick)
        tick = wheel->tick;
    if (tick > last)
        tick = last;
    unsigned slot = (unsigned)(tick % DEADLINE_SLOT_COUNT);
    deadline->filed_ms = tick * DEADLINE_TICK_MS;
    list_append(&wheel->slots[slot], &deadline->node);
    wheel->occupied[slot / 64] |= (uint64_t)1 << (slot % 64);
    if (deadline->filed_ms < wheel->armed_ms)
        start_timer(wheel, deadline->filed_ms);
}

void deadline_arm(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t delay_ms)
{
    uint64_t now_ms = uv_now(wheel->timer.loop);
    deadline->due_ms = now_ms + delay_ms;
    deadline->armed_ms = now_ms;
    if (wheel->first_ms == 0)
        wheel->first_ms = now_ms;
    if (deadline_is_armed(deadline)) {
        if (deadline->due_ms >= deadline->filed_ms)
            return; /* its slot comes first and files it again: the usual case on a busy connection
                     */
        list_unlink(&deadline->node);
    }
    if (wheel->armed_ms == UINT64_MAX)
        wheel->tick = now_ms / DEADLINE_TICK_MS;
    file(wheel, deadline);
}

void deadline_arm_if(struct deadline_wheel *wheel, struct deadline *deadline, uint64_t delay_ms)
{
    if (delay_ms > 0)
        deadline_arm(wheel, deadline, delay_ms);
    else
        deadline_disarm(deadline);
}

void deadline_disarm(struct deadline *deadline)
{
    list_unlink(&deadline->node);
}

static bool is_occupied(const struct deadline_wheel *wheel, uint64_t tick)
{
    unsigned slot = (unsigned)(tick % DEADLINE_SLOT_COUNT);
    return wheel->occupied[slot / 64] >> (slot % 64) & 1;
}

bool deadline_is_overdue(const struct deadline_wheel *wheel, const struct deadline *deadline)
{
    return deadline_is_armed(deadline) && deadline->due_ms <= uv_now(wheel->timer.loop);
}

/* What was armed while the turn ran took its time from the turn's beginning: libuv asks the clock
 * after a poll and then not before its callbacks are done. Slots come earlier than what moves in
 * them, and file it again. */
static void count_from_now(struct deadline_wheel *wheel, uint64_t first_ms, uint64_t now_ms)
{
    for (unsigned i = 0; i < DEADLINE_SLOT_COUNT; i++) {
        list_for_each (node, &wheel->slots[i]) {
            struct deadline *deadline = list_entry(node, struct deadline, node);
            if (deadline->armed_ms < first_ms)
                continue;
            deadline->due_ms += now_ms - deadline->armed_ms;
            deadline->armed_ms = now_ms;
        }
    }
}

void deadline_wheel_end_turn(struct deadline_wheel *wheel)
{
    uint64_t first_ms = wheel->first_ms;
    if (wheel->has_slow_call)
        uv_update_time(wheel->timer.loop);
    uint64_t now_ms = uv_now(wheel->timer.loop);
    wheel->first_ms = 0;
    wheel->has_slow_call = false;
    if (first_ms > 0 && now_ms - first_ms >= DEADLINE_LONG_TURN_MS)
        count_from_now(wheel, first_ms, now_ms);
}

/* Sorts the slot of `tick`: what is due gets ripe, the rest is filed again. */
static void look_at_slot(struct deadline_wheel *wheel, uint64_t tick, uint64_t now_ms)
{
    unsigned slot = (unsigned)(tick % DEADLINE_SLOT_COUNT);
    struct list all;
    list_init(&all);
    list_move(&all, &wheel->slots[slot]);
    wheel->occupied[slot / 64] &= ~((uint64_t)1 << (slot % 64));
    while (!list_is_empty(&all)) {
        struct deadline *deadline = list_entry(all.next, struct deadline, node);
        list_unlink(&deadline->node);
        if (deadline->due_ms <= now_ms) {
            deadline->filed_ms = UINT64_MAX;
            list_append(&wheel->ripe, &deadline->node);
        } else {
            file(wheel, deadline);
        }
    }
}

/* libuv runs timers before it polls. When the process was held up, the connect, answer or body that
 * a deadline waits for may lie in the kernel since long: a poll comes first, and all its callbacks.
 */
static void poll_first(struct deadline_wheel *wheel)
{
    if (list_is_empty(&wheel->ripe))
        return;
    uv_idle_start(&wheel->no_wait, on_uv_idle);
    uv_check_start(&wheel->after_poll, on_uv_check);
}

/* A callback may arm, disarm or free any deadline, so the ripe ones get a list of their own first.
 */
static void on_uv_check(uv_check_t *after_poll)
{
    struct deadline_wheel *wheel = list_entry(after_poll, struct deadline_wheel, after_poll);
    struct list due;
    list_init(&due);
    list_move(&due, &wheel->ripe);
    uv_idle_stop(&wheel->no_wait);
    uv_check_stop(&wheel->after_poll);
    while (!list_is_empty(&due)) {
        struct deadline *deadline = list_entry(due.next, struct deadline, node);
        list_unlink(&deadline->node);
        deadline->on_due(deadline);
    }
}

static void on_uv_timer(uv_timer_t *timer)
{
    struct deadline_wheel *wheel = list_entry(timer, struct deadline_wheel, timer);
    deadline_wheel_end_turn(wheel); /* timers come before what ends a turn otherwise */
    uint64_t now_ms = uv_now(timer->loop);
    uint64_t now_tick = now_ms / DEADLINE_TICK_MS;
    uint64_t first = wheel->tick;
    wheel->tick = now_tick + 1; /* what is filed meanwhile goes to later slots */
    wheel->armed_ms = 0;        /* and does not start the timer: that is done once, below */
    if (now_tick - first >= DEADLINE_SLOT_COUNT)
        first = now_tick - DEADLINE_SLOT_COUNT + 1;
    for (uint64_t tick = first; tick <= now_tick; tick++)
        if (is_occupied(wheel, tick))
            look_at_slot(wheel, tick, now_ms);
    poll_first(wheel);
    wheel->armed_ms = UINT64_MAX;
    for (uint64_t tick = wheel->tick; tick < wheel->tick + DEADLINE_SLOT_COUNT; tick++) {
        if (is_occupied(wheel, tick)) {
            start_timer(wheel, tick * DEADLINE_TICK_MS);
            return;
        }
    }
}
