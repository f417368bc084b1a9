#include "lb/follow/newcomers.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"

#define NOBODY UINT64_MAX
#define ALWAYS 0u

static struct view string_of(const json_t *value)
{
    return view_of(json_string_value(value), json_string_length(value));
}

/* ---- services and places --------------------------------------------------------------------- */

static void append_sized(struct view bytes, struct text *out)
{
    text_appendf(out, "%zu:", bytes.len);
    text_append(out, bytes);
}

/* The service and the place. Borrowed from the text. */
static struct view claim_of(struct view service, struct view place, struct text *text)
{
    text_clear(text);
    append_sized(service, text);
    text_append(text, place);
    return text_view(text);
}

static void marks_init(struct newcomers_marks *marks, uint32_t count)
{
    name_map_init(&marks->map, count);
    marks->away_from_ms = memory_new(count * sizeof(*marks->away_from_ms));
}

static void marks_fini(struct newcomers_marks *marks)
{
    name_map_fini(&marks->map);
    free(marks->away_from_ms);
}

static void marks_add(struct newcomers_marks *marks, struct view name, struct arena *arena)
{
    if (name_map_find(&marks->map, name) != NAME_MAP_NONE)
        return;
    marks->away_from_ms[marks->count] = NOBODY;
    *name_map_add(&marks->map, arena_copy(arena, name)) = marks->count++;
}

static void marks_note(struct newcomers_marks *marks, struct view name, uint64_t away_from_ms)
{
    uint32_t number = name_map_find(&marks->map, name);
    if (number != NAME_MAP_NONE && away_from_ms < marks->away_from_ms[number])
        marks->away_from_ms[number] = away_from_ms;
}

/* Whether one is noted who was away at that time. */
static bool marks_have(const struct newcomers_marks *marks, struct view name, uint64_t time_ms)
{
    uint32_t number = name_map_find(&marks->map, name);
    uint64_t from_ms = number == NAME_MAP_NONE ? NOBODY : marks->away_from_ms[number];
    return from_ms == ALWAYS || from_ms < time_ms;
}

void newcomers_watch(struct newcomers *newcomers, struct view service, struct view place)
{
    struct text text = TEXT_INIT;
    if (service.len > 0) {
        marks_add(&newcomers->services, service, &newcomers->arena);
        marks_add(&newcomers->claims, claim_of(service, place, &text), &newcomers->arena);
    }
    text_fini(&text);
}

bool newcomers_came(const struct newcomers *newcomers, struct view service, uint64_t lost_ms)
{
    return marks_have(&newcomers->services, service, lost_ms);
}

bool newcomers_claim(const struct newcomers *newcomers, struct view service, struct view place,
                     uint64_t lost_ms)
{
    struct text text = TEXT_INIT;
    bool is_claimed = marks_have(&newcomers->claims, claim_of(service, place, &text), lost_ms);
    text_fini(&text);
    return is_claimed;
}

/* ---- rules of a container -------------------------------------------------------------------- */

static void file_rules(struct newcomers *newcomers)
{
    const struct newcomers_line *line = &newcomers->line;
    name_map_init(&newcomers->first_rule, line->rule_count);
    newcomers->next_rule = memory_new(line->rule_count * sizeof(*newcomers->next_rule));
    for (uint32_t i = 0; i < line->rule_count; i++) {
        uint32_t *first = name_map_add(&newcomers->first_rule, line->container_of(line->rules, i));
        newcomers->next_rule[i] = *first;
        *first = i;
    }
    name_map_finish(&newcomers->first_rule);
}

static void note_claims(struct newcomers *newcomers, struct view service, struct view container,
                        uint64_t away_from_ms)
{
    const struct newcomers_line *line = &newcomers->line;
    struct text text = TEXT_INIT, place = TEXT_INIT;
    uint32_t number = name_map_find(&newcomers->first_rule, container);
    for (; number != NAME_MAP_NONE; number = newcomers->next_rule[number]) {
        text_clear(&place);
        line->append_place(line->rules, number, &place);
        marks_note(&newcomers->claims, claim_of(service, text_view(&place), &text), away_from_ms);
    }
    text_fini(&place);
    text_fini(&text);
}

/* ---- who is in the services ------------------------------------------------------------------ */

