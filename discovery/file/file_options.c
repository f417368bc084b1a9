#include "discovery/file/file_options.h"

#include <inttypes.h>
#include <stdio.h>

#include "discovery/field.h"
#include "discovery/file/file_words.h"
#include "lb/base/shown.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"

static bool refuse(const struct file_place *place, const char *key, const char *what)
{
    struct file_place at = file_place_in_key(place, key);
    return file_place_refuse(&at, "%s", what);
}

/* ---- checks --------------------------------------------------------------------------------- */

/* A number is as good as the text of it. */
static const char *text_of(const json_t *value, char digits[24])
{
    if (!json_is_integer(value))
        return json_is_string(value) ? json_string_value(value) : "";
    snprintf(digits, 24, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return digits;
}

static bool read_check(const struct file_place *place, const json_t *json, struct check *check)
{
    const char *word;
    char digits[24];
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    file_words_tell_unknown(place, FILE_CHECK, json, "it does nothing");
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        const json_t *value = json_object_get(json, word);
        if (value && !check_set(check, view_str(word), view_str(text_of(value, digits))))
            return refuse(place, word, check_accepted(view_str(word)));
    }
    return true;
}

/* ---- times ---------------------------------------------------------------------------------- */

/* As the label has it, or in milliseconds as the line has it. */
static bool read_time(const struct file_place *place, const json_t *json, const char *word,
                      const char *key_ms, bool *is_given, unsigned *ms)
{
    const json_t *text = json_object_get(json, word);
    const json_t *number = json_object_get(json, key_ms);
    json_int_t count = json_is_integer(number) ? json_integer_value(number) : -1;
    bool is_off = json_is_false(text) || (json_is_integer(text) && json_integer_value(text) == 0);
    if (text && number)
        return refuse(place, key_ms, "it says the same as the word with a dash; give one of them");
    if (text && !is_off && !waits_parse(view_str(field_str(json, word)), ms))
        return refuse(place, word,
                      "\"off\", or a time up to 24h, for example \"90s\", is accepted");
    if (number && (count < 0 || count > LIMITS_WAIT_MS_MAX))
        return refuse(place, key_ms, "a number from 0 (none) to 86400000 is accepted");
    if (number)
        *ms = (unsigned)count;
    else if (is_off)
        *ms = 0;
    *is_given = *is_given || text || number;
    return true;
}

static bool read_times(const struct file_place *place, const json_t *json,
                       struct file_options *options)
{
    static const char *const words[WAIT_COUNT] = {
        [WAIT_RESPONSE] = "response-timeout",
        [WAIT_BODY] = "body-timeout",
        [WAIT_STREAM] = "stream-timeout",
    };
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++)
        if (!read_time(place, json, words[wait], waits_key(wait), &options->waits.is_given[wait],
                       &options->waits.ms[wait]))
            return false;
    return read_time(place, json, "slow-start", KEY_SLOW_START_MS, &options->has_slow_start,
                     &options->slow_start_ms);
}

/* ---- the others ----------------------------------------------------------------------------- */

static bool read_weight(const struct file_place *place, const json_t *json,
                        struct file_options *options)
{
    json_int_t weight = field_int(json, KEY_WEIGHT, -1);
    if (!json_object_get(json, KEY_WEIGHT))
        return true;
    if (weight < 0 || weight > LIMITS_WEIGHT_MAX)
        return refuse(place, KEY_WEIGHT, "a number from 0 (drains) to 256 is accepted");
    options->drains = weight == 0;
    options->weight = weight > 0 ? (unsigned)weight : 1;
    return true;
}

/* True too where it is not there. */
static bool read_yes(const struct file_place *place, const json_t *json, const char *word,
                     enum waits_choice *out)
{
    const json_t *value = json_object_get(json, word);
    if (!value)
        return true;
    if (!json_is_boolean(value))
        return refuse(place, word, "true or false is accepted");
    *out = json_is_true(value) ? WAITS_YES : WAITS_NO;
    return true;
}

static bool read_max_inflight(const struct file_place *place, const json_t *json, const char *word,
                              struct capacity *capacity)
{
    const json_t *value = json_object_get(json, word);
    json_int_t count = json_is_integer(value) ? json_integer_value(value) : -1;
    bool is_off = json_is_false(value) || strcmp(field_str(json, word), "off") == 0;
    if (!value)
        return true;
    if (!is_off && (count < 0 || count > (json_int_t)CAPACITY_INFLIGHT_MAX))
        return refuse(place, word, CAPACITY_MAX_INFLIGHT_ACCEPTED);
    capacity->has_max_inflight = true;
    capacity->max_inflight = is_off ? 0 : (unsigned)count;
    return true;
}

static bool read_capacity(const struct file_place *place, const json_t *json,
                          struct capacity *capacity)
{
    enum waits_choice keeps = WAITS_UNSAID;
    if (json_object_get(json, "max-inflight") && json_object_get(json, KEY_MAX_INFLIGHT))
        return refuse(place, KEY_MAX_INFLIGHT,
                      "it says the same as the word with a dash; give one of them");
    if (!read_max_inflight(place, json, "max-inflight", capacity) ||
        !read_max_inflight(place, json, KEY_MAX_INFLIGHT, capacity) ||
        !read_yes(place, json, KEY_KEEPALIVE, &keeps))
        return false;
    if (keeps)
        capacity->keepalive = keeps == WAITS_YES ? CAPACITY_YES : CAPACITY_NO;
    return true;
}

bool file_options_read(const struct file_place *place, const json_t *json,
                       struct file_options *options)
{
    const json_t *check = json_object_get(json, KEY_CHECK);
    struct file_place at = file_place_in_key(place, KEY_CHECK);
    enum waits_choice drains = WAITS_UNSAID;
    if (!read_weight(place, json, options) || !read_yes(place, json, "drain", &drains) ||
        !read_times(place, json, options) ||
        !read_yes(place, json, "abort-on-close", &options->waits.aborts_on_close) ||
        !read_yes(place, json, WAITS_ABORT_KEY, &options->waits.aborts_on_close) ||
        !read_capacity(place, json, &options->capacity))
        return false;
    if (drains)
        options->drains = drains == WAITS_YES;
    options->has_check = options->has_check || check;
    return !check || read_check(&at, check, &options->check);
}
