#include "lb/follow/sign_of_life.h"

#include <string.h>

#include "lb/contract/key.h"
#include "lb/contract/limits.h"

void sign_of_life_fini(struct sign_of_life *life)
{
    json_decref(life->events);
    json_decref(life->resyncs);
    obstacle_clear(&life->obstacle);
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

static bool is_sentence(const json_t *text, size_t least_bytes)
{
    size_t len = json_string_length(text);
    return json_is_string(text) && len >= least_bytes && len <= LIMITS_OBSTACLE_BYTES_MAX;
}

/* Fails: false; what comes from outside is bounded. */
static bool read_obstacle(const json_t *alive, struct obstacle *out)
{
    const json_t *given = json_object_get(alive, KEY_OBSTACLE);
    const json_t *why = json_object_get(given, KEY_WHY);
    const json_t *remedy = json_object_get(given, KEY_REMEDY);
    if (!given)
        return true;
    if (!is_sentence(why, 1) || !is_sentence(remedy, 0))
        return false;
    obstacle_set(out, json_string_value(why), json_string_value(remedy),
                 get_time_ns(given, KEY_SINCE_NS));
    return true;
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
    if (!read_obstacle(alive, &obstacle)) {
        text_appendf(problem, "alive.obstacle: want why and remedy as strings of at most %u bytes",
                     LIMITS_OBSTACLE_BYTES_MAX);
        return false;
    }
    sign_of_life_fini(life);
    *life = (struct sign_of_life){.obstacle = obstacle,
                                  .is_obstacle_told = obstacle_is_set(&obstacle),
                                  .events = json_incref(events),
                                  .resyncs = json_incref(resyncs),
                                  .is_connected = json_is_true(connected),
                                  .last_event_ns = get_time_ns(alive, KEY_LAST_EVENT_NS),
                                  .last_sync_ns = get_time_ns(alive, KEY_LAST_SYNC_NS)};
    return true;
}
