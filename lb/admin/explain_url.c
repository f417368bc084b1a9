#include "lb/admin/explain_url.h"

#include "lb/admin/route_standing.h"
#include "lb/admin/route_words.h"
#include "lb/admin/url_verdict.h"
#include "lb/base/shown.h"
#include "lb/contract/route_write.h"

/* What is told of one request. */
struct telling {
    const struct explain *explain;
    const struct url_question *asked;
    const struct question *question; /* of that */
    const struct url_verdict *verdict;
};

static const struct route *route_at(const struct telling *telling, uint32_t number)
{
    return &telling->verdict->table->rules[number]->route;
}

/* ---- sentences --------------------------------------------------------------------------------- */

static void append_request(const struct telling *telling, struct text *line)
{
    const struct question *question = telling->question;
    text_append(line, question->method);
    text_append_str(line, ", host ");
    text_append(line, question->host);
    text_append_str(line, ", path ");
    text_append(line, telling->asked->path);
    if (telling->asked->change == URL_PATH_SPELLED || telling->asked->change == URL_PATH_MOVED) {
        text_append_str(line, " (compared as ");
        text_append(line, question->path);
        text_append_char(line, ')');
    }
    if (question->query.len > 0) {
        text_append_str(line, ", query ");
        text_append(line, question->query);
    }
}

static void append_alike(const struct telling *telling, struct text *line)
{
    uint32_t count = telling->verdict->alike_count;
    if (count > 0)
        text_appendf(line, "; %u more say%s the same", count, count == 1 ? "s" : "");
}

static void append_why(const struct telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    const struct rule *const *rules = verdict->table->rules;
    if (verdict->next == ROUTE_TABLE_NONE) {
        text_append_str(line, "no other route holds for this request");
        return;
    }
    rule_append_why(rules[verdict->winner], rules[verdict->next], line);
    text_append_str(line, "; the next best is ");
    route_words_append(route_at(telling, verdict->next), line);
}

/* The container of the route that wins may be gone. */
static void append_standing(const struct telling *telling, struct text *line)
{
    struct route_standing standing;
    if (telling->explain->membership->routes.lost_count == 0)
        return;
    route_standing_init(&standing, telling->verdict->table, &telling->explain->membership->routes);
    route_standing_append(&standing, telling->verdict->winner, telling->explain->now_ms, line);
    route_standing_fini(&standing);
}

static void append_overruled(const struct telling *telling, uint32_t number, struct text *line)
{
    const struct rule *const *rules = telling->verdict->table->rules;
    route_words_append(&rules[number]->route, line);
    text_append_str(line, ". It never gets a request: of the route above ");
    rule_append_why(rules[telling->verdict->winner], rules[number], line);
    text_append_str(line, ". Change one of the two");
}

/* How a request leaves, where that is not as it came. */
static void append_edit(const struct telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    text_append_str(line, "a server gets ");
    text_append(line, text_view(&verdict->sent));
    if (telling->question->query.len > 0) {
        text_append_char(line, '?');
        text_append(line, telling->question->query);
    }
    if (verdict->prefix.len > 0) {
        text_append_str(line, ", with X-Forwarded-Prefix: ");
        text_append(line, verdict->prefix);
    }
}

static void append_near(const struct telling *telling, unsigned index, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    const struct route_condition *fault = verdict->near_faults[index];
    route_words_append(route_at(telling, verdict->near.numbers[index]), line);
    text_append_str(line, ". It does not hold: ");
    if (fault)
        route_words_append_condition(fault, line);
    else
        text_append_str(line, "the path is another one");
}

static unsigned listed(const struct url_verdict_rules *rules)
{
    return rules->count < URL_VERDICT_LISTED_MAX ? rules->count : URL_VERDICT_LISTED_MAX;
}

static void append_no_route(const struct telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    struct view host = telling->question->host;
    if (verdict->near.count > 0) {
        text_append_str(line, "no route holds, though ");
        text_appendf(line, "%u %s for the host ", verdict->near.count,
                     verdict->near.count == 1 ? "is" : "are");
        text_append(line, host);
        return;
    }
    text_append_str(line, "no route is for the host ");
    text_append(line, host);
    if (verdict->nearest_host.len == 0)
        return;
    text_append_str(line, "; there is one for ");
    text_append(line, verdict->nearest_host);
}

