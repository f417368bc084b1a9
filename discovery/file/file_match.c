#include "discovery/file/file_match.h"

#include <stdint.h>

#include "discovery/field.h"
#include "discovery/file/file_words.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_check.h"

#define CLOSED FILE_WORDS_CLOSED

struct reading {
    struct arena *arena;
    struct file_match *match;
    bool is_not;
};

static struct view text_of(const json_t *json)
{
    return view_of(json_string_value(json), json_string_length(json));
}

/* ---- values --------------------------------------------------------------------------------- */

static bool check(const struct file_place *place, const struct route_condition *condition)
{
    struct text problem = TEXT_INIT;
    bool is_good = condition->value.len > 0 || route_kind_has_name(condition->kind);
    if (!is_good)
        text_append_str(&problem, "it is empty; leave the word out where all will do");
    else
        is_good = route_check_condition(condition, &problem);
    bool is_nginx = view_starts_with(condition->value, VIEW("~")) &&
                    (condition->kind == ROUTE_HOST || condition->kind == ROUTE_PATH);
    if (!is_good)
        file_place_refuse(place, "%s%s%s%s", text_str(&problem),
                          is_nginx ? "; write a regular expression without the ~, as " : "",
                          is_nginx ? route_kind_word(condition->kind) : "",
                          is_nginx ? "_regex" : "");
    text_fini(&problem);
    return is_good;
}

static bool add_condition(const struct file_place *place, struct file_match *match,
                          const struct route_condition *condition)
{
    if (match->condition_count == ROUTE_CONDITIONS_MAX)
        return file_place_refuse(place, "at most %u conditions are accepted", ROUTE_CONDITIONS_MAX);
    match->conditions[match->condition_count++] = *condition;
    return true;
}

static void add_value(struct file_match_term *term, struct view value, struct arena *arena)
{
    if (term->count == term->capacity) {
        term->capacity = term->capacity > 0 ? term->capacity * 2 : 1;
        struct view *values = arena_new(arena, term->capacity * sizeof(*values));
        if (term->count > 0)
            memcpy(values, term->values, term->count * sizeof(*values));
        term->values = values;
    }
    term->values[term->count++] = value;
}

static bool take_value(const struct file_place *place, struct reading *reading,
                       struct file_match_term *term, struct view value)
{
    struct route_condition condition = {
        .kind = term->kind, .is_not = reading->is_not, .name = term->name, .value = value};
    if (!check(place, &condition))
        return false;
    if (reading->is_not)
        return add_condition(place, reading->match, &condition);
    add_value(term, value, reading->arena);
    return true;
}

/* No comma is within one of these. */
static bool is_split(enum route_kind kind)
{
    return kind == ROUTE_HOST || kind == ROUTE_METHOD || kind == ROUTE_CLIENT;
}

static bool take_text(const struct file_place *place, struct reading *reading,
                      struct file_match_term *term, const json_t *json)
{
    struct view rest = text_of(json);
    if (!json_is_string(json))
        return file_place_refuse(place, "a string, or an array of them, is needed");
    if (!is_split(term->kind))
        return take_value(place, reading, term, rest);
    do {
        struct view value = view_trim(view_cut(&rest, ','));
        if (!take_value(place, reading, term, value))
            return false;
    } while (rest.len > 0);
    return true;
}

/* ---- words ---------------------------------------------------------------------------------- */

static bool take_term(const struct file_place *place, struct reading *reading, enum route_kind kind,
                      struct view name, const json_t *json)
{
    struct file_match *match = reading->match;
    struct file_match_term ignored = {.kind = kind, .name = name}, *term = &ignored;
    if (!reading->is_not) {
        if (match->term_count == ROUTE_CONDITIONS_MAX)
            return file_place_refuse(place, "at most %u conditions are accepted",
                                     ROUTE_CONDITIONS_MAX);
        term = &match->terms[match->term_count++];
        *term = ignored;
    }
    if (!json_is_array(json))
        return take_text(place, reading, term, json);
    if (json_array_size(json) == 0)
        return file_place_refuse(place, "it is empty; leave the word out where all will do");
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct file_place at = file_place_in_item(place, i);
        if (!take_text(&at, reading, term, json_array_get(json, i)))
            return false;
    }
    return true;
}

static bool take_names(const struct file_place *place, struct reading *reading,
                       enum route_kind kind, const json_t *json)
{
    json_t *object = (json_t *)(uintptr_t)json; /* jansson's iterators take no const */
    if (!json_is_object(json))
        return file_place_refuse(place, "an object of values by names is needed");
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        const char *name = json_object_iter_key(i);
        struct file_place at = file_place_in_key(place, name);
        if (!take_term(&at, reading, kind, view_str(name), json_object_iter_value(i)))
            return false;
    }
    return true;
}

