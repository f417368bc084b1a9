#include "lb/admin/routes_page.h"

#include "lb/admin/default_route.h"
#include "lb/admin/route_standing.h"
#include "lb/admin/route_words.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/subject.h"
#include "lb/base/shown.h"

static const struct route_table *table_of(const struct explain *explain)
{
    return explain->pool ? explain->pool->routes.table : NULL;
}

/* Some of the routes, one after the other. */
struct listing {
    const struct explain *explain;
    struct route_standing standing;
    uint64_t now_ms;
    uint32_t at, end;
    struct text line;
};

static void listing_init(struct listing *listing, const struct explain *explain)
{
    *listing = (struct listing){.explain = explain, .now_ms = explain->now_ms};
    route_standing_init(&listing->standing, table_of(explain), &explain->membership->routes);
    listing->end = listing->standing.table->count;
}

static void listing_fini(struct listing *listing)
{
    route_standing_fini(&listing->standing);
    text_fini(&listing->line);
}

/* What its services get at the moment, by orders too; where they share. */
static void append_shares(const struct listing *listing, const char *before, struct text *out)
{
    const struct explain *explain = listing->explain;
    const struct routes *routes = &explain->pool->routes;
    if (routes->table->rules[listing->at]->route.share_count == 0)
        return;
    text_append_str(out, before);
    service_standing_append_shares(routes_group(routes, listing->at), &explain->membership->wanted,
                                   out);
}

static void append_standing(struct listing *listing)
{
    const struct treatment *treatment = listing->standing.table->rules[listing->at]->treatment;
    struct text lack = TEXT_INIT;
    route_standing_append(&listing->standing, listing->at, listing->now_ms, &listing->line);
    if (treatment && url_https_append_lack(&listing->explain->https, &treatment->https, &lack)) {
        text_append_str(&listing->line, ". But ");
        text_append(&listing->line, text_view(&lack));
    }
    text_fini(&lack);
}

static void append_line(struct listing *listing, const char *before, struct text *out)
{
    text_clear(&listing->line);
    text_append_str(&listing->line, before);
    route_words_append(&listing->standing.table->rules[listing->at]->route, &listing->line);
    append_standing(listing);
    append_shares(listing, ". In force: ", &listing->line);
    shown_append(out, text_view(&listing->line));
    text_append_char(out, '\n');
}

static void write_words(struct listing *listing, const char *key,
                        void (*append)(const struct route *route, struct text *out),
                        struct json_writer *json)
{
    text_clear(&listing->line);
    append(&listing->standing.table->rules[listing->at]->route, &listing->line);
    json_writer_key(json, key);
    json_writer_string(json, text_view(&listing->line));
}

static void write_object(struct listing *listing, struct json_writer *json)
{
    const struct route *route = &listing->standing.table->rules[listing->at]->route;
    json_writer_begin_object(json);
    json_writer_field_uint(json, "number", listing->at + 1);
    json_writer_key(json, "route");
    route_words_write(route, json);
    write_words(listing, "match", route_words_append_match, json);
    write_words(listing, "target", route_words_append_target, json);
    write_words(listing, "origin", route_words_append_origin, json);
    text_clear(&listing->line);
    append_standing(listing);
    if (listing->line.len > 2) /* ". …" */
        json_writer_field_str(json, "note", text_str(&listing->line) + 2);
    text_clear(&listing->line);
    append_shares(listing, "", &listing->line);
    if (listing->line.len > 0)
        json_writer_field_str(json, "in_force", text_str(&listing->line));
    json_writer_end_object(json);
}

/* ---- what does not fit -------------------------------------------------------------------------- */

static uint32_t left_out_count(const struct route_table *table)
{
    return table->unusable_count < RULE_SET_LEFT_OUT_MAX ? table->unusable_count
                                                         : RULE_SET_LEFT_OUT_MAX;
}

static void append_left_out(const struct rule_left_out *left_out, const char *before,
                            struct text *out)
{
    struct text line = TEXT_INIT;
    text_append_str(&line, before);
    route_words_append(&left_out->route, &line);
    text_append_str(&line, ": ");
    rule_set_append_left_out(left_out, &line);
    shown_append(out, text_view(&line));
    text_append_char(out, '\n');
    text_fini(&line);
}

