#include "lb/follow/recent.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

static void forget(struct recent_change *change)
{
    free(change->name);
    free(change->service);
    free(change->id);
    *change = (struct recent_change){0};
}

static char *copy_of(const char *text)
{
    return memory_copy(text, strlen(text));
}

void recent_note(struct recent *recent, const struct endpoint *endpoint, enum endpoint_state before)
{
    uint64_t number = ++recent->last_number;
    struct recent_change *change = &recent->changes[number % RECENT_COUNT];
    forget(change);
    *change = (struct recent_change){.number = number,
                                     .time_ns = clock_wall_ns(),
                                     .name = copy_of(endpoint->name),
                                     .service = copy_of(endpoint->service),
                                     .id = copy_of(endpoint->id),
                                     .before = before,
                                     .after = endpoint_state(endpoint)};
    if (change->after == ENDPOINT_GONE)
        return; /* the cause that it has is that of its last state */
    memcpy(change->problem, endpoint->problem, sizeof(change->problem));
    memcpy(change->cause, endpoint->cause, sizeof(change->cause));
}

const struct recent_change *recent_at(const struct recent *recent, uint64_t number)
{
    const struct recent_change *change = &recent->changes[number % RECENT_COUNT];
    return number > 0 && change->number == number ? change : NULL;
}

static void write_endpoint(const struct recent_change *change, struct json_writer *json)
{
    struct text key = TEXT_INIT;
    text_appendf(&key, "%s %s", change->service, change->id);
    json_writer_field_str(json, "endpoint", text_str(&key));
    text_fini(&key);
}

void recent_write(const struct recent_change *change, struct json_writer *json)
{
    char time[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_uint(json, "number", change->number);
    json_writer_field_str(json, "time", clock_format(change->time_ns, time));
    json_writer_field_str(json, "service", change->service);
    write_endpoint(change, json);
    json_writer_field_str(json, "name", change->name);
    json_writer_field_str(json, "before", endpoint_state_word(change->before));
    json_writer_field_str(json, "after", endpoint_state_word(change->after));
    json_writer_field_str(json, "cause", change->cause);
    json_writer_field_str(json, "problem", change->problem);
    json_writer_end_object(json);
}

void recent_fini(struct recent *recent)
{
    for (unsigned i = 0; i < RECENT_COUNT; i++)
        forget(&recent->changes[i]);
    recent->last_number = 0;
}
