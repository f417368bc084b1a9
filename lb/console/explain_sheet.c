#include "lb/console/explain_sheet.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/colour.h"
#include "lb/base/shown.h"
#include "lb/console/measure.h"
#include "lb/console/top_table.h"

#define INDENT 4u

/* ---- what there is --------------------------------------------------------------------------- */

struct kinds {
    unsigned routed, not_routed;
};

static bool is_routed(const json_t *container)
{
    return json_is_true(json_object_get(container, "routed"));
}

static struct kinds count(const json_t *containers)
{
    struct kinds kinds = {0};
    const json_t *container;
    size_t i;
    json_array_foreach (containers, i, container) {
        kinds.routed += is_routed(container);
        kinds.not_routed += !is_routed(container);
    }
    return kinds;
}

/* A state, or the reason why it is no endpoint. Who is well and gets nothing is not called ready: nothing leads to it. */
static const char *word_of(const json_t *container)
{
    const char *word = world_text(container, "state");
    word = word ? word : world_text(container, "reason");
    if (word && strcmp(word, "ready") == 0 && !is_routed(container))
        return "no_route";
    return word ? word : "-";
}

static void append_coloured(const struct sheet_paper *paper, const char *colour, const char *words,
                            struct text *out)
{
    text_append_str(out, paper->is_coloured && colour ? colour : "");
    shown_append(out, view_str(words));
    text_append_str(out, paper->is_coloured && colour ? COLOUR_NONE : "");
}

/* ---- the summary ----------------------------------------------------------------------------- */

/* "1 failing, 2 no port": each word once, in the order in which they come. */
static void append_words(const json_t *containers, struct text *out)
{
    json_t *counts = json_object();
    const json_t *container;
    json_t *number;
    const char *word, *comma = "";
    size_t i;
    json_array_foreach (containers, i, container) {
        if (is_routed(container))
            continue;
        json_int_t before = json_integer_value(json_object_get(counts, word_of(container)));
        json_object_set_new(counts, word_of(container), json_integer(before + 1));
    }
    json_object_foreach (counts, word, number) {
        text_appendf(out, "%s%" JSON_INTEGER_FORMAT " ", comma, json_integer_value(number));
        shown_append(out, view_str(word));
        comma = ", ";
    }
    json_decref(counts);
}

static void append_summary(const json_t *containers, const struct kinds *kinds,
                           const struct sheet_paper *paper, struct text *out)
{
    struct text words = TEXT_INIT;
    text_appendf(&words, "%u get%s requests", kinds->routed, kinds->routed == 1 ? "s" : "");
    append_coloured(paper, kinds->routed > 0 ? COLOUR_GREEN : COLOUR_RED, text_str(&words), out);
    if (kinds->not_routed > 0) {
        text_clear(&words);
        text_appendf(&words, "%u get%s none: ", kinds->not_routed,
                     kinds->not_routed == 1 ? "s" : "");
        append_words(containers, &words);
        text_append_str(out, "; ");
        append_coloured(paper, COLOUR_YELLOW, text_str(&words), out);
    }
    text_append_char(out, '\n');
    text_fini(&words);
}

/* ---- those without requests ------------------------------------------------------------------ */

static void append_spaces(unsigned count, struct text *out)
{
    while (count-- > 0)
        text_append_char(out, ' ');
}

/* In lines that end between words. */
static void append_folded(const char *words, const struct sheet_paper *paper, struct text *out)
{
    struct text shown = TEXT_INIT;
    unsigned taken = 0;
    shown_append(&shown, view_str(words));
    for (struct view rest = text_view(&shown); rest.len > 0;) {
        struct view word = view_cut(&rest, ' ');
        unsigned width = measure_columns(word);
        if (taken > 0 && paper->width > 0 && taken + 1 + width > paper->width) {
            text_append_char(out, '\n');
            taken = 0;
        }
        if (taken == 0)
            append_spaces(INDENT, out);
        else
            text_append_char(out, ' ');
        text_append(out, word);
        taken += width + (taken == 0 ? INDENT : 1);
    }
    text_append_char(out, '\n');
    text_fini(&shown);
}

static void append_part(const json_t *object, const char *key, const struct sheet_paper *paper,
                        struct text *out)
{
    const char *words = world_text(object, key);
    if (words && *words)
        append_folded(words, paper, out);
}

/* "shop in shop.localhost: probing" */
static void append_head(const json_t *container, const struct sheet_paper *paper, struct text *out)
{
    const char *name = world_text(container, "name"), *service = world_text(container, "service");
    append_coloured(paper, COLOUR_BOLD, name ? name : "-", out);
    if (service && *service) {
        text_append_str(out, " in ");
        append_coloured(paper, NULL, service, out);
    }
    text_append_str(out, ": ");
    append_coloured(paper, top_table_state_colour(word_of(container)), word_of(container), out);
}

static void append_trouble(const json_t *container, const struct sheet_paper *paper,
                           struct text *out)
{
    static const char *const parts[] = {"why", "remedy", "remark"};
    const char *since = world_text(container, "since");
    struct text when = TEXT_INIT;
    append_head(container, paper, out);
    if (since) {
        text_appendf(&when, " since %.10s %.8s", since, strlen(since) > 11 ? since + 11 : "");
        shown_append(out, text_view(&when));
        text_fini(&when);
    }
    text_append_char(out, '\n');
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        append_part(container, parts[i], paper, out);
}

/* Of one that gets requests: in full, as a column would cut the remedy off. */
static void append_remark(const json_t *container, const struct sheet_paper *paper,
                          struct text *out)
{
    if (!world_text(container, "remark"))
        return;
    append_head(container, paper, out);
    text_append_str(out, ", with a note\n");
    append_part(container, "remark", paper, out);
}

