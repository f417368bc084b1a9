#include "lb/console/top_view.h"

#include <string.h>

#include "lb/base/colour.h"
#include "lb/console/sheet.h"
#include "lb/console/top_head.h"
#include "lb/console/top_table.h"

#define LEAST_ROWS  3u
#define LABEL_WIDTH 9u /* what is narrower than twice that has no room for what is labelled */

static unsigned count_lines(const struct text *text)
{
    unsigned count = 0;
    for (size_t i = 0; i < text->len; i++)
        count += text->bytes[i] == '\n';
    return count;
}

/* ---- below the table ------------------------------------------------------------------------- */

static void append_labelled(const struct top_look *view, const char *label, const char *words,
                            const char *colour, struct text *out)
{
    unsigned width = view->width > 0 ? view->width - LABEL_WIDTH : 0;
    bool is_coloured = view->is_coloured;
    text_appendf(out, "%s%-7s%s  %s", is_coloured ? COLOUR_DIM : "", label,
                 is_coloured ? COLOUR_NONE : "", is_coloured ? colour : "");
    sheet_append_cut(view_str(words), width, out);
    text_append_str(out, is_coloured && *colour ? COLOUR_NONE : "");
    text_append_char(out, '\n');
}

static const json_t *latest_change(const struct world *world)
{
    const json_t *latest = NULL;
    const char *key;
    json_t *change;
    json_object_foreach (world_section(world, "changes"), key, change) {
        if (!latest || world_number(change, "number") > world_number(latest, "number"))
            latest = change;
    }
    return latest;
}

static void append_word(const json_t *object, const char *key, const char *before, struct text *out)
{
    const char *word = world_text(object, key);
    if (word && *word)
        text_appendf(out, "%s%s", before, word);
}

/* "2026-11-30T20:10:12.59Z" has its time behind 11. */
static void append_time(const json_t *object, struct text *out)
{
    const char *time = world_text(object, "time");
    if (time && strlen(time) >= 19)
        text_appendf(out, "%.8s ", time + 11);
}

static void put_change(const struct top_look *view, struct text *out)
{
    const json_t *change = latest_change(view->world);
    struct text line = TEXT_INIT;
    if (!change)
        return;
    append_time(change, &line);
    append_word(change, "service", "", &line);
    append_word(change, "name", "/", &line);
    append_word(change, "before", ": ", &line);
    append_word(change, "after", " → ", &line);
    append_word(change, "problem", ", ", &line);
    if (!world_text(change, "problem") || !*world_text(change, "problem"))
        append_word(change, "cause", ", by ", &line);
    append_labelled(view, "change", text_str(&line), "", out);
    text_fini(&line);
}

static void put_left_out(const struct top_look *view, struct text *out)
{
    json_t *left_out = world_section(view->world, "left_out");
    const json_t *first = json_object_iter_value(json_object_iter(left_out));
    double count = json_number_value(world_section(view->world, "left_out_count"));
    struct text line = TEXT_INIT;
    if (!first || count < 1)
        return;
    text_appendf(&line, "%.0f: ", count);
    append_word(first, "name", "", &line);
    append_word(first, "reason", ", ", &line);
    text_append_str(&line, count > 1 ? ", …; lb explain says why" : "; lb explain says why");
    append_labelled(view, "without", text_str(&line), COLOUR_YELLOW, out);
    text_fini(&line);
}

bool top_view_append_failed(const json_t *told, struct text *out)
{
    double status = world_number(told, "status");
    const char *end = world_text(told, "end");
    if (status < 500 && (!end || strcmp(end, "ok") == 0 || status >= 100))
        return false;
    append_time(told, out);
    if (status >= 100)
        text_appendf(out, "%.0f ", status);
    append_word(told, "method", "", out);
    append_word(told, "host", " ", out);
    append_word(told, "path", "", out);
    append_word(told, "service", " → ", out);
    if (end && strcmp(end, "ok") != 0)
        text_appendf(out, ": %s", end);
    append_word(told, "request_id", " ", out);
    return true;
}

static void put_keys(const struct top_look *view, struct text *out)
{
    struct text line = TEXT_INIT;
    text_appendf(&line, "by %s  q quit  r rate  5 5xx  p p99  i inflight  n name  e endpoints  ↑↓",
                 top_rows_sort_word(view->sort));
    text_append_str(out, view->is_coloured ? COLOUR_DIM : "");
    sheet_append_cut(text_view(&line), view->width, out);
    text_append_str(out, view->is_coloured ? COLOUR_NONE : "");
    text_append_char(out, '\n');
    text_fini(&line);
}

static void put_foot(const struct top_look *view, struct text *out)
{
    if (view->width > 0 && view->width < 2 * LABEL_WIDTH)
        return;
    put_left_out(view, out);
    put_change(view, out);
    if (view->failed && *view->failed)
        append_labelled(view, "failed", view->failed, COLOUR_RED, out);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void append_empty_lines(unsigned count, struct text *out)
{
    while (count-- > 0)
        text_append_char(out, '\n');
}

/* Of a screen that is too low for all: the first lines. */
static void append_lines(const struct text *text, unsigned most, struct text *out)
{
    struct view rest = text_view(text);
    for (unsigned i = 0; i < most && rest.len > 0; i++) {
        text_append(out, view_cut(&rest, '\n'));
        text_append_char(out, '\n');
    }
}

unsigned top_view_draw(const struct top_look *view, struct text *out)
{
    struct text head = TEXT_INIT, table = TEXT_INIT, foot = TEXT_INIT;
    top_head_append(view, &head);
    put_foot(view, &foot);
    if (view->has_keys)
        put_keys(view, &foot);
    unsigned around = count_lines(&head) + count_lines(&foot) + 1, room = UINT32_MAX;
    if (view->height > 0)
        room = view->height > around + LEAST_ROWS ? view->height - around : LEAST_ROWS;
    unsigned count = top_table_append(view, room, &table);
    unsigned taken = count_lines(&table) - 1;
    struct text all = TEXT_INIT;
    text_append(&all, text_view(&head));
    text_append(&all, text_view(&table));
    if (view->height > 0 && taken < room)
        append_empty_lines(room - taken, &all);
    text_append(&all, text_view(&foot));
    append_lines(&all, view->height > 0 ? view->height : UINT32_MAX, out);
    text_fini(&all);
    text_fini(&head);
    text_fini(&table);
    text_fini(&foot);
    return count;
}
