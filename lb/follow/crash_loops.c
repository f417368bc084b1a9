#include "lb/follow/crash_loops.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

static struct crash_loop *find(const struct crash_loops *loops, const char *name)
{
    for (unsigned i = 0; i < loops->count; i++)
        if (strcmp(loops->items[i].name, name) == 0)
            return &loops->items[i];
    return NULL;
}

static uint64_t last_went_ms(const struct crash_loop *loop)
{
    return loop->went_ms[(loop->next + CRASH_LOOPS_COUNT - 1) % CRASH_LOOPS_COUNT];
}

/* Who has not gone for the longest time. */
static struct crash_loop *oldest(const struct crash_loops *loops)
{
    struct crash_loop *oldest = loops->items;
    for (unsigned i = 1; i < loops->count; i++)
        if (last_went_ms(&loops->items[i]) < last_went_ms(oldest))
            oldest = &loops->items[i];
    return oldest;
}

static struct crash_loop *add(struct crash_loops *loops, const char *name)
{
    struct crash_loop *loop;
    if (loops->count == CRASH_LOOPS_MAX) {
        loop = oldest(loops);
        free(loop->name);
    } else {
        loops->items = memory_resize(loops->items, (loops->count + 1) * sizeof(*loops->items));
        loop = &loops->items[loops->count++];
    }
    *loop = (struct crash_loop){.name = memory_copy(name, strlen(name))};
    return loop;
}

void crash_loops_note_went(struct crash_loops *loops, const char *name, uint64_t version,
                           uint64_t now_ms)
{
    struct crash_loop *loop = find(loops, name);
    if (!loop)
        loop = add(loops, name);
    if (loop->version == version)
        return;
    loop->version = version;
    loop->went_ms[loop->next] = now_ms;
    loop->next = (loop->next + 1) % CRASH_LOOPS_COUNT;
}

bool crash_loops_note_came(struct crash_loops *loops, const char *name, uint64_t now_ms,
                           uint64_t *span_ms)
{
    struct crash_loop *loop = find(loops, name);
    if (!loop || loop->went_ms[loop->next] == 0)
        return false;
    *span_ms = last_went_ms(loop) - loop->went_ms[loop->next];
    bool is_often = now_ms - loop->went_ms[loop->next] <= CRASH_LOOPS_MS;
    bool is_new = loop->told_ms == 0 || now_ms - loop->told_ms >= CRASH_LOOPS_TOLD_MS;
    if (is_often && is_new)
        loop->told_ms = now_ms;
    return is_often && is_new;
}

void crash_loops_fini(struct crash_loops *loops)
{
    for (unsigned i = 0; i < loops->count; i++)
        free(loops->items[i].name);
    free(loops->items);
    *loops = (struct crash_loops){0};
}
