#include "lb/run/shortfall.h"

#include <string.h>

#include "lb/base/log.h"
#include "lb/base/shown.h"

/* ---- one route ------------------------------------------------------------------------------- */

static void append_route(const struct route *route, struct text *out)
{
    text_append_str(out, "the route for ");
    route_append_name(route, out);
    if (route->label.len > 0) {
        text_append_str(out, ", by ");
        text_append(out, route->label);
    }
    if (route->name.len > 0) {
        text_append_str(out, " of ");
        text_append(out, route->name);
    }
}

static void append_sentence(const struct route *route, const char *what, struct view name,
                            const char *then, struct text *out)
{
    append_route(route, out);
    text_appendf(out, ", names %s ", what);
    text_append(out, name);
    text_append_str(out, then);
    text_append_char(out, '\n');
}

static void append_users(const struct library *library, const struct route *route, struct text *out)
{
    const struct htpasswd *list;
    struct view files =
        route_option_find(route->options, route->option_count, ROUTE_OPTION_AUTH_FILE);
    if (files.len > 0 && library_find_users(library, files, &list) == LIBRARY_UNKNOWN)
        append_sentence(
            route, "the file", files,
            ", which is not in --htpasswd-dir or cannot be used: it is held with 503 until it can",
            out);
}

static void append_pages(const struct library *library, const struct route *route, struct text *out)
{
    struct view folder =
        route_option_find(route->options, route->option_count, ROUTE_OPTION_ERROR_PAGES);
    if (folder.len > 0 && !library_has_folder(library, folder))
        append_sentence(route, "the folder", folder,
                        ", which has no page in --error-pages-dir: its errors are as those of "
                        "other routes",
                        out);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool has_line(const struct text *lines, struct view line)
{
    struct view rest = text_view(lines);
    while (rest.len > 0)
        if (view_eq(view_cut(&rest, '\n'), line))
            return true;
    return false;
}

/* No more of them than can be told: a look costs what there are routes. */
static void collect(const struct shortfall *shortfall, struct text *out)
{
    struct text one = TEXT_INIT;
    unsigned count = 0;
    for (uint32_t i = 0; shortfall->table && i < shortfall->table->count; i++) {
        const struct route *route = &shortfall->table->rules[i]->route;
        text_clear(&one);
        if (!shortfall->library->is_blind) /* that is told already */
            append_users(shortfall->library, route, &one);
        append_pages(shortfall->library, route, &one);
        if (one.len > 0 && count++ < SHORTFALL_TOLD_MAX)
            text_append(out, text_view(&one));
    }
    if (count > SHORTFALL_TOLD_MAX)
        text_appendf(out, "%u more routes name a file or a folder that is not there\n",
                     count - SHORTFALL_TOLD_MAX);
    text_fini(&one);
}

static void tell(struct view line)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, line);
    log_warn("%s", text_str(&shown));
    text_fini(&shown);
}

static void look(struct shortfall *shortfall)
{
    struct text lines = TEXT_INIT;
    if (!shortfall->library)
        return;
    collect(shortfall, &lines);
    struct view rest = text_view(&lines);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        if (!has_line(&shortfall->told, line))
            tell(line);
    }
    text_fini(&shortfall->told);
    shortfall->told = lines;
}

void shortfall_take_library(struct shortfall *shortfall, struct library *library)
{
    library_unref(shortfall->library);
    shortfall->library = library_ref(library);
    look(shortfall);
}

void shortfall_take_routes(struct shortfall *shortfall, struct route_table *table)
{
    if (table == shortfall->table)
        return;
    route_table_unref(shortfall->table);
    shortfall->table = table ? route_table_ref(table) : NULL;
    look(shortfall);
}

void shortfall_fini(struct shortfall *shortfall)
{
    library_unref(shortfall->library);
    route_table_unref(shortfall->table);
    text_fini(&shortfall->told);
}
