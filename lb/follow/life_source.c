#include "lb/follow/life_source.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"

#define REGISTER "register"

/* Nanoseconds since 1970; 0 when missing or no such time. */
static uint64_t get_time_ns(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static bool is_sentence(const json_t *text, size_t least_bytes)
{
    size_t len = json_string_length(text);
    return json_is_string(text) && len >= least_bytes && len <= LIMITS_OBSTACLE_BYTES_MAX;
}

bool life_source_read_obstacle(const json_t *object, struct obstacle *out)
{
    const json_t *given = json_object_get(object, KEY_OBSTACLE);
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

/* It becomes a label. */
static bool is_word(const json_t *text)
{
    const char *word = json_string_value(text);
    size_t len = json_string_length(text);
    for (size_t i = 0; i < len; i++)
        if (word[i] < 'a' || word[i] > 'z')
            return false;
    return len > 0 && len < LIFE_SOURCE_WORD_BYTES;
}

static bool read_one(const json_t *given, struct life_source *out)
{
    const json_t *word = json_object_get(given, KEY_SOURCE);
    const json_t *connected = json_object_get(given, KEY_CONNECTED);
    if (!is_word(word) || !json_is_boolean(connected))
        return false;
    snprintf(out->word, sizeof(out->word), "%s", json_string_value(word));
    out->is_connected = json_is_true(connected);
    out->last_sync_ns = get_time_ns(given, KEY_LAST_SYNC_NS);
    return life_source_read_obstacle(given, &out->obstacle);
}

bool life_source_read_all(const json_t *alive, struct life_source out[LIFE_SOURCE_MAX],
                          unsigned *count)
{
    const json_t *given = json_object_get(alive, KEY_SOURCES);
    bool is_good = !given || (json_is_array(given) && json_array_size(given) <= LIFE_SOURCE_MAX);
    *count = 0;
    for (size_t i = 0; is_good && i < json_array_size(given); i++) {
        out[i] = (struct life_source){0};
        is_good = read_one(json_array_get(given, i), &out[i]);
        ++*count;
    }
    if (!is_good) {
        life_source_fini_all(out, *count);
        *count = 0;
    }
    return is_good;
}

void life_source_fini_all(struct life_source *sources, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        obstacle_clear(&sources[i].obstacle);
}

void life_source_append(const struct life_source *source, struct text *out)
{
    char time[CLOCK_TEXT_BYTES];
    if (strcmp(source->word, REGISTER) == 0)
        text_append_str(out, "what runs here is not registered");
    else
        text_appendf(out, "%s is not followed", source->word);
    if (source->obstacle.since_ns)
        text_appendf(out, " since %s", clock_format(source->obstacle.since_ns, time));
    if (source->last_sync_ns)
        text_appendf(out, ", what it told until %s stays in use",
                     clock_format(source->last_sync_ns, time));
    text_append_str(out, ": ");
    obstacle_append(&source->obstacle, out);
}

void life_source_write(const struct life_source *source, struct json_writer *json)
{
    char time[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_str(json, "source", source->word);
    json_writer_field_bool(json, "connected", source->is_connected);
    if (source->last_sync_ns)
        json_writer_field_str(json, "last_sync", clock_format(source->last_sync_ns, time));
    obstacle_write(&source->obstacle, json);
    json_writer_end_object(json);
}
