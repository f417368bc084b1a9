#include "discovery/consul/consul.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct consul {
    const struct consul_options *options;
    struct report report;
    struct alive alive;
};

static void *open_source(const void *options, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    struct consul *consul = memory_new(sizeof(*consul));
    (void)loop;
    consul->options = options;
    consul->report = *report;
    *fd = -1;
    return consul;
}

static void tick(void *state, uint64_t now_ms)
{
    (void)state;
    (void)now_ms;
}

static uint64_t next_tick_ms(const void *state)
{
    (void)state;
    return UINT64_MAX;
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    (void)state;
    (void)is_wanted;
    (void)set;
    return false;
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct consul *)state)->alive;
}

static void close_source(void *state)
{
    free(state);
}

const struct source_kind consul_source = {
    .word = "consul",
    .asks_by_http = true,
    .open = open_source,
    .tick = tick,
    .next_tick_ms = next_tick_ms,
    .collect = collect,
    .alive = tell_alive,
    .close = close_source,
};
