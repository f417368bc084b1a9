#include "lb/observe/exemplars.h"

#include <string.h>

/* The order in which others see it: the odd turn before anything of the new value, the even one after all of it. */
static void put(counter64 *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_release);
}

static uint64_t get(const counter64 *word)
{
    return atomic_load_explicit(word, memory_order_acquire);
}

static unsigned place_of(unsigned bucket)
{
    return bucket / 5;
}

_Static_assert(HISTOGRAM_BOUND_COUNT / 5 == EXEMPLARS_PLACE_COUNT - 1, "each bucket has a place");

static void note_at(struct exemplars_place *place, struct view trace_id, uint64_t value_ns,
                    uint64_t wall_ns)
{
    uint64_t words[EXEMPLARS_TRACE_BYTES / sizeof(uint64_t)];
    uint64_t turn = counter_get(&place->turn);
    memcpy(words, trace_id.ptr, sizeof(words));
    put(&place->turn, turn + 1);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        put(&place->trace[i], words[i]);
    put(&place->value_ns, value_ns);
    put(&place->wall_ns, wall_ns);
    put(&place->turn, turn + 2);
}

void exemplars_note(struct exemplars *exemplars, unsigned bucket, struct view trace_id,
                    uint64_t value_ns, uint64_t wall_ns)
{
    if (trace_id.len == EXEMPLARS_TRACE_BYTES)
        note_at(&exemplars->places[place_of(bucket)], trace_id, value_ns, wall_ns);
}

static bool read_at(const struct exemplars_place *place, struct exemplar *exemplar)
{
    uint64_t words[EXEMPLARS_TRACE_BYTES / sizeof(uint64_t)];
    uint64_t turn = get(&place->turn);
    if (turn == 0 || turn % 2 == 1)
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        words[i] = get(&place->trace[i]);
    exemplar->value_ns = get(&place->value_ns);
    exemplar->wall_ns = get(&place->wall_ns);
    memcpy(exemplar->trace_id, words, sizeof(words));
    exemplar->trace_id[EXEMPLARS_TRACE_BYTES] = '\0';
    return get(&place->turn) == turn;
}

bool exemplars_read(const struct exemplars *exemplars, unsigned bucket, struct exemplar *exemplar)
{
    return read_at(&exemplars->places[place_of(bucket)], exemplar) &&
           histogram_bucket(exemplar->value_ns) == bucket;
}

void exemplars_merge(struct exemplars *sum, const struct exemplars *from)
{
    for (unsigned i = 0; i < EXEMPLARS_PLACE_COUNT; i++) {
        struct exemplar mine, other;
        if (!read_at(&from->places[i], &other))
            continue;
        if (!read_at(&sum->places[i], &mine) || mine.wall_ns < other.wall_ns)
            note_at(&sum->places[i], view_of(other.trace_id, EXEMPLARS_TRACE_BYTES), other.value_ns,
                    other.wall_ns);
    }
}
