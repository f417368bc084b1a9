#include "lb/console/top_table.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/colour.h"
#include "lb/console/figure.h"
#include "lb/console/sheet.h"

static const struct sheet_column columns[] = {
    {.title = "SERVICE / ENDPOINT", .narrowest = 18},
    {.title = "STATE"},
    {.title = "REQ/S", .is_number = true},
    {.title = "4XX/S", .is_number = true, .rank = 4},
    {.title = "5XX/S", .is_number = true},
    {.title = "P50", .is_number = true, .rank = 3},
    {.title = "P99 MS", .is_number = true},
    {.title = "OPEN", .is_number = true},
    {.title = "WEIGHT", .is_number = true, .rank = 5},
    {.title = "ADDRESS", .rank = 6},
    {.title = "WHY", .rank = 2, .narrowest = 12},
};

const char *top_table_state_colour(const char *state)
{
    static const char *const bad[] = {"failing", "unhealthy", "ejected", "gone"};
    if (!state)
        return NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (strcmp(state, bad[i]) == 0)
            return COLOUR_RED;
    return strcmp(state, "ready") == 0 ? COLOUR_GREEN : COLOUR_YELLOW;
}

static void put_name(struct sheet *sheet, const struct top_row *row)
{
    struct text words = TEXT_INIT;
    const char *kind = world_text(row->facts, "kind");
    text_appendf(&words, "%s%s", row->is_endpoint ? "  " : "", row->name);
    if (!row->is_endpoint && kind && strcmp(kind, "http") != 0)
        text_appendf(&words, " (%s)", kind);
    sheet_put_view(sheet, text_view(&words), row->is_endpoint ? NULL : COLOUR_BOLD);
    text_fini(&words);
}

static void put_state(struct sheet *sheet, const struct top_row *row)
{
    static const char *const by_severity[] = {COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED, COLOUR_RED};
    char words[64];
    const char *state = world_text(row->facts, "state");
    if (row->is_endpoint) {
        sheet_put(sheet, state, top_table_state_colour(state));
        return;
    }
    snprintf(words, sizeof(words), "%.0f/%.0f ready", world_number(row->facts, "ready"),
             world_number(row->facts, "endpoint_count"));
    sheet_put(sheet, words, by_severity[row->severity]);
}

/* What is 0 is left out of endpoints' numbers, but for one of which nothing is known at all. */
static double number_of(const struct top_row *row, const char *key)
{
    double value = world_number(row->numbers, key);
    bool is_told = row->is_endpoint && json_object_get(row->numbers, "rate");
    return value < 0 && is_told ? 0 : value;
}

static void put_count(struct sheet *sheet, double value, const char *colour)
{
    char figure[FIGURE_BYTES];
    sheet_put(sheet, figure_count(value, figure), value > 0 ? colour : NULL);
}

static bool is_passing(const struct top_row *row)
{
    return json_object_get(row->numbers, "open") != NULL;
}

/* One that is far above those of its siblings is marked. */
static void put_quantile(struct sheet *sheet, const struct top_row *row, const char *key,
                         bool is_marked)
{
    char figure[FIGURE_BYTES], words[FIGURE_BYTES + 1];
    bool is_outlier = is_marked && json_is_true(json_object_get(row->numbers, "outlier"));
    snprintf(words, sizeof(words), "%s%s", is_outlier ? "!" : "",
             figure_ms(world_number(row->numbers, key), figure));
    sheet_put(sheet, words, is_outlier ? COLOUR_YELLOW : NULL);
}

static void put_numbers(struct sheet *sheet, const struct top_row *row)
{
    bool passes = is_passing(row);
    put_count(sheet, number_of(row, "rate"), NULL);
    put_count(sheet, passes ? -1 : number_of(row, "rate_4xx"), COLOUR_YELLOW);
    put_count(sheet, number_of(row, passes ? "failed_rate" : "rate_5xx"), COLOUR_RED);
    put_quantile(sheet, row, "p50_ms", false);
    put_quantile(sheet, row, "p99_ms", true);
    put_count(sheet, number_of(row, passes ? "open" : "inflight"), NULL);
}

static void put_why(struct sheet *sheet, const struct top_row *row)
{
    const char *why = world_text(row->facts, "problem");
    const char *remark = world_text(row->facts, "remark");
    bool is_paused = world_number(row->facts, "paused_for_ms") > 0;
    if (!why || !*why)
        why = world_text(row->facts, "why");
    if (json_is_true(json_object_get(row->facts, "panic")))
        why = "panic: too few are healthy";
    else if (is_paused)
        why = "paused by an operator";
    else if (json_object_get(row->facts, "ordered"))
        why = "ordered by an operator";
    sheet_put(sheet, why && *why ? why : remark ? remark : "", NULL);
}

static void put_row(struct sheet *sheet, const struct top_row *row)
{
    sheet_begin_row(sheet);
    put_name(sheet, row);
    put_state(sheet, row);
    put_numbers(sheet, row);
    if (row->is_endpoint && world_number(row->facts, "weight") != 1)
        put_count(sheet, world_number(row->facts, "weight"), NULL);
    else
        sheet_put(sheet, "", NULL);
    sheet_put(sheet, row->is_endpoint ? world_text(row->facts, "address") : "", COLOUR_DIM);
    put_why(sheet, row);
}

unsigned top_table_append(const struct top_look *view, unsigned row_count, struct text *out)
{
    struct sheet sheet;
    struct top_rows rows = top_rows_make(view->world, view->sort, view->services_only);
    unsigned count = rows.count, first = view->scroll;
    if (first + row_count > count || first + row_count < first)
        first = count > row_count ? count - row_count : 0;
    sheet_init(&sheet, columns, sizeof(columns) / sizeof(columns[0]));
    for (unsigned i = first; i < count && i - first < row_count; i++)
        put_row(&sheet, &rows.rows[i]);
    sheet_print(&sheet, &(struct sheet_paper){view->width, view->is_coloured}, 0, row_count, out);
    sheet_fini(&sheet);
    top_rows_fini(&rows);
    return count;
}