static void write_left_out(const struct rule_left_out *left_out, struct json_writer *json)
{
    struct text note = TEXT_INIT;
    rule_set_append_left_out(left_out, &note);
    json_writer_begin_object(json);
    json_writer_key(json, "route");
    route_words_write(&left_out->route, json);
    json_writer_field_str(json, "note", text_str(&note));
    json_writer_end_object(json);
    text_fini(&note);
}

static void write_all_left_out(const struct route_table *table, struct json_writer *json)
{
    json_writer_field_uint(json, "unusable", table->unusable_count);
    if (table->unusable_count == 0)
        return;
    json_writer_key(json, "left_out");
    json_writer_begin_array(json);
    for (uint32_t i = 0; i < left_out_count(table); i++)
        write_left_out(&table->unusable[i], json);
    json_writer_end_array(json);
}

/* ---- the table ---------------------------------------------------------------------------------- */

static bool begin(const struct routes_page *page, struct listing *listing)
{
    if (!table_of(page->explain))
        return false;
    listing_init(listing, page->explain);
    if (page->from < listing->end)
        listing->at = page->from;
    else
        listing->at = listing->end;
    if (listing->end - listing->at > page->count_max)
        listing->end = listing->at + page->count_max;
    return true;
}

/* Before the first of each part, where there are both. */
static void append_heading(const struct listing *listing, struct text *out)
{
    const struct route_table *table = listing->standing.table;
    if (table->ranked_count == 0 || table->ranked_count == table->count)
        return;
    if (listing->at == 0)
        text_append_str(out, "# by rank among themselves, else as those below\n");
    else if (listing->at == table->ranked_count)
        text_append_str(out, "# by priority, host, path, conditions, age\n");
}

/* What is behind all of them. */
static void append_default(const struct explain *explain, const char *before, struct text *out)
{
    struct text line = TEXT_INIT;
    default_route_append(explain->membership, &line);
    text_append_str(out, before);
    shown_append(out, text_view(&line));
    text_append_char(out, '\n');
    text_fini(&line);
}

static void append_end(const struct listing *listing, const struct explain *explain,
                       struct text *out)
{
    const struct route_table *table = listing->standing.table;
    if (listing->end == table->count)
        append_default(explain, "# ", out);
    if (listing->end < table->count)
        text_appendf(out, "# %u of %u routes; the next: /routes?from=%u\n", listing->end,
                     table->count, listing->end);
    if (listing->end < table->count || table->unusable_count == 0)
        return;
    text_appendf(out, "# %u more are not served: there are too many regexes\n",
                 table->unusable_count);
    for (uint32_t i = 0; i < left_out_count(table); i++)
        append_left_out(&table->unusable[i], "# ", out);
}

void routes_page_write_text(const struct routes_page *page, struct text *out)
{
    struct listing listing;
    char number[16];
    if (!begin(page, &listing)) {
        append_default(page->explain, "", out);
        return;
    }
    for (; listing.at < listing.end; listing.at++) {
        append_heading(&listing, out);
        snprintf(number, sizeof(number), "%u. ", listing.at + 1);
        append_line(&listing, number, out);
    }
    append_end(&listing, page->explain, out);
    listing_fini(&listing);
}

static void write_default(const struct explain *explain, struct json_writer *json)
{
    struct text line = TEXT_INIT;
    default_route_append(explain->membership, &line);
    json_writer_field_str(json, "default", text_str(&line));
    text_fini(&line);
}

static void write_all(struct listing *listing, struct json_writer *json)
{
    const struct route_table *table = listing->standing.table;
    json_writer_field_uint(json, "count", table->count);
    write_all_left_out(table, json);
    if (listing->end < table->count)
        json_writer_field_uint(json, "next", listing->end);
    json_writer_key(json, "routes");
    json_writer_begin_array(json);
    for (; listing->at < listing->end; listing->at++)
        write_object(listing, json);
    json_writer_end_array(json);
}