static const char *remedy_of_no_route(const struct telling *telling)
{
    return telling->verdict->near.count > 0
               ? "Change a path or a condition of theirs, or give a container a route without one."
               : "Give a container a route for it, for example by its label lb.host; lb explain "
                 "--routes lists those there are.";
}

static void append_default(const struct telling *telling, struct text *line)
{
    if (telling->verdict->table)
        append_no_route(telling, line);
    else
        text_append_str(line, "there are no routes");
    text_append_str(line, ": it goes to the default service");
}

static const char *service_name(const struct url_verdict *verdict)
{
    return verdict->target ? verdict->target->service->name : NULL;
}

static void append_service(const struct telling *telling, struct text *line)
{
    const struct pool_service *listed_one = telling->verdict->target->listed;
    unsigned count = listed_one ? listed_one->endpoint_count : 0;
    text_append_str(line, service_name(telling->verdict));
    if (count == 0)
        text_append_str(line, ", which has no endpoints");
    else
        text_appendf(line, ", %u of %u endpoint%s get%s requests", telling->verdict->usable_count,
                     count, count == 1 ? "" : "s", count == 1 ? "s" : "");
}

static void append_answer(const struct telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->status == 0)
        text_appendf(line, "from an endpoint of %s", service_name(verdict));
    else
        text_appendf(line, "%u from lb itself: ", verdict->status);
    if (verdict->status == 400)
        text_append_str(line, "its path has .. beside an escaped slash, a backslash or ;, which "
                              "servers read differently. Write the path that is meant.");
    else if (verdict->status == 308)
        text_append_str(line, "the path is that which is taken away, without a / behind it; the "
                              "client is told to come again with one.");
    else if (verdict->target)
        text_append_str(line, verdict->status == 503
                                  ? "nobody of the service gets requests at the moment, and none "
                                    "comes while a request waits (--hold). No other route gets it."
                                  : "");
    else if (verdict->status > 0 && verdict->winner != ROUTE_TABLE_NONE)
        text_append_str(line, "the route says so.");
    else if (verdict->status > 0) {
        append_no_route(telling, line);
        text_appendf(line, ". %s", remedy_of_no_route(telling));
    }
}

/* ---- text --------------------------------------------------------------------------------------- */

static void add_line(const struct telling *telling, const char *word,
                     void (*append)(const struct telling *telling, struct text *line),
                     struct text *out)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    text_appendf(out, "%s: ", word);
    shown_append(out, text_view(&line));
    text_append_char(out, '\n');
    text_fini(&line);
}

static void append_winner(const struct telling *telling, struct text *line)
{
    route_words_append(route_at(telling, telling->verdict->winner), line);
    append_alike(telling, line);
    append_standing(telling, line);
}

static void
add_rules(const struct telling *telling, const char *word, const struct url_verdict_rules *rules,
          void (*append)(const struct telling *telling, unsigned index, struct text *line),
          struct text *out)
{
    for (unsigned i = 0; i < listed(rules); i++) {
        struct text line = TEXT_INIT;
        append(telling, i, &line);
        text_appendf(out, "%s: ", word);
        shown_append(out, text_view(&line));
        text_append_char(out, '\n');
        text_fini(&line);
    }
    if (rules->count > listed(rules))
        text_appendf(out, "%s: %u more; lb explain --routes lists them\n", word,
                     rules->count - listed(rules));
}

static void append_overruled_at(const struct telling *telling, unsigned index, struct text *line)
{
    append_overruled(telling, telling->verdict->overruled.numbers[index], line);
}

static void add_routes(const struct telling *telling, struct text *out)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->winner != ROUTE_TABLE_NONE) {
        add_line(telling, "route", append_winner, out);
        add_line(telling, "why", append_why, out);
    } else if (verdict->target) {
        add_line(telling, "route", append_default, out);
    }
    add_rules(telling, "conflict", &verdict->overruled, append_overruled_at, out);
    add_rules(telling, "near", &verdict->near, append_near, out);
}

static void add_service(const struct telling *telling, struct text *out)
{
    struct view service = view_str(service_name(telling->verdict));
    add_line(telling, "service", append_service, out);
    unsigned count =
        explain_write_service_text(telling->explain, service, EXPLAIN_URL_ENDPOINT_MAX, out);
    if (count > EXPLAIN_URL_ENDPOINT_MAX)
        text_appendf(out, "%u more; lb explain lists them\n", count - EXPLAIN_URL_ENDPOINT_MAX);
}

