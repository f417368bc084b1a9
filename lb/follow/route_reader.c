#include "lb/follow/route_reader.h"

#include <limits.h>

#include "lb/base/shown.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_check.h"

/* How far ahead of where it is expected an object is looked for: so many may go in one place before
 * those behind them are read again. */
#define SEARCH_STEPS 64u

#define HELD_STATUS    503
#define SENTENCE_BYTES 256u
#define SHOWN_BYTES    64u

static bool refuse(struct text *problem, size_t index, const char *field, const char *want)
{
    text_appendf(problem, "routes[%zu].%s: want %s", index, field, want);
    return false;
}

static struct view string_of(const json_t *value)
{
    return view_of(json_string_value(value), json_string_length(value));
}

/* Leaves what is not there as it is. */
static bool take_text(const json_t *object, size_t index, const char *key, struct view *out,
                      struct text *problem)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return true;
    *out = string_of(value);
    return json_is_string(value) && out->len <= LIMITS_NAME_BYTES_MAX * 4
               ? true
               : refuse(problem, index, key, "a string of at most 2048 bytes");
}

static bool take_number(const json_t *object, size_t index, const char *key, int *out,
                        struct text *problem)
{
    const json_t *value = json_object_get(object, key);
    json_int_t number = json_integer_value(value);
    if (!value)
        return true;
    if (!json_is_integer(value) || number < INT_MIN || number > INT_MAX)
        return refuse(problem, index, key, "an integer of 32 bits");
    *out = (int)number;
    return true;
}

/* ---- host, path and conditions --------------------------------------------------------------- */

static bool take_patterns(const json_t *object, size_t index, struct route *route,
                          struct text *problem)
{
    for (unsigned kind = 0; kind < ROUTE_KIND_COUNT; kind++) {
        const char *word = route_kind_word((enum route_kind)kind);
        const json_t *value = json_object_get(object, word);
        struct route_condition condition = {.kind = (enum route_kind)kind,
                                            .value = string_of(value)};
        if (!value)
            continue;
        if (!json_is_string(value) || condition.value.len == 0)
            return refuse(problem, index, word, "a string that is not empty");
        if (!route_place(route, &condition))
            return refuse(problem, index, word, "one host and one path; others are conditions");
    }
    return true;
}

static bool take_condition(const json_t *object, size_t index, struct route_condition *out,
                           struct text *problem)
{
    const json_t *not = json_object_get(object, KEY_NOT);
    const json_t *value = json_object_get(object, KEY_VALUE);
    out->kind = route_kind_parse(string_of(json_object_get(object, KEY_KIND)));
    out->name = string_of(json_object_get(object, KEY_NAME));
    out->value = string_of(value);
    out->is_not = json_is_true(not );
    if (out->kind == ROUTE_KIND_COUNT || !json_is_string(value) || (not &&!json_is_boolean(not )))
        return refuse(problem, index, KEY_CONDITIONS,
                      "objects of a known kind with a value, and perhaps name and not");
    return true;
}

static bool take_conditions(const json_t *object, size_t index, struct route *route,
                            struct arena *arena, struct text *problem)
{
    const json_t *array = json_object_get(object, KEY_CONDITIONS);
    size_t count = json_array_size(array);
    if ((array && !json_is_array(array)) || count > ROUTE_CONDITIONS_MAX)
        return refuse(problem, index, KEY_CONDITIONS, "an array of at most 32");
    struct route_condition *conditions =
        count > 0 ? arena_new(arena, count * sizeof(*conditions)) : NULL;
    for (size_t i = 0; i < count; i++)
        if (!take_condition(json_array_get(array, i), index, &conditions[i], problem))
            return false;
    route->conditions = conditions;
    route->condition_count = (unsigned)count;
    return true;
}

/* ---- options and shares --------------------------------------------------------------------- */

/* What is not done as it is asked for serves nobody: a later lb-discovery may know more than this lb. */
static void hold(struct route *route, struct arena *arena, const char *sentence)
{
    route->options = NULL;
    route->option_count = 0;
    route->answer_status = HELD_STATUS;
    route->why = arena_copy(arena, view_str(sentence));
}