void routes_page_write_json(const struct routes_page *page, struct text *out)
{
    struct json_writer json;
    struct listing listing;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "version",
                           page->explain->pool ? page->explain->pool->version : 0);
    write_default(page->explain, &json);
    if (begin(page, &listing)) {
        write_all(&listing, &json);
        listing_fini(&listing);
    } else {
        json_writer_field_uint(&json, "count", 0);
        json_writer_key(&json, "routes");
        json_writer_begin_array(&json);
        json_writer_end_array(&json);
    }
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

/* ---- what is wrong ------------------------------------------------------------------------------ */

static void write_conflicts(struct listing *listing, struct json_writer *json)
{
    unsigned count = 0;
    json_writer_key(json, "conflicts");
    json_writer_begin_array(json);
    for (; listing->at < listing->end; listing->at++)
        if (route_standing_is_overruled(&listing->standing, listing->at) &&
            ++count <= ROUTES_PAGE_CONFLICT_MAX)
            write_object(listing, json);
    json_writer_end_array(json);
    json_writer_field_uint(json, "conflict_count", count);
}

void routes_page_write_summary(const struct explain *explain, struct json_writer *json)
{
    const struct route_table *table = table_of(explain);
    struct listing listing;
    json_writer_begin_object(json);
    json_writer_field_uint(json, "count", table ? table->count : 0);
    write_default(explain, json);
    if (table) {
        write_all_left_out(table, json);
        json_writer_field_uint(json, "lost", explain->membership->routes.lost_count);
        listing_init(&listing, explain);
        write_conflicts(&listing, json);
        listing_fini(&listing);
    }
    json_writer_end_object(json);
}

/* ---- one container ------------------------------------------------------------------------------ */

/* It is NULL-terminated where it is copied. */
static bool is_of(const struct route *route, struct view subject, struct text *room)
{
    text_clear(room);
    text_append(room, route->container);
    text_append_char(room, '\0');
    text_append(room, route->name);
    const char *container = text_str(room);
    return route->container.len + route->name.len > 0 &&
           subject_means(subject, container, container, container + strlen(container) + 1) !=
               SUBJECT_NO;
}

static void name_container(const struct route *route, struct text *out)
{
    text_clear(out);
    text_append(out, route->name.len > 0 ? route->name : route->container);
    text_append_str(out, ": route ");
}

/* Those that do not fit; gives how many. */
static unsigned write_left_out_of(const struct route_table *table, struct view subject,
                                  struct text *out, struct json_writer *json)
{
    struct text room = TEXT_INIT, before = TEXT_INIT;
    unsigned count = 0;
    for (uint32_t i = 0; i < left_out_count(table); i++) {
        const struct rule_left_out *left_out = &table->unusable[i];
        if (!is_of(&left_out->route, subject, &room))
            continue;
        count++;
        name_container(&left_out->route, &before);
        if (json)
            write_left_out(left_out, json);
        else
            append_left_out(left_out, text_str(&before), out);
    }
    text_fini(&room);
    text_fini(&before);
    return count;
}

static unsigned write_container(const struct explain *explain, struct view subject,
                                struct text *out, struct json_writer *json)
{
    struct listing listing;
    struct text room = TEXT_INIT, before = TEXT_INIT;
    unsigned count = 0;
    if (!table_of(explain))
        return 0;
    listing_init(&listing, explain);
    for (; listing.at < listing.end; listing.at++) {
        const struct route *route = &listing.standing.table->rules[listing.at]->route;
        if (!is_of(route, subject, &room) || ++count > ROUTES_PAGE_MAX)
            continue;
        name_container(route, &before);
        if (json)
            write_object(&listing, json);
        else
            append_line(&listing, text_str(&before), out);
    }
    listing_fini(&listing);
    text_fini(&room);
    text_fini(&before);
    return count + write_left_out_of(table_of(explain), subject, out, json);
}

unsigned routes_page_write_container_text(const struct explain *explain, struct view subject,
                                          struct text *out)
{
    unsigned count = write_container(explain, subject, out, NULL);
    if (count > ROUTES_PAGE_MAX)
        text_appendf(out, "%u more routes\n", count - ROUTES_PAGE_MAX);
    return count;
}

unsigned routes_page_write_container_json(const struct explain *explain, struct view subject,
                                          struct json_writer *json)
{
    return write_container(explain, subject, NULL, json);
}
