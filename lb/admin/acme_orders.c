#include "lb/admin/acme_orders.h"

#include <jansson.h>

#include "lb/base/keepsake.h"
#include "lb/base/shown.h"

#define WORD_BYTES_MAX    253u
#define PROBLEM_BYTES_MAX 1000u

static struct view take_text(struct arena *arena, const json_t *value, size_t bytes_max)
{
    struct text shown = TEXT_INIT;
    struct view said = view_of(json_string_value(value), json_string_length(value));
    if (!json_is_string(value))
        return VIEW("");
    if (said.len > bytes_max)
        said.len = bytes_max;
    shown_append(&shown, said);
    struct view copy = arena_copy(arena, text_view(&shown));
    text_fini(&shown);
    return copy;
}

static int64_t take_time(const json_t *value)
{
    json_int_t number = json_integer_value(value);
    return number > 0 ? (int64_t)number : 0;
}

static void take_names(struct arena *arena, const json_t *names, struct acme_order *out)
{
    size_t count = json_array_size(names);
    if (count > ACME_ORDERS_NAMES_MAX)
        count = ACME_ORDERS_NAMES_MAX;
    out->names = arena_new(arena, (count + 1) * sizeof(struct view));
    for (size_t i = 0; i < count; i++)
        out->names[out->name_count++] = take_text(arena, json_array_get(names, i), WORD_BYTES_MAX);
}

static struct view take_state(const json_t *value)
{
    static const struct view states[] = {VIEW("valid"), VIEW("ordering"), VIEW("waiting"),
                                         VIEW("failed")};
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (json_is_string(value) && view_eq(view_str(json_string_value(value)), states[i]))
            return states[i];
    return VIEW("unknown");
}

static void take_order(struct acme_orders *orders, const json_t *value)
{
    struct acme_order *order = &orders->orders[orders->count];
    *order = (struct acme_order){
        .state = take_state(json_object_get(value, "state")),
        .not_after_s = take_time(json_object_get(value, "not_after_s")),
        .next_s = take_time(json_object_get(value, "next_s")),
        .problem = take_text(&orders->arena, json_object_get(value, "problem"), PROBLEM_BYTES_MAX)};
    take_names(&orders->arena, json_object_get(value, "names"), order);
    if (order->name_count > 0)
        orders->count++;
}

void acme_orders_parse(struct acme_orders *orders, struct view json)
{
    json_t *root = json_loadb(json.ptr ? json.ptr : "", json.len, 0, NULL);
    const json_t *all = json_object_get(root, "certificates");
    size_t count = json_array_size(all);
    *orders = (struct acme_orders){0};
    if (count > ACME_ORDERS_MAX)
        count = ACME_ORDERS_MAX;
    orders->orders = arena_new(&orders->arena, (count + 1) * sizeof(struct acme_order));
    for (size_t i = 0; i < count; i++)
        take_order(orders, json_array_get(all, i));
    json_decref(root);
}

void acme_orders_read(struct acme_orders *orders, int fd)
{
    struct keepsake keepsake;
    struct text json = TEXT_INIT;
    *orders = (struct acme_orders){0};
    if (fd <= 0)
        return;
    keepsake_open(&keepsake, fd);
    if (keepsake_read(&keepsake, &json))
        acme_orders_parse(orders, text_view(&json));
    text_fini(&json);
}

static bool is_for(struct view pattern, struct view name)
{
    struct view parent = name;
    view_cut(&parent, '.');
    return view_eq_nocase(pattern, name) ||
           (view_starts_with(pattern, VIEW("*.")) && parent.len > 0 &&
            view_eq_nocase(view_skip(pattern, 2), parent));
}

const struct acme_order *acme_orders_find(const struct acme_orders *orders, struct view name)
{
    for (unsigned i = 0; i < orders->count; i++)
        for (unsigned j = 0; j < orders->orders[i].name_count; j++)
            if (is_for(orders->orders[i].names[j], name))
                return &orders->orders[i];
    return NULL;
}

void acme_orders_fini(struct acme_orders *orders)
{
    arena_fini(&orders->arena);
    *orders = (struct acme_orders){0};
}
