#include "lb/admin/route_words.h"

#include "lb/contract/route_write.h"

/* ---- which requests --------------------------------------------------------------------------- */

void route_words_append_condition(const struct route_condition *condition, struct text *out)
{
    text_appendf(out, "%s%s ", condition->is_not ? "not " : "", route_kind_word(condition->kind));
    if (condition->name.len > 0) {
        text_append(out, condition->name);
        text_append_str(out, ": ");
    }
    text_append(out, condition->value);
}

static void append_next(const struct route_condition *condition, size_t start, struct text *out)
{
    if (out->len > start)
        text_append_str(out, ", ");
    route_words_append_condition(condition, out);
}

void route_words_append_match(const struct route *route, struct text *out)
{
    const struct route_pattern *patterns[] = {&route->host, &route->path};
    size_t start = out->len;
    for (size_t i = 0; i < 2; i++)
        if (patterns[i]->text.len > 0)
            append_next(
                &(struct route_condition){.kind = patterns[i]->kind, .value = patterns[i]->text},
                start, out);
    for (unsigned i = 0; i < route->condition_count; i++)
        append_next(&route->conditions[i], start, out);
    if (out->len == start)
        text_append_str(out, "all requests");
}

/* ---- what is done ----------------------------------------------------------------------------- */

static void append_part(const char *before, struct view part, struct text *out)
{
    if (part.len == 0)
        return;
    text_append_str(out, before);
    text_append(out, part);
}

static void append_options(const struct route *route, struct text *out)
{
    if (route->option_count == 0)
        return;
    text_append_str(out, ", with ");
    route_option_append_all(route->options, route->option_count, out);
}

static void append_shares(const struct route *route, struct text *out)
{
    for (unsigned i = 0; i < route->share_count; i++) {
        append_part(i > 0 ? ", " : "to the services ", route->shares[i].service, out);
        text_appendf(out, " (weight %u)", route->shares[i].weight);
    }
}

void route_words_append_target(const struct route *route, struct text *out)
{
    if (route->answer_status > 0) {
        text_appendf(out, "answered with %u", route->answer_status);
        append_part(", as ", route->why, out);
        return;
    }
    if (route->share_count > 0)
        append_shares(route, out);
    else
        append_part("to the service ", route->service, out);
    append_part(", without ", route->strip, out);
    append_part(", with the path behind ", route->add, out);
    append_options(route, out);
}

/* ---- who says so ------------------------------------------------------------------------------ */

static void append_order(const struct route *route, struct text *out)
{
    text_append_str(out, " (");
    text_append(out, route->dialect.len > 0 ? route->dialect : VIEW("no dialect"));
    if (route->priority != 0)
        text_appendf(out, ", priority %d", route->priority);
    if (route->is_ranked)
        text_appendf(out, ", rank %d", route->rank);
    text_append_char(out, ')');
}

void route_words_append_origin(const struct route *route, struct text *out)
{
    struct view container = route->name.len > 0 ? route->name : route->container;
    text_append_str(out, "by ");
    text_append(out, route->label.len > 0 ? route->label : VIEW("what is set"));
    append_part(" of ", container, out);
    append_order(route, out);
}

void route_words_append(const struct route *route, struct text *out)
{
    route_words_append_match(route, out);
    text_append_str(out, ": ");
    route_words_append_target(route, out);
    text_append_str(out, ", ");
    route_words_append_origin(route, out);
}

void route_words_write(const struct route *route, struct json_writer *json)
{
    struct route_option options[ROUTE_OPTION_COUNT];
    struct route shown = *route;
    shown.options = options;
    for (unsigned i = 0; i < route->option_count; i++) {
        options[i] = route->options[i];
        if (route_option_is_secret(options[i].kind))
            options[i].value = VIEW("not shown");
    }
    route_write(&shown, json);
}
