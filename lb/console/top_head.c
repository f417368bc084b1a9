#include "lb/console/top_head.h"

#include <string.h>
#include <time.h>

#include "lb/base/colour.h"
#include "lb/console/figure.h"
#include "lb/console/measure.h"
#include "lb/console/sheet.h"

/* One line that is cut where the screen ends; colours take no column, so each is a piece of its own. */
struct strip {
    const struct top_look *view;
    struct text *out;
    unsigned taken;
};

static void put(struct strip *strip, const char *words, const char *colour)
{
    unsigned width = strip->view->width;
    if (width > 0 && strip->taken >= width)
        return;
    struct text shown = TEXT_INIT;
    sheet_append_cut(view_str(words), width > 0 ? width - strip->taken : 0, &shown);
    strip->taken += measure_columns(text_view(&shown));
    bool is_coloured = strip->view->is_coloured && colour;
    text_append_str(strip->out, is_coloured ? colour : "");
    text_append(strip->out, text_view(&shown));
    text_append_str(strip->out, is_coloured ? COLOUR_NONE : "");
    text_fini(&shown);
}

static void put_figure(struct strip *strip, const char *label, const char *figure,
                       const char *colour)
{
    struct text words = TEXT_INIT;
    text_appendf(&words, "%s%s ", strip->taken > 0 ? "  " : "", label);
    put(strip, text_str(&words), NULL);
    put(strip, figure, colour ? colour : COLOUR_BOLD);
    text_fini(&words);
}

static void end(struct strip *strip)
{
    text_append_char(strip->out, '\n');
    strip->taken = 0;
}

/* ---- who it is ------------------------------------------------------------------------------- */

/* Seconds since 1970 of "2026-11-30T20:10:12…"; 0: it is none. */
static double seconds_of(const char *time)
{
    struct tm parts = {0};
    return time && strptime(time, "%Y-%m-%dT%H:%M:%S", &parts) ? (double)timegm(&parts) : 0;
}

static void put_name(struct strip *strip)
{
    const struct world *world = strip->view->world;
    const json_t *about = world_section(world, "about");
    const char *time = json_string_value(world_section(world, "time"));
    const char *version = world_text(about, "version"), *host = world_text(about, "host");
    double lived = seconds_of(time) - seconds_of(world_text(about, "started"));
    char span[FIGURE_BYTES];
    struct text words = TEXT_INIT;
    text_appendf(&words, "lb %s", version ? version : "");
    put(strip, text_str(&words), COLOUR_BOLD);
    text_clear(&words);
    text_appendf(&words, " on %s, up %s, %.0f workers", host ? host : "?", figure_span(lived, span),
                 world_number(about, "workers"));
    put(strip, text_str(&words), NULL);
    unsigned width = strip->view->width;
    text_clear(&words);
    if (time && strlen(time) >= 19 && width > strip->taken + 10) {
        text_appendf(&words, "%*s%.8s", (int)(width - strip->taken - 8), "", time + 11);
        put(strip, text_str(&words), NULL);
    }
    end(strip);
    text_fini(&words);
}

/* ---- totals ---------------------------------------------------------------------------------- */

static void put_totals(struct strip *strip)
{
    const json_t *totals = world_section(strip->view->world, "totals");
    char figure[FIGURE_BYTES];
    double failing = world_number(totals, "rate_5xx"), held = world_number(totals, "held");
    put_figure(strip, "requests/s", figure_count(world_number(totals, "rate"), figure), NULL);
    put_figure(strip, "4xx/s", figure_count(world_number(totals, "rate_4xx"), figure), NULL);
    put_figure(strip, "5xx/s", figure_count(failing, figure), failing > 0 ? COLOUR_RED : NULL);
    put_figure(strip, "p50", figure_ms(world_number(totals, "p50_ms"), figure), NULL);
    put_figure(strip, "p99 ms", figure_ms(world_number(totals, "p99_ms"), figure), NULL);
    put_figure(strip, "in flight", figure_count(world_number(totals, "inflight"), figure), NULL);
    if (held > 0)
        put_figure(strip, "held", figure_count(held, figure), COLOUR_YELLOW);
    end(strip);
}

/* "12/9520", which warns from four fifths on. */
static void put_share(struct strip *strip, const char *label, const json_t *part, const char *key,
                      bool are_bytes)
{
    char used[FIGURE_BYTES], most[FIGURE_BYTES];
    double value = world_number(part, key), max = world_number(part, "max");
    struct text words = TEXT_INIT;
    text_appendf(&words, "%s/%s", are_bytes ? figure_bytes(value, used) : figure_count(value, used),
                 are_bytes ? figure_bytes(max, most) : figure_count(max, most));
    put_figure(strip, label, text_str(&words), max > 0 && value > max * 0.8 ? COLOUR_RED : NULL);
    text_fini(&words);
}

static void put_saturation(struct strip *strip)
{
    const json_t *saturation = world_section(strip->view->world, "saturation");
    const json_t *workers = json_object_get(saturation, "workers"), *worker;
    char figure[FIGURE_BYTES];
    double busiest = -1;
    size_t i;
    json_array_foreach (workers, i, worker) {
        double percent = world_number(worker, "cpu_percent");
        busiest = percent > busiest ? percent : busiest;
    }
    put_share(strip, "connections", json_object_get(saturation, "connections"), "open", false);
    put_share(strip, "buffers", json_object_get(saturation, "buffers"), "bytes", true);
    put_share(strip, "files", json_object_get(saturation, "descriptors"), "open", false);
    put_figure(strip, "memory", figure_bytes(world_number(saturation, "memory_bytes"), figure),
               NULL);
    put_figure(strip, "cpu %", figure_count(busiest, figure), busiest > 80 ? COLOUR_RED : NULL);
    end(strip);
}

/* ---- states ---------------------------------------------------------------------------------- */

static void put_states(struct strip *strip)
{
    double ready = 0, count = 0, without;
    const char *key;
    json_t *service;
    struct text words = TEXT_INIT;
    json_object_foreach (world_section(strip->view->world, "services"), key, service) {
        ready += world_number(service, "ready") > 0 ? world_number(service, "ready") : 0;
        count += world_number(service, "endpoint_count") > 0
                     ? world_number(service, "endpoint_count")
                     : 0;
    }
    text_appendf(&words, "%.0f of %.0f endpoints ready", ready, count);
    put(strip, text_str(&words), ready < count || count == 0 ? COLOUR_YELLOW : COLOUR_GREEN);
    without = json_number_value(world_section(strip->view->world, "left_out_count"));
    text_clear(&words);
    text_appendf(&words, ", %.0f containers without requests", without);
    if (without > 0)
        put(strip, text_str(&words), COLOUR_YELLOW);
    if (json_is_true(json_object_get(world_section(strip->view->world, "routes"), "shutting_down")))
        put(strip, ", shutting down", COLOUR_YELLOW);
    end(strip);
    text_fini(&words);
}

static void put_trouble(struct strip *strip)
{
    struct text words = TEXT_INIT;
    text_appendf(&words, "%s; trying again", strip->view->trouble);
    put(strip, text_str(&words), COLOUR_RED);
    end(strip);
    text_fini(&words);
}

void top_head_append(const struct top_look *view, struct text *out)
{
    struct strip strip = {.view = view, .out = out};
    bool is_lost = view->trouble && *view->trouble;
    if (world_section(view->world, "about")) {
        put_name(&strip);
        put_totals(&strip);
        put_saturation(&strip);
        if (!is_lost)
            put_states(&strip);
    }
    if (is_lost)
        put_trouble(&strip);
    end(&strip);
}
