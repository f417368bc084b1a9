#include "lb/console/pool_list.h"

#include <jansson.h>
#include <stdio.h>

#include "lb/base/colour.h"
#include "lb/console/figure.h"
#include "lb/console/top_table.h"

static const struct sheet_column columns[] = {
    {.title = "SERVICE", .narrowest = 10},
    {.title = "CONTAINER", .narrowest = 12},
    {.title = "ID", .rank = 4},
    {.title = "ADDRESS", .rank = 3},
    {.title = "STATE"},
    {.title = "WEIGHT", .is_number = true},
    {.title = "ORDER"},
    {.title = "OPEN", .is_number = true, .rank = 2},
    {.title = "REQUESTS", .is_number = true, .rank = 2},
    {.title = "WHY", .rank = 1, .narrowest = 12},
};

static void put_service(struct sheet *sheet, const json_t *service)
{
    const char *name = world_text(service, "name"), *protocol = world_text(service, "protocol");
    struct text words = TEXT_INIT;
    text_append_str(&words, name ? name : "");
    if (protocol)
        text_appendf(&words, " (%s)", protocol);
    sheet_put_view(sheet, text_view(&words), NULL);
    text_fini(&words);
}

/* Twelve digits of a container's id, as docker ps has it; an address is that of the column beside. */
static void put_id(struct sheet *sheet, const json_t *endpoint)
{
    const char *id = world_text(endpoint, "id"), *name = world_text(endpoint, "name");
    struct view words = id ? view_str(id) : VIEW("");
    bool is_told = id && name && !view_eq(words, view_str(name));
    if (words.len > 12)
        words.len = 12;
    sheet_put_view(sheet, is_told ? words : VIEW(""), COLOUR_DIM);
}

/* An order of the operator's: "drain", "disable", or a weight. */
static void put_order(struct sheet *sheet, const json_t *endpoint)
{
    const json_t *ordered = json_object_get(endpoint, "ordered");
    const char *order = world_text(ordered, "order");
    bool has_order = order && !view_eq(view_str(order), VIEW("none"));
    bool has_weight = json_object_get(ordered, "weight") != NULL;
    struct text words = TEXT_INIT;
    text_append_str(&words, has_order ? order : "");
    if (has_weight)
        text_append_str(&words, has_order ? ", weight" : "weight");
    sheet_put(sheet, words.len > 0 ? text_str(&words) : "-", words.len > 0 ? COLOUR_YELLOW : NULL);
    text_fini(&words);
}

static void put_number(struct sheet *sheet, const json_t *endpoint, const char *key)
{
    char words[32];
    double value = world_number(endpoint, key);
    snprintf(words, sizeof(words), value < 0 ? "-" : "%.0f", value);
    sheet_put(sheet, words, NULL);
}

static void put_endpoint(struct sheet *sheet, const json_t *service, const json_t *endpoint)
{
    const char *state = world_text(endpoint, "state"), *problem = world_text(endpoint, "problem");
    sheet_begin_row(sheet);
    put_service(sheet, service);
    sheet_put(sheet, world_text(endpoint, "name"), NULL);
    put_id(sheet, endpoint);
    sheet_put(sheet, world_text(endpoint, "address"), COLOUR_DIM);
    sheet_put(sheet, state, top_table_state_colour(state));
    put_number(sheet, endpoint, "weight");
    put_order(sheet, endpoint);
    put_number(sheet, endpoint, "inflight");
    put_number(sheet, endpoint,
               json_object_get(endpoint, "connections") ? "connections" : "requests");
    sheet_put(sheet, problem ? problem : "", NULL);
}

static void append_count(const struct sheet *sheet, unsigned ready, struct text *out)
{
    text_appendf(out, "%u endpoint%s, %u ready\n", sheet->row_count,
                 sheet->row_count == 1 ? "" : "s", ready);
}

bool pool_list_append(struct view pool, const struct sheet_paper *paper, struct text *out)
{
    json_t *root = json_loadb(pool.ptr, pool.len, 0, NULL);
    const json_t *services = json_object_get(root, "services"), *service, *endpoint;
    struct sheet sheet;
    unsigned ready = 0;
    size_t i, k;
    bool is_good = json_is_array(services);
    sheet_init(&sheet, columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach (services, i, service) {
        json_array_foreach (json_object_get(service, "endpoints"), k, endpoint) {
            const char *state = world_text(endpoint, "state");
            ready += state && view_eq(view_str(state), VIEW("ready"));
            put_endpoint(&sheet, service, endpoint);
        }
    }
    if (is_good && sheet.row_count > 0)
        sheet_print(&sheet, paper, 0, sheet.row_count, out);
    if (is_good)
        append_count(&sheet, ready, out);
    sheet_fini(&sheet);
    json_decref(root);
    return is_good;
}
