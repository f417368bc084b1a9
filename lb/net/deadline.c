#include "lb/net/deadline.h"

static void on_uv_timer(uv_timer_t *timer);

void deadline_wheel_init(struct deadline_wheel *wheel, uv_loop_t *loop)
{
    uv_timer_init(loop, &wheel->timer);
    uv_unref((uv_handle_t *)&wheel->timer);
    wheel->tick = uv_now(loop) / DEADLINE_TICK_MS;
    wheel->armed_ms = UINT64_MAX;
    memset(wheel->occupied, 0, sizeof(wheel->occupied));
    for (unsigned i = 0; i < DEADLINE_SLOT_COUNT; i++)
        list_init(&wheel->slots[i]);
}

void deadline_wheel_close(struct deadline_wheel *wheel)
{
    uv_close((uv_handle_t *)&wheel->timer, NULL);
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
    deadline->due_ms = uv_now(wheel->timer.loop) + delay_ms;
    if (deadline_is_armed(deadline)) {
        if (deadline->due_ms >= deadline->filed_ms)
            return; /* its slot comes first and files it again: the usual case on a busy connection
                     */
        list_unlink(&deadline->node);
    }
    if (wheel->armed_ms == UINT64_MAX)
        wheel->tick = uv_now(wheel->timer.loop) / DEADLINE_TICK_MS;
    file(wheel, deadline);
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

/* Fires what is due in the slot of `tick` and files the rest again. A callback may arm, disarm or
 * free any deadline, so the slot is emptied into a list of its own first. */
static void look_at_slot(struct deadline_wheel *wheel, uint64_t tick, uint64_t now_ms)
{
    unsigned slot = (unsigned)(tick % DEADLINE_SLOT_COUNT);
    struct list due;
    list_init(&due);
    while (!list_is_empty(&wheel->slots[slot])) {
        struct list *node = wheel->slots[slot].next;
        list_unlink(node);
        list_append(&due, node);
    }
    wheel->occupied[slot / 64] &= ~((uint64_t)1 << (slot % 64));
    while (!list_is_empty(&due)) {
        struct deadline *deadline = list_entry(due.next, struct deadline, node);
        list_unlink(&deadline->node);
        if (deadline->due_ms <= now_ms)
            deadline->on_due(deadline);
        else
            file(wheel, deadline);
    }
}

/* libuv runs timers before it polls. When the process was held up, the connect, answer or body that
 * a deadline waits for may lie in the kernel since long: it is polled for once before anything is
 * called late. */
static bool put_off(struct deadline_wheel *wheel, uint64_t now_ms)
{
    bool is_late = now_ms > wheel->armed_ms + DEADLINE_TICK_MS;
    wheel->is_put_off = is_late && !wheel->is_put_off;
    if (wheel->is_put_off)
        uv_timer_start(&wheel->timer, on_uv_timer, 1, 0);
    return wheel->is_put_off;
}

static void on_uv_timer(uv_timer_t *timer)
{
    struct deadline_wheel *wheel = list_entry(timer, struct deadline_wheel, timer);
    uint64_t now_ms = uv_now(timer->loop);
    if (put_off(wheel, now_ms))
        return;
    uint64_t now_tick = now_ms / DEADLINE_TICK_MS;
    uint64_t first = wheel->tick;
    wheel->tick = now_tick + 1; /* what is filed meanwhile goes to later slots */
    wheel->armed_ms = 0;        /* and does not start the timer: that is done once, below */
    if (now_tick - first >= DEADLINE_SLOT_COUNT)
        first = now_tick - DEADLINE_SLOT_COUNT + 1;
    for (uint64_t tick = first; tick <= now_tick; tick++)
        if (is_occupied(wheel, tick))
            look_at_slot(wheel, tick, now_ms);
    wheel->armed_ms = UINT64_MAX;
    for (uint64_t tick = wheel->tick; tick < wheel->tick + DEADLINE_SLOT_COUNT; tick++) {
        if (is_occupied(wheel, tick)) {
            start_timer(wheel, tick * DEADLINE_TICK_MS);
            return;
        }
    }
}