static void write_text(const struct telling *telling, struct text *out)
{
    add_line(telling, "request", append_request, out);
    add_routes(telling, out);
    if (telling->verdict->sent.len > 0)
        add_line(telling, "path", append_edit, out);
    if (telling->verdict->target)
        add_service(telling, out);
    add_line(telling, "answer", append_answer, out);
}

void explain_url_write_text(const struct explain *explain, struct url_question *question,
                            struct text *out)
{
    struct url_verdict verdict;
    url_verdict_find(explain->pool, question, &verdict);
    write_text(&(struct telling){.explain = explain,
                                 .asked = question,
                                 .question = &question->question,
                                 .verdict = &verdict},
               out);
    url_verdict_fini(&verdict);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static void write_view(struct json_writer *json, const char *key, struct view value)
{
    json_writer_key(json, key);
    json_writer_string(json, value);
}

static void write_sentence(const struct telling *telling, const char *key,
                           void (*append)(const struct telling *telling, struct text *line),
                           struct json_writer *json)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    write_view(json, key, text_view(&line));
    text_fini(&line);
}

static void write_request(const struct telling *telling, struct json_writer *json)
{
    write_view(json, "url", text_view(&telling->asked->url));
    write_view(json, "method", telling->question->method);
    write_view(json, "host", telling->question->host);
    write_view(json, "path", telling->asked->path);
    if (telling->asked->change != URL_PATH_REFUSED)
        write_view(json, "compared_as", telling->question->path);
    write_view(json, "query", telling->question->query);
}

static void write_route(const struct telling *telling, const char *key, uint32_t number,
                        struct json_writer *json)
{
    if (number == ROUTE_TABLE_NONE)
        return;
    json_writer_key(json, key);
    route_write(route_at(telling, number), json);
}

static void write_routes(const struct telling *telling, const char *key,
                         const struct url_verdict_rules *rules, struct json_writer *json)
{
    if (rules->count == 0)
        return;
    json_writer_key(json, key);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < listed(rules); i++)
        route_write(route_at(telling, rules->numbers[i]), json);
    json_writer_end_array(json);
}

static void write_verdict(const struct telling *telling, struct json_writer *json)
{
    const struct url_verdict *verdict = telling->verdict;
    write_route(telling, "route", verdict->winner, json);
    if (verdict->winner != ROUTE_TABLE_NONE) {
        write_sentence(telling, "why", append_why, json);
        json_writer_field_uint(json, "alike", verdict->alike_count);
        write_route(telling, "next", verdict->next, json);
    }
    write_routes(telling, "overruled", &verdict->overruled, json);
    write_routes(telling, "near", &verdict->near, json);
    if (verdict->sent.len > 0)
        write_view(json, "sent_path", text_view(&verdict->sent));
    if (verdict->prefix.len > 0)
        write_view(json, "prefix", verdict->prefix);
}

static void write_service(const struct telling *telling, struct json_writer *json)
{
    const struct pool_service *listed_one = telling->verdict->target->listed;
    const char *name = service_name(telling->verdict);
    json_writer_field_str(json, "service", name);
    json_writer_field_uint(json, "usable", telling->verdict->usable_count);
    json_writer_field_uint(json, "endpoint_count", listed_one ? listed_one->endpoint_count : 0);
    json_writer_key(json, "containers");
    json_writer_begin_array(json);
    explain_write_service_json(telling->explain, view_str(name), EXPLAIN_URL_ENDPOINT_MAX, json);
    json_writer_end_array(json);
}

static void write_json(const struct telling *telling, struct json_writer *json)
{
    json_writer_begin_object(json);
    write_request(telling, json);
    write_verdict(telling, json);
    if (telling->verdict->target)
        write_service(telling, json);
    if (telling->verdict->status > 0)
        json_writer_field_uint(json, "status", telling->verdict->status);
    write_sentence(telling, "answer", append_answer, json);
    json_writer_end_object(json);
}

void explain_url_write_json(const struct explain *explain, struct url_question *question,
                            struct text *out)
{
    struct url_verdict verdict;
    struct json_writer json;
    json_writer_init(&json, out);
    url_verdict_find(explain->pool, question, &verdict);
    write_json(&(struct telling){.explain = explain,
                                 .asked = question,
                                 .question = &question->question,
                                 .verdict = &verdict},
               &json);
    text_append_char(out, '\n');
    url_verdict_fini(&verdict);
}
