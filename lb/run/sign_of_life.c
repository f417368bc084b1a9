#include "lb/run/sign_of_life.h"

#include <string.h>

void sign_of_life_fini(struct sign_of_life *life)
{
    json_decref(life->events);
    json_decref(life->resyncs);
    *life = (struct sign_of_life){0};
}

/* Each word becomes a label, so there may not be many of them. */
static bool check_counts(json_t *counts)
{
    const char *word;
    json_t *count;
    if (!json_is_object(counts) || json_object_size(counts) > SIGN_OF_LIFE_WORDS_MAX)
        return false;
    json_object_foreach(counts, word,
                        count) if (!json_is_integer(count) || json_integer_value(count) < 0 ||
                                   word[0] == '\0' ||
                                   strlen(word) > SIGN_OF_LIFE_WORD_BYTES_MAX) return false;
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
    json_t *connected = json_object_get(alive, "connected");
    json_t *events = json_object_get(alive, "events");
    json_t *resyncs = json_object_get(alive, "resyncs");
    if (!json_is_boolean(connected)) {
        text_append_str(problem, "alive.connected: want true or false");
        return false;
    }
    if (!check_counts(events) || !check_counts(resyncs)) {
        text_appendf(problem, "alive.%s: want at most %u words with counts",
                     check_counts(events) ? "resyncs" : "events", SIGN_OF_LIFE_WORDS_MAX);
        return false;
    }
    sign_of_life_fini(life);
    *life = (struct sign_of_life){.events = json_incref(events),
                                  .resyncs = json_incref(resyncs),
                                  .is_connected = json_is_true(connected),
                                  .last_event_ns = get_time_ns(alive, "last_event_ns"),
                                  .last_sync_ns = get_time_ns(alive, "last_sync_ns")};
    return true;
}
