#include "lb/follow/sign_of_life.h"

#include <string.h>

#include "lb/contract/key.h"
#include "lb/contract/limits.h"

void sign_of_life_fini(struct sign_of_life *life)
{
    json_decref(life->events);
    json_decref(life->resyncs);
    obstacle_clear(&life->obstacle);
    life_source_fini_all(life->sources, life->source_count);
    *life = (struct sign_of_life){0};
}

/* Each word becomes a label, so there may not be many of them. */
static bool check_counts(json_t *counts)
{
    const char *word;
    json_t *count;
    if (!json_is_object(counts) || json_object_size(counts) > LIMITS_WORDS_MAX)
        return false;
    json_object_foreach (counts, word, count)
        if (!json_is_integer(count) || json_integer_value(count) < 0 || word[0] == '\0' ||
            strlen(word) > LIMITS_WORD_BYTES_MAX)
            return false;
    return true;
}

/* Nanoseconds since 1970; 0 when missing or no such time. */
static uint64_t get_time_ns(const json_t *alive, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(alive, key));
    return value > 0 ? (uint64_t)value : 0;
}

bool sign_of_life_read(struct sign_of_life *life, const json_t *alive, struct text *problem)
{
    json_t *connected = json_object_get(alive, KEY_CONNECTED);
    json_t *events = json_object_get(alive, KEY_EVENTS);
    json_t *resyncs = json_object_get(alive, KEY_RESYNCS);
    if (!json_is_boolean(connected)) {
        text_append_str(problem, "alive.connected: want true or false");
        return false;
    }
    if (!check_counts(events) || !check_counts(resyncs)) {
        text_appendf(problem, "alive.%s: want at most %u words with counts",
                     check_counts(events) ? "resyncs" : "events", LIMITS_WORDS_MAX);
        return false;
    }
    struct obstacle obstacle = {0};
    struct life_source sources[LIFE_SOURCE_MAX];
    unsigned source_count;
    if (!life_source_read_obstacle(alive, &obstacle)) {
        text_appendf(problem, "alive.obstacle: want why and remedy as strings of at most %u bytes",
                     LIMITS_OBSTACLE_BYTES_MAX);
        return false;
    }
    if (!life_source_read_all(alive, sources, &source_count)) {
        text_appendf(problem,
                     "alive.sources: want at most %u objects with a word and what it is "
                     "followed by",
                     LIFE_SOURCE_MAX);
        obstacle_clear(&obstacle);
        return false;
    }
    sign_of_life_fini(life);
    *life = (struct sign_of_life){.obstacle = obstacle,
                                  .source_count = source_count,
                                  .is_obstacle_told = obstacle_is_set(&obstacle),
                                  .events = json_incref(events),
                                  .resyncs = json_incref(resyncs),
                                  .is_connected = json_is_true(connected),
                                  .last_event_ns = get_time_ns(alive, KEY_LAST_EVENT_NS),
                                  .last_sync_ns = get_time_ns(alive, KEY_LAST_SYNC_NS)};
    memcpy(life->sources, sources, source_count * sizeof(sources[0]));
    return true;
}