static void hold_for_unknown(const json_t *options, struct route *route, struct arena *arena)
{
    json_t *given = (json_t *)(uintptr_t)options; /* jansson's iterators take no const */
    struct text sentence = TEXT_INIT;
    text_append_str(&sentence, "it asks for what this lb does not know:");
    for (void *i = json_object_iter(given); i; i = json_object_iter_next(given, i)) {
        struct view word = view_str(json_object_iter_key(i));
        if (route_option_parse(word) < ROUTE_OPTION_COUNT || sentence.len > SENTENCE_BYTES)
            continue;
        text_append_char(&sentence, ' ');
        shown_append(&sentence, view_of(word.ptr, word.len < SHOWN_BYTES ? word.len : SHOWN_BYTES));
    }
    hold(route, arena, text_str(&sentence));
    text_fini(&sentence);
}

/* False: the route is held. */
static bool check_option(const struct route_option *option, struct route *route,
                         struct arena *arena)
{
    struct text problem = TEXT_INIT;
    bool is_good = route_option_check(option, &problem);
    if (!is_good)
        hold(route, arena, text_str(&problem));
    text_fini(&problem);
    return is_good;
}

/* By kind, so they are sorted. */
static void read_options(const json_t *given, struct route *route, struct arena *arena)
{
    struct route_option *options = arena_new(arena, ROUTE_OPTION_COUNT * sizeof(*options));
    unsigned count = 0;
    for (unsigned kind = 0; kind < ROUTE_OPTION_COUNT; kind++) {
        const json_t *value =
            json_object_get(given, route_option_word((enum route_option_kind)kind));
        options[count] = (struct route_option){(enum route_option_kind)kind, string_of(value)};
        if (value && !check_option(&options[count], route, arena))
            return;
        count += value != NULL;
    }
    route->options = options;
    route->option_count = count;
    if (count < json_object_size(given))
        hold_for_unknown(given, route, arena);
}

static bool take_options(const json_t *object, size_t index, struct route *route,
                         struct arena *arena, struct text *problem)
{
    const json_t *given = json_object_get(object, KEY_OPTIONS);
    if (given && !json_is_object(given))
        return refuse(problem, index, KEY_OPTIONS, "an object of strings");
    if (json_object_size(given) > 0)
        read_options(given, route, arena);
    return true;
}

static bool take_shares(const json_t *object, size_t index, struct route *route,
                        struct arena *arena, struct text *problem)
{
    const json_t *array = json_object_get(object, KEY_SHARES);
    size_t count = json_array_size(array);
    if ((array && !json_is_array(array)) || count > ROUTE_SHARES_MAX)
        return refuse(problem, index, KEY_SHARES, "an array of at most 16");
    struct route_share *shares = count > 0 ? arena_new(arena, count * sizeof(*shares)) : NULL;
    for (size_t i = 0; i < count; i++) {
        const json_t *share = json_array_get(array, i);
        const json_t *weight = json_object_get(share, KEY_WEIGHT);
        json_int_t number = json_integer_value(weight);
        shares[i].service = string_of(json_object_get(share, KEY_SERVICE));
        shares[i].weight = (unsigned)number;
        if (!json_is_integer(weight) || number < 0 || number > ROUTE_WEIGHT_MAX)
            return refuse(problem, index, KEY_SHARES, "a service and a weight in each");
    }
    route->shares = shares;
    route->share_count = (unsigned)count;
    return true;
}

/* ---- one route ------------------------------------------------------------------------------- */

static bool take_order(const json_t *object, size_t index, struct route *route,
                       struct text *problem)
{
    json_int_t created_ns = json_integer_value(json_object_get(object, KEY_CREATED_NS));
    route->created_ns = created_ns > 0 ? (uint64_t)created_ns : 0;
    route->is_ranked = json_object_get(object, KEY_RANK) != NULL;
    return take_number(object, index, KEY_PRIORITY, &route->priority, problem) &&
           take_number(object, index, KEY_RANK, &route->rank, problem);
}