static void append_troubles(const json_t *containers, const struct sheet_paper *paper,
                            struct text *out)
{
    const json_t *container;
    size_t i;
    json_array_foreach (containers, i, container) {
        if (!is_routed(container))
            append_trouble(container, paper, out);
    }
    json_array_foreach (containers, i, container) {
        if (is_routed(container))
            append_remark(container, paper, out);
    }
}

/* ---- those with ------------------------------------------------------------------------------ */

static const struct sheet_column columns[] = {
    {.title = "SERVICE", .narrowest = 10},
    {.title = "CONTAINER", .narrowest = 12},
    {.title = "ADDRESS", .rank = 3},
    {.title = "STATE"},
    {.title = "WEIGHT", .is_number = true, .rank = 4},
    {.title = "REQUESTS", .is_number = true, .rank = 2},
    {.title = "PROBLEM", .rank = 1, .narrowest = 12},
};

static void put_number(struct sheet *sheet, double value)
{
    char words[32];
    snprintf(words, sizeof(words), value < 0 ? "-" : "%.0f", value);
    sheet_put(sheet, words, NULL);
}

static void put_routed(struct sheet *sheet, const json_t *container)
{
    const char *problem = world_text(container, "problem");
    double had = world_number(container, "requests");
    sheet_begin_row(sheet);
    sheet_put(sheet, world_text(container, "service"), NULL);
    sheet_put(sheet, world_text(container, "name"), NULL);
    sheet_put(sheet, world_text(container, "address"), COLOUR_DIM);
    sheet_put(sheet, word_of(container), top_table_state_colour(word_of(container)));
    put_number(sheet, world_number(container, "weight"));
    put_number(sheet, had < 0 ? world_number(container, "connections") : had);
    sheet_put(sheet, problem ? problem : "", NULL);
}

static void append_routed(const json_t *containers, const struct sheet_paper *paper,
                          struct text *out)
{
    struct sheet sheet;
    const json_t *container;
    size_t i;
    sheet_init(&sheet, columns, sizeof(columns) / sizeof(columns[0]));
    json_array_foreach (containers, i, container) {
        if (is_routed(container))
            put_routed(&sheet, container);
    }
    sheet_print(&sheet, paper, 0, sheet.row_count, out);
    sheet_fini(&sheet);
}

static void add(json_t *groups, const json_t *container)
{
    const char *name = world_text(container, "service");
    double had = world_number(container, "requests");
    json_t *group = json_object_get(groups, name ? name : "-");
    double count = group ? world_number(group, "count") : 0;
    double requests = group ? world_number(group, "requests") : 0;
    json_object_set_new(
        groups, name ? name : "-",
        json_pack("{s:f,s:f}", "count", count + 1, "requests", requests + (had > 0 ? had : 0)));
}

/* One row for each service, with how many get requests. */
static void append_groups(const json_t *containers, const struct sheet_paper *paper,
                          struct text *out)
{
    static const struct sheet_column group_columns[] = {
        {.title = "SERVICE", .narrowest = 10},
        {.title = "READY", .is_number = true},
        {.title = "REQUESTS", .is_number = true},
    };
    json_t *groups = json_object();
    const json_t *container;
    json_t *group;
    const char *service;
    struct sheet sheet;
    size_t i;
    json_array_foreach (containers, i, container) {
        if (is_routed(container))
            add(groups, container);
    }
    sheet_init(&sheet, group_columns, sizeof(group_columns) / sizeof(group_columns[0]));
    json_object_foreach (groups, service, group) {
        sheet_begin_row(&sheet);
        sheet_put(&sheet, service, NULL);
        put_number(&sheet, world_number(group, "count"));
        put_number(&sheet, world_number(group, "requests"));
    }
    sheet_print(&sheet, paper, 0, sheet.row_count, out);
    text_append_str(out, "lb explain SERVICE and lb ctl list have each of them.\n");
    sheet_fini(&sheet);
    json_decref(groups);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void append_title(const char *words, const char *colour, const struct sheet_paper *paper,
                         struct text *out)
{
    append_coloured(paper, colour, words, out);
    text_append_char(out, '\n');
}

/* What keeps lb-discovery from telling, and what it is not told. */
static void append_discovery(const json_t *root, const struct sheet_paper *paper, struct text *out)
{
    const json_t *discovery = json_object_get(root, "discovery"), *loss;
    size_t i;
    if (discovery) {
        append_title("lb-discovery does not follow its source:", COLOUR_RED, paper, out);
        append_part(discovery, "problem", paper, out);
        append_part(discovery, "remedy", paper, out);
    }
    json_array_foreach (json_object_get(root, "losses"), i, loss) {
        append_title("lb-discovery is not told all:", COLOUR_YELLOW, paper, out);
        append_folded(json_string_value(loss), paper, out);
    }
    if (world_text(root, "remark")) {
        append_title("Of what the source says, not all is followed:", COLOUR_YELLOW, paper, out);
        append_part(root, "remark", paper, out);
    }
}

bool explain_sheet_append(struct view answer, const struct sheet_paper *paper, struct text *out)
{
    json_t *root = json_loadb(answer.ptr, answer.len, 0, NULL);
    const json_t *containers = json_object_get(root, "containers");
    bool is_good = json_array_size(containers) > 0;
    struct kinds kinds = count(containers);
    if (is_good) {
        append_discovery(root, paper, out);
        append_summary(containers, &kinds, paper, out);
        append_troubles(containers, paper, out);
    }
    if (is_good && kinds.routed > 0) {
        text_append_char(out, '\n');
        if (kinds.routed > EXPLAIN_SHEET_READY_MAX)
            append_groups(containers, paper, out);
        else
            append_routed(containers, paper, out);
    }
    json_decref(root);
    return is_good;
}
