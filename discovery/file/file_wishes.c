#include "discovery/file/file_wishes.h"

#include <stdio.h>

#include "discovery/file/file_words.h"
#include "lb/contract/key.h"

/* ---- values --------------------------------------------------------------------------------- */

/* A number is as good as the text of it, and so is a yes. */
static bool read_text(const struct file_place *place, const json_t *json, struct arena *arena,
                      struct view *out)
{
    char digits[24];
    if (json_is_string(json)) {
        *out = view_of(json_string_value(json), json_string_length(json));
        return true;
    }
    if (json_is_boolean(json)) {
        *out = view_str(json_is_true(json) ? "on" : "off");
        return true;
    }
    if (!json_is_integer(json))
        return file_place_refuse(place, "a string, a number, true or false is needed");
    snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    *out = arena_copy(arena, view_str(digits));
    return true;
}

/* Where the word stands, or NULL; `at` is where that is. */
static const json_t *find(const struct file_place *place, const json_t *json, const char *word,
                          struct file_place *at)
{
    const json_t *options = json_object_get(json, KEY_OPTIONS);
    const json_t *within = json_object_get(options, word);
    struct file_place in_options = file_place_in_key(place, KEY_OPTIONS);
    *at = file_place_in_key(within ? &in_options : place, word);
    return within ? within : json_object_get(json, word);
}

static bool check_once(const struct file_place *place, const json_t *json, const char *word)
{
    struct file_place at = file_place_in_key(place, word);
    bool is_twice =
        json_object_get(json, word) && json_object_get(json_object_get(json, KEY_OPTIONS), word);
    return !is_twice || file_place_refuse(&at, "it stands in options as well; give one of them");
}

/* An empty value: it is not given. */
static bool read_value(const struct file_place *place, const json_t *json, const char *word,
                       struct arena *arena, struct view *out, struct file_place *at)
{
    const json_t *value = find(place, json, word, at);
    *out = view_of("", 0);
    if (!check_once(place, json, word))
        return false;
    return !value || read_text(at, value, arena, out);
}

/* `place: rate "x" is no rate; … is accepted` */
static bool refuse(const struct file_place *place, struct text *problem)
{
    file_place_refuse(place, "%s", text_str(problem));
    text_fini(problem);
    return false;
}

static bool check_object(const struct file_place *place, const json_t *json)
{
    struct file_place at = file_place_in_key(place, KEY_OPTIONS);
    const json_t *options = json_object_get(json, KEY_OPTIONS);
    return !options || json_is_object(options) || file_place_refuse(&at, "an object is needed");
}

static unsigned tell_unknown(const struct file_place *place, const json_t *json,
                             enum file_object object, const char *consequence)
{
    struct file_place at = file_place_in_key(place, KEY_OPTIONS);
    return file_words_tell_unknown(&at, object, json_object_get(json, KEY_OPTIONS), consequence);
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool is_given(const json_t *json, const char *word)
{
    return json_object_get(json, word) || json_object_get(json_object_get(json, KEY_OPTIONS), word);
}

static bool read_option(const struct file_place *place, const json_t *json, struct arena *arena,
                        struct route_option *option)
{
    struct file_place at;
    struct text problem = TEXT_INIT;
    if (!read_value(place, json, route_option_word(option->kind), arena, &option->value, &at))
        return false;
    return route_option_check(option, &problem) || refuse(&at, &problem);
}

static bool read_options(const struct file_place *place, const json_t *json, struct arena *arena,
                         struct route *out)
{
    struct route_option options[ROUTE_OPTION_COUNT];
    unsigned count = 0;
    for (unsigned kind = 0; kind < ROUTE_OPTION_COUNT; kind++) {
        options[count].kind = (enum route_option_kind)kind;
        if (!is_given(json, route_option_word(options[count].kind)))
            continue;
        if (!read_option(place, json, arena, &options[count++]))
            return false;
    }
    if (count == 0)
        return true;
    out->options =
        (const void *)arena_copy(arena, view_of((const char *)options, count * sizeof(options[0])))
            .ptr;
    out->option_count = count;
    return true;
}

static bool read_share(const struct file_place *place, const json_t *json, struct route_share *out)
{
    const json_t *service = json_object_get(json, KEY_SERVICE);
    const json_t *weight = json_object_get(json, KEY_WEIGHT);
    json_int_t number = json_integer_value(weight);
    if (!json_is_string(service) || !json_is_integer(weight) || number < 0 ||
        number > ROUTE_WEIGHT_MAX)
        return file_place_refuse(place, "a service and a weight from 0 to 1000000 are needed");
    *out = (struct route_share){
        .service = view_of(json_string_value(service), json_string_length(service)),
        .weight = (unsigned)number};
    return true;
}

static bool read_shares(const struct file_place *place, const json_t *json, struct arena *arena,
                        struct route *out, bool *has_unknown)
{
    const json_t *array = json_object_get(json, KEY_SHARES);
    struct file_place at = file_place_in_key(place, KEY_SHARES);
    size_t count = json_array_size(array);
    if (!array)
        return true;
    if (!json_is_array(array) || count == 0 || count > ROUTE_SHARES_MAX)
        return file_place_refuse(&at, "an array of 1 to %u is needed", ROUTE_SHARES_MAX);
    struct route_share *shares = arena_new(arena, count * sizeof(*shares));
    for (size_t i = 0; i < count; i++) {
        const json_t *share = json_array_get(array, i);
        struct file_place at_share = file_place_in_item(&at, i);
        if (!read_share(&at_share, share, &shares[i]))
            return false;
        if (file_words_tell_unknown(&at_share, FILE_SHARE, share, FILE_WORDS_CLOSED) > 0)
            *has_unknown = true;
    }
    out->shares = shares;
    out->share_count = (unsigned)count;
    if (out->service.len == 0)
        out->service = shares[0].service;
    return true;
}

bool file_wishes_read_route(const struct file_place *place, const json_t *json, struct arena *arena,
                            struct route *out, bool *has_unknown)
{
    if (!check_object(place, json) || !read_options(place, json, arena, out) ||
        !read_shares(place, json, arena, out, has_unknown))
        return false;
    if (tell_unknown(place, json, FILE_ROUTE_OPTIONS, FILE_WORDS_CLOSED) > 0)
        *has_unknown = true;
    return true;
}

/* ---- services ------------------------------------------------------------------------------- */

bool file_wishes_read_service(const struct file_place *place, const json_t *json,
                              struct arena *arena, struct service_options *out)
{
    if (!check_object(place, json))
        return false;
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        struct file_place at;
        struct text problem = TEXT_INIT;
        struct view *value = &out->values[kind];
        const char *word = service_option_word((enum service_option_kind)kind);
        if (!is_given(json, word))
            continue;
        if (!read_value(place, json, word, arena, value, &at))
            return false;
        if (!service_option_check((enum service_option_kind)kind, *value, &problem))
            return refuse(&at, &problem);
    }
    tell_unknown(place, json, FILE_SERVICE_OPTIONS, "it does nothing");
    return true;
}