struct member_of {
    struct view service, container;
    struct text both; /* the same for the same two alone */
};

/* Called for each container in a service that is watched. */
typedef void on_member(struct newcomers *newcomers, struct member_of *member,
                       struct name_map *others);

static bool name_member(struct member_of *member, const json_t *endpoint)
{
    member->container = string_of(json_object_get(endpoint, KEY_CONTAINER));
    text_clear(&member->both);
    append_sized(member->service, &member->both);
    text_append(&member->both, member->container);
    return member->container.len > 0;
}

/* An endpoint of no container is the operator's. */
static void for_each(struct newcomers *newcomers, const json_t *services, on_member *on_each,
                     struct name_map *others)
{
    struct member_of member = {.both = TEXT_INIT};
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *service = json_array_get(services, i);
        const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
        member.service = string_of(json_object_get(service, KEY_NAME));
        if (name_map_find(&newcomers->services.map, member.service) == NAME_MAP_NONE)
            continue;
        for (size_t j = 0; j < json_array_size(endpoints); j++)
            if (name_member(&member, json_array_get(endpoints, j)))
                on_each(newcomers, &member, others);
    }
    text_fini(&member.both);
}

static void add_member(struct newcomers *newcomers, struct member_of *member,
                       struct name_map *others)
{
    struct view both = text_view(&member->both);
    if (name_map_find(others, both) == NAME_MAP_NONE)
        *name_map_add(others, arena_copy(&newcomers->arena, both)) = 0;
}

static void list_members(struct newcomers *newcomers, const json_t *services, struct name_map *out)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(services); i++)
        count += json_array_size(json_object_get(json_array_get(services, i), KEY_ENDPOINTS));
    name_map_init(out, (uint32_t)count);
    for_each(newcomers, services, add_member, out);
    name_map_finish(out);
}

/* Of more than there may be at once it is not remembered: they come back as newcomers. */
static void note_left(struct newcomers *newcomers, struct member_of *member, struct name_map *here)
{
    json_t *left = newcomers->line.left;
    if (name_map_find(here, text_view(&member->both)) != NAME_MAP_NONE)
        return;
    if (json_object_size(left) < LIMITS_ENDPOINTS_MAX)
        json_object_set_new(left, text_str(&member->both),
                            json_integer((json_int_t)newcomers->line.now_ms));
}

static void note_came(struct newcomers *newcomers, struct member_of *member,
                      struct name_map *were_here)
{
    if (name_map_find(were_here, text_view(&member->both)) != NAME_MAP_NONE)
        return;
    const json_t *left = json_object_get(newcomers->line.left, text_str(&member->both));
    uint64_t away_from_ms = left ? (uint64_t)json_integer_value(left) : ALWAYS;
    marks_note(&newcomers->services, member->service, away_from_ms);
    note_claims(newcomers, member->service, member->container, away_from_ms);
}

/* Who left before all rules that are lost now. */
static void forget_old(const struct newcomers_line *line)
{
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe (line->left, next, key, value) {
        if ((uint64_t)json_integer_value(value) + line->kept_ms <= line->now_ms)
            json_object_del(line->left, key);
    }
}

void newcomers_find(struct newcomers *newcomers)
{
    const struct newcomers_line *line = &newcomers->line;
    struct name_map were_here, here;
    name_map_finish(&newcomers->services.map);
    name_map_finish(&newcomers->claims.map);
    file_rules(newcomers);
    forget_old(line);
    list_members(newcomers, line->before, &were_here);
    list_members(newcomers, line->now, &here);
    for_each(newcomers, line->before, note_left, &here);
    for_each(newcomers, line->now, note_came, &were_here);
    name_map_fini(&were_here);
    name_map_fini(&here);
}

void newcomers_init(struct newcomers *newcomers, const struct newcomers_line *line, uint32_t count)
{
    *newcomers = (struct newcomers){.line = *line};
    marks_init(&newcomers->services, count);
    marks_init(&newcomers->claims, count);
}

void newcomers_fini(struct newcomers *newcomers)
{
    marks_fini(&newcomers->services);
    marks_fini(&newcomers->claims);
    name_map_fini(&newcomers->first_rule);
    arena_fini(&newcomers->arena);
    free(newcomers->next_rule);
    *newcomers = (struct newcomers){0};
}