static bool take_words(const struct file_place *place, struct reading *reading, const json_t *json)
{
    for (enum route_kind kind = 0; kind < ROUTE_KIND_COUNT; kind++) {
        const char *word = route_kind_word(kind);
        const json_t *value = json_object_get(json, word);
        struct file_place at = file_place_in_key(place, word);
        if (!value)
            continue;
        if (!(route_kind_has_name(kind) ? take_names(&at, reading, kind, value)
                                        : take_term(&at, reading, kind, VIEW(""), value)))
            return false;
    }
    return true;
}

static bool take_not(const struct file_place *place, struct reading *reading, const json_t *json)
{
    struct reading inner = {.arena = reading->arena, .match = reading->match, .is_not = true};
    if (!json_is_object(json))
        return file_place_refuse(place, "an object of what must not hold is needed");
    if (file_words_tell_unknown(place, FILE_MATCH, json, CLOSED) > 0)
        reading->match->has_unknown = true;
    return take_words(place, &inner, json);
}

/* ---- conditions as lines have them ---------------------------------------------------------- */

static bool take_condition(const struct file_place *place, struct file_match *match,
                           const json_t *json)
{
    const json_t *not = json_object_get(json, KEY_NOT);
    struct route_condition condition = {
        .kind = route_kind_parse(text_of(json_object_get(json, KEY_KIND))),
        .name = text_of(json_object_get(json, KEY_NAME)),
        .value = text_of(json_object_get(json, KEY_VALUE)),
        .is_not = json_is_true(not ),
    };
    if (!json_is_string(json_object_get(json, KEY_VALUE)) || (not &&!json_is_boolean(not )))
        return file_place_refuse(place, "an object with kind, value and perhaps name and not "
                                        "(true or false) is needed");
    if (condition.kind == ROUTE_KIND_COUNT) {
        struct file_place at = file_place_in_key(place, KEY_KIND);
        file_place_remark(&at, "this kind is not known; " CLOSED);
        match->has_unknown = true;
        return true;
    }
    if (file_words_tell_unknown(place, FILE_CONDITION, json, CLOSED) > 0)
        match->has_unknown = true;
    return check(place, &condition) && add_condition(place, match, &condition);
}

static bool take_conditions(const struct file_place *place, struct file_match *match,
                            const json_t *json)
{
    if (!json_is_array(json))
        return file_place_refuse(place, "an array is needed");
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct file_place at = file_place_in_item(place, i);
        if (!take_condition(&at, match, json_array_get(json, i)))
            return false;
    }
    return true;
}

bool file_match_read(const struct file_place *place, const json_t *json, struct arena *arena,
                     struct file_match *out)
{
    struct reading reading = {.arena = arena, .match = out};
    const json_t *not = json_object_get(json, KEY_NOT);
    const json_t *conditions = json_object_get(json, KEY_CONDITIONS);
    struct file_place at_not = file_place_in_key(place, KEY_NOT);
    struct file_place at_conditions = file_place_in_key(place, KEY_CONDITIONS);
    out->has_unknown = file_words_tell_unknown(place, FILE_ROUTE, json, CLOSED) > 0;
    return take_words(place, &reading, json) && (!not || take_not(&at_not, &reading, not )) &&
           (!conditions || take_conditions(&at_conditions, out, conditions));
}

/* ---- the routes it stands for --------------------------------------------------------------- */

size_t file_match_count(const struct file_match *match)
{
    size_t count = 1;
    for (unsigned i = 0; i < match->term_count && count <= LIMITS_ROUTES_MAX; i++)
        count = match->terms[i].count <= LIMITS_ROUTES_MAX ? count * match->terms[i].count
                                                           : LIMITS_ROUTES_MAX + 1;
    return count <= LIMITS_ROUTES_MAX ? count : LIMITS_ROUTES_MAX + 1;
}

bool file_match_has_host(const struct file_match *match)
{
    for (unsigned i = 0; i < match->term_count; i++)
        if (route_kind_is_host(match->terms[i].kind))
            return true;
    for (unsigned i = 0; i < match->condition_count; i++)
        if (route_kind_is_host(match->conditions[i].kind) && !match->conditions[i].is_not)
            return true;
    return false;
}

void file_match_fill(const struct file_match *match, size_t number, struct arena *arena,
                     struct route *out)
{
    unsigned count = match->term_count + match->condition_count;
    struct route_condition *conditions = NULL;
    unsigned kept = 0;
    if (count > 0)
        conditions = arena_new(arena, count * sizeof(*conditions));
    for (unsigned i = 0; i < match->term_count; i++) {
        const struct file_match_term *term = &match->terms[i];
        struct route_condition condition = {
            .kind = term->kind, .name = term->name, .value = term->values[number % term->count]};
        number /= term->count;
        if (!route_place(out, &condition))
            conditions[kept++] = condition;
    }
    for (unsigned i = 0; i < match->condition_count; i++)
        if (!route_place(out, &match->conditions[i]))
            conditions[kept++] = match->conditions[i];
    out->conditions = conditions;
    out->condition_count = kept;
}
