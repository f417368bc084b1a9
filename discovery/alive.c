#include "discovery/alive.h"

#include <stdio.h>
#include <string.h>

#include "discovery/emit.h"
#include "lb/base/json_writer.h"
#include "lb/contract/key.h"

static struct alive_event *find(struct alive *alive, const char *word)
{
    for (unsigned i = 0; i < ALIVE_WORDS_MAX - 1; i++)
        if (!alive->events[i].word[0] || strcmp(alive->events[i].word, word) == 0)
            return &alive->events[i];
    return NULL;
}

static void count_events(struct alive *alive, const char *word, uint64_t count)
{
    char clean[ALIVE_WORD_BYTES];
    snprintf(clean, sizeof(clean), "%s", word);
    for (char *c = clean; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    struct alive_event *event = find(alive, clean);
    if (!event) {
        event = &alive->events[ALIVE_WORDS_MAX - 1];
        snprintf(clean, sizeof(clean), "other");
    }
    memcpy(event->word, clean, sizeof(clean));
    event->count += count;
}

void alive_note_event(struct alive *alive, const char *word, uint64_t time_ns)
{
    count_events(alive, word, 1);
    alive->last_event_ns = time_ns;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void alive_add(struct alive *sum, const struct alive *other)
{
    sum->is_connected = sum->is_connected && other->is_connected;
    for (unsigned i = 0; i < ALIVE_WORDS_MAX; i++)
        if (other->events[i].word[0])
            count_events(sum, other->events[i].word, other->events[i].count);
    for (unsigned i = 0; i < ALIVE_RESYNC_COUNT; i++)
        sum->resyncs[i] += other->resyncs[i];
    sum->last_event_ns = later(sum->last_event_ns, other->last_event_ns);
    sum->last_sync_ns = later(sum->last_sync_ns, other->last_sync_ns);
}

static void write_events(const struct alive *alive, struct json_writer *json)
{
    json_writer_key(json, KEY_EVENTS);
    json_writer_begin_object(json);
    for (unsigned i = 0; i < ALIVE_WORDS_MAX; i++)
        if (alive->events[i].word[0])
            json_writer_field_uint(json, alive->events[i].word, alive->events[i].count);
    json_writer_end_object(json);
}

static void write_resyncs(const struct alive *alive, struct json_writer *json)
{
    static const char *const words[ALIVE_RESYNC_COUNT] = {
        [ALIVE_RESYNC_START] = "start",
        [ALIVE_RESYNC_RECONNECT] = "reconnect",
        [ALIVE_RESYNC_TIMER] = "timer",
        [ALIVE_RESYNC_CHANGE] = "change",
    };
    json_writer_key(json, KEY_RESYNCS);
    json_writer_begin_object(json);
    for (unsigned i = 0; i < ALIVE_RESYNC_COUNT; i++)
        json_writer_field_uint(json, words[i], alive->resyncs[i]);
    json_writer_end_object(json);
}

static void write_obstacle(const struct obstacle *obstacle, struct json_writer *json)
{
    json_writer_key(json, KEY_OBSTACLE);
    json_writer_begin_object(json);
    json_writer_field_str(json, KEY_WHY, text_str(&obstacle->why));
    json_writer_field_str(json, KEY_REMEDY, text_str(&obstacle->remedy));
    json_writer_field_uint(json, KEY_SINCE_NS, obstacle->since_ns);
    json_writer_end_object(json);
}

static void write_parts(const struct alive_parts *parts, struct json_writer *json)
{
    json_writer_key(json, KEY_SOURCES);
    json_writer_begin_array(json);
    for (size_t i = 0; i < parts->count; i++) {
        const struct alive_part *part = &parts->list[i];
        json_writer_begin_object(json);
        json_writer_field_str(json, KEY_SOURCE, part->word);
        json_writer_field_bool(json, KEY_CONNECTED, part->is_connected);
        json_writer_field_uint(json, KEY_LAST_SYNC_NS, part->last_sync_ns);
        if (obstacle_is_set(part->obstacle))
            write_obstacle(part->obstacle, json);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

void alive_write(const struct alive *alive, const struct obstacle *obstacle,
                 const struct alive_parts *parts, uint64_t wall_ns, struct text *line)
{
    struct json_writer json;
    text_clear(line);
    json_writer_init(&json, line);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, KEY_VERSION, EMIT_VERSION);
    json_writer_field_uint(&json, KEY_TIME_NS, wall_ns);
    json_writer_key(&json, KEY_ALIVE);
    json_writer_begin_object(&json);
    json_writer_field_bool(&json, KEY_CONNECTED, alive->is_connected);
    write_events(alive, &json);
    write_resyncs(alive, &json);
    json_writer_field_uint(&json, KEY_LAST_EVENT_NS, alive->last_event_ns);
    json_writer_field_uint(&json, KEY_LAST_SYNC_NS, alive->last_sync_ns);
    if (obstacle && obstacle_is_set(obstacle))
        write_obstacle(obstacle, &json);
    if (parts && parts->count > 1)
        write_parts(parts, &json);
    json_writer_end_object(&json);
    json_writer_end_object(&json);
    text_append_char(line, '\n');
}
