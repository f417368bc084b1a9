#include "lb/follow/recent.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

void recent_note(struct recent *recent, const struct endpoint *endpoint, enum endpoint_state before)
{
    uint64_t number = ++recent->last_number;
    struct recent_change *change = &recent->changes[number % RECENT_COUNT];
    free(change->name);
    *change = (struct recent_change){.number = number,
                                     .time_ns = clock_wall_ns(),
                                     .name = memory_copy(endpoint->name, strlen(endpoint->name)),
                                     .before = before,
                                     .after = endpoint_state(endpoint)};
    if (change->after == ENDPOINT_GONE)
        return; /* the cause that it has is that of its last state */
    memcpy(change->problem, endpoint->problem, sizeof(change->problem));
    memcpy(change->cause, endpoint->cause, sizeof(change->cause));
}

static void write_change(struct json_writer *json, const struct recent_change *change)
{
    char time[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_uint(json, "number", change->number);
    json_writer_field_str(json, "time", clock_format(change->time_ns, time));
    json_writer_field_str(json, "name", change->name);
    json_writer_field_str(json, "before", endpoint_state_word(change->before));
    json_writer_field_str(json, "after", endpoint_state_word(change->after));
    json_writer_field_str(json, "cause", change->cause);
    json_writer_field_str(json, "problem", change->problem);
    json_writer_end_object(json);
}

void recent_write(const struct recent *recent, struct json_writer *json)
{
    uint64_t last = recent->last_number;
    json_writer_begin_array(json);
    for (uint64_t i = 0; i < RECENT_COUNT && i < last; i++)
        write_change(json, &recent->changes[(last - i) % RECENT_COUNT]);
    json_writer_end_array(json);
}

void recent_fini(struct recent *recent)
{
    for (unsigned i = 0; i < RECENT_COUNT; i++)
        free(recent->changes[i].name);
    *recent = (struct recent){0};
}