static bool take_texts(const json_t *object, size_t index, struct route *route,
                       struct text *problem)
{
    const struct {
        const char *key;
        struct view *text;
    } texts[] = {
        {KEY_SERVICE, &route->service},     {KEY_WHY, &route->why},
        {KEY_STRIP, &route->strip},         {KEY_ADD, &route->add},
        {KEY_DIALECT, &route->dialect},     {KEY_LABEL, &route->label},
        {KEY_CONTAINER, &route->container}, {KEY_CONTAINER_NAME, &route->name},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!take_text(object, index, texts[i].key, texts[i].text, problem))
            return false;
    return true;
}

static bool read_route(const json_t *object, size_t index, struct route *route, struct arena *arena,
                       struct text *problem)
{
    int answer = 0;
    if (!json_is_object(object))
        return refuse(problem, index, KEY_SERVICE, "objects in routes");
    if (!take_patterns(object, index, route, problem) ||
        !take_conditions(object, index, route, arena, problem) ||
        !take_order(object, index, route, problem) || !take_texts(object, index, route, problem) ||
        !take_shares(object, index, route, arena, problem) ||
        !take_number(object, index, KEY_ANSWER, &answer, problem))
        return false;
    route->answer_status = answer > 0 ? (unsigned)answer : 0;
    if (!take_options(object, index, route, arena, problem))
        return false;
    struct text fault = TEXT_INIT;
    bool is_good = route_check(route, &fault);
    if (!is_good)
        text_appendf(problem, "routes[%zu]: %s", index, text_str(&fault));
    text_fini(&fault);
    return is_good;
}

/* ---- those of before ------------------------------------------------------------------------- */

struct reading {
    const struct route_list *before;
    size_t expected; /* the element of before that probably comes next */
    struct route_list *out;
    struct text *problem;
};

static const void *keep(struct route_list *out, const void *items, size_t size)
{
    struct view copy = arena_copy(&out->arena, view_of(items, size));
    return (const void *)copy.ptr;
}

/* As it was, which was good. */
static void keep_route(struct reading *reading, const struct rule_wanted *known)
{
    struct route_list *out = reading->out;
    struct rule_wanted *wanted = &out->wanted[out->count];
    if (known->box) {
        *wanted = (struct rule_wanted){&known->box->rule.route, rule_box_ref(known->box)};
        return;
    }
    struct route *copy = arena_new(&out->arena, sizeof(*copy));
    *copy = *known->route;
    copy->why = arena_copy(&out->arena, copy->why); /* it may be of this module */
    copy->options = keep(out, copy->options, copy->option_count * sizeof(*copy->options));
    copy->shares = keep(out, copy->shares, copy->share_count * sizeof(*copy->shares));
    copy->conditions =
        keep(out, copy->conditions, copy->condition_count * sizeof(*copy->conditions));
    wanted->route = copy;
}

static bool take_known(struct reading *reading, const json_t *object)
{
    const struct route_list *before = reading->before;
    size_t end = reading->expected + SEARCH_STEPS;
    for (size_t i = reading->expected; i < end && i < before->count; i++)
        if (json_array_get(before->array, i) == object) {
            keep_route(reading, &before->wanted[i]);
            reading->expected = i + 1;
            return true;
        }
    return false;
}

static bool read_new(struct reading *reading, const json_t *object)
{
    struct route_list *out = reading->out;
    struct route *route = arena_new(&out->arena, sizeof(*route));
    out->wanted[out->count].route = route;
    return read_route(object, out->count, route, &out->arena, reading->problem);
}

bool route_reader_read(json_t *array, const struct route_list *before, struct route_list *out,
                       struct text *problem)
{
    struct reading reading = {.before = before, .out = out, .problem = problem};
    size_t count = json_array_size(array);
    *out = (struct route_list){0};
    if ((array && !json_is_array(array)) || count > LIMITS_ROUTES_MAX) {
        text_appendf(problem, "routes: want an array of at most %u", LIMITS_ROUTES_MAX);
        return false;
    }
    out->array = json_incref(array);
    if (count > 0)
        out->wanted = arena_new(&out->arena, count * sizeof(*out->wanted));
    for (; out->count < count; out->count++) {
        const json_t *object = json_array_get(array, out->count);
        if (!take_known(&reading, object) && !read_new(&reading, object))
            return false;
    }
    return true;
}

void route_reader_forget(struct route_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        rule_box_unref(list->wanted[i].box);
    arena_fini(&list->arena);
    json_decref(list->array);
    *list = (struct route_list){0};
}
