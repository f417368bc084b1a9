#include "lb/admin/explain_url.h"

#include "lb/admin/certificates_page.h"
#include "lb/admin/route_words.h"
#include "lb/admin/url_sentence.h"
#include "lb/base/shown.h"

/* Who may come in is asked before there is a server for it. */
static void note_users(const struct explain *explain, struct url_verdict *verdict)
{
    const struct htpasswd *list;
    bool is_asked =
        (verdict->status == 0 && verdict->target) || (verdict->status == 503 && verdict->target);
    if (!is_asked || verdict->winner == ROUTE_TABLE_NONE)
        return;
    const struct route *route = &verdict->table->rules[verdict->winner]->route;
    struct view files =
        route_option_find(route->options, route->option_count, ROUTE_OPTION_AUTH_FILE);
    if (files.len == 0 || library_find_users(explain->library, files, &list) != LIBRARY_UNKNOWN)
        return;
    verdict->status = 503;
    verdict->missing = files;
}

static void begin(struct url_telling *telling, const struct explain *explain,
                  struct url_question *question, struct url_verdict *verdict)
{
    url_verdict_find(explain->pool, &explain->https, question, verdict);
    note_users(explain, verdict);
    *telling = (struct url_telling){
        .explain = explain, .asked = question, .question = &question->question, .verdict = verdict};
}

static unsigned listed(const struct url_verdict_rules *rules)
{
    return rules->count < URL_VERDICT_LISTED_MAX ? rules->count : URL_VERDICT_LISTED_MAX;
}

/* The service that gets copies. NULL: none. */
static const struct routes_target *mirror_of(const struct url_telling *telling)
{
    const struct url_verdict *verdict = telling->verdict;
    bool is_mirrored = verdict->target && verdict->winner != ROUTE_TABLE_NONE &&
                       verdict->table->rules[verdict->winner]->mirror_ring;
    return is_mirrored ? routes_mirror(&telling->explain->pool->routes, verdict->winner) : NULL;
}

static void append_mirror(const struct url_telling *telling, struct text *line)
{
    struct url_verdict verdict = *telling->verdict; /* its texts are borrowed */
    struct url_telling other = *telling;
    verdict.target = mirror_of(telling);
    verdict.usable_count = url_verdict_count_usable(verdict.target);
    other.verdict = &verdict;
    text_append_str(line, "copies go to the service ");
    url_sentence_service(&other, line);
    if (verdict.usable_count == 0)
        text_append_str(line, "; none are made");
}

/* Whether the route wants a certificate that is not there. */
static bool append_lack(const struct url_telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->winner == ROUTE_TABLE_NONE)
        return false;
    const struct treatment *treatment = verdict->table->rules[verdict->winner]->treatment;
    return treatment && url_https_append_lack(&telling->explain->https, &treatment->https, line);
}

/* ---- text --------------------------------------------------------------------------------------- */

typedef void append_sentence(const struct url_telling *telling, struct text *line);
typedef void append_one(const struct url_telling *telling, unsigned index, struct text *line);

static void append_line(const char *word, struct text *line, struct text *out)
{
    text_appendf(out, "%s: ", word);
    shown_append(out, text_view(line));
    text_append_char(out, '\n');
    text_fini(line);
}

static void add_line(const struct url_telling *telling, const char *word, append_sentence *append,
                     struct text *out)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    append_line(word, &line, out);
}

static void add_rules(const struct url_telling *telling, const char *word,
                      const struct url_verdict_rules *rules, append_one *append, struct text *out)
{
    for (unsigned i = 0; i < listed(rules); i++) {
        struct text line = TEXT_INIT;
        append(telling, i, &line);
        append_line(word, &line, out);
    }
    if (rules->count > listed(rules))
        text_appendf(out, "%s: %u more; lb explain --routes lists them\n", word,
                     rules->count - listed(rules));
}

static void add_routes(const struct url_telling *telling, struct text *out)
{
    const struct url_verdict *verdict = telling->verdict;
    bool is_routed = verdict->winner != ROUTE_TABLE_NONE;
    if (is_routed || verdict->target)
        add_line(telling, "route", url_sentence_route, out);
    if (is_routed)
        add_line(telling, "why", url_sentence_why, out);
    add_rules(telling, "conflict", &verdict->overruled, url_sentence_overruled, out);
    add_rules(telling, "near", &verdict->near, url_sentence_near, out);
}

/* Who brings the route along, and is in no service as something of it cannot be used. */
static struct view author_of(const struct url_verdict *verdict)
{
    return verdict->winner == ROUTE_TABLE_NONE
               ? VIEW("")
               : verdict->table->rules[verdict->winner]->route.container;
}

static void add_service(const struct url_telling *telling, struct text *out)
{
    struct view service = view_str(telling->verdict->target->service->name);
    add_line(telling, "service", url_sentence_service, out);
    unsigned count = explain_write_service_text(telling->explain, service, SERVICE_HTTP,
                                                EXPLAIN_URL_ENDPOINT_MAX, out);
    struct view author = author_of(telling->verdict);
    if (count == 0 && author.len > 0)
        count =
            explain_write_container_text(telling->explain, author, EXPLAIN_URL_ENDPOINT_MAX, out);
    if (count > EXPLAIN_URL_ENDPOINT_MAX)
        text_appendf(out, "%u more; lb explain lists them\n", count - EXPLAIN_URL_ENDPOINT_MAX);
}

/* The other services that have a share. */
static void add_others(const struct url_telling *telling, struct text *out)
{
    const struct routes_group *group = telling->verdict->group;
    for (unsigned i = 0; i < group->ring.count; i++) {
        struct url_verdict verdict = *telling->verdict; /* its texts are borrowed */
        struct url_telling other = *telling;
        if (group->members[i] == verdict.target)
            continue;
        verdict.target = group->members[i];
        verdict.usable_count = url_verdict_count_usable(verdict.target);
        other.verdict = &verdict;
        add_service(&other, out);
    }
}

static void add_services(const struct url_telling *telling, struct text *out)
{
    if (telling->verdict->group)
        add_line(telling, "shares", url_sentence_shares, out);
    add_service(telling, out);
    if (telling->verdict->group)
        add_others(telling, out);
}

void explain_url_write_text(const struct explain *explain, struct url_question *question,
                            struct text *out)
{
    struct url_verdict verdict;
    struct url_telling telling;
    struct text lack = TEXT_INIT;
    begin(&telling, explain, question, &verdict);
    add_line(&telling, "request", url_sentence_request, out);
    add_routes(&telling, out);
    if (append_lack(&telling, &lack))
        append_line("lack", &lack, out);
    if (verdict.sent.len > 0)
        add_line(&telling, "path", url_sentence_edit, out);
    if (verdict.target)
        add_services(&telling, out);
    if (mirror_of(&telling))
        add_line(&telling, "mirror", append_mirror, out);
    add_line(&telling, "answer", url_sentence_answer, out);
    url_verdict_fini(&verdict);
}

/* ---- JSON --------------------------------------------------------------------------------------- */

static void write_view(struct json_writer *json, const char *key, struct view value)
{
    json_writer_key(json, key);
    json_writer_string(json, value);
}

static void write_sentence(const struct url_telling *telling, const char *key,
                           append_sentence *append, struct json_writer *json)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    write_view(json, key, text_view(&line));
    text_fini(&line);
}

static void write_request(const struct url_telling *telling, struct json_writer *json)
{
    write_view(json, "url", text_view(&telling->asked->url));
    write_view(json, "method", telling->question->method);
    write_view(json, "host", telling->question->host);
    write_view(json, "path", telling->asked->path);
    if (telling->asked->change != URL_PATH_REFUSED)
        write_view(json, "compared_as", telling->question->path);
    write_view(json, "query", telling->question->query);
}

static void write_one(const struct url_telling *telling, uint32_t number, struct json_writer *json)
{
    route_words_write(&telling->verdict->table->rules[number]->route, json);
}

static void write_route(const struct url_telling *telling, const char *key, uint32_t number,
                        struct json_writer *json)
{
    if (number == ROUTE_TABLE_NONE)
        return;
    json_writer_key(json, key);
    write_one(telling, number, json);
}

static void write_routes(const struct url_telling *telling, const char *key,
                         const struct url_verdict_rules *rules, struct json_writer *json)
{
    if (rules->count == 0)
        return;
    json_writer_key(json, key);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < listed(rules); i++)
        write_one(telling, rules->numbers[i], json);
    json_writer_end_array(json);
}

static void write_verdict(const struct url_telling *telling, struct json_writer *json)
{
    const struct url_verdict *verdict = telling->verdict;
    write_route(telling, "route", verdict->winner, json);
    if (verdict->winner != ROUTE_TABLE_NONE) {
        write_sentence(telling, "why", url_sentence_why, json);
        json_writer_field_bool(json, "in_doubt", verdict->is_in_doubt);
        json_writer_field_uint(json, "alike", verdict->alike_count);
        write_route(telling, "next", verdict->next, json);
    } else if (verdict->target) {
        write_sentence(telling, "default", url_sentence_route, json);
    }
    write_routes(telling, "overruled", &verdict->overruled, json);
    write_routes(telling, "near", &verdict->near, json);
    if (verdict->sent.len > 0)
        write_view(json, "sent_path", text_view(&verdict->sent));
    if (verdict->prefix.len > 0)
        write_view(json, "prefix", verdict->prefix);
    if (verdict->location.len > 0)
        write_view(json, "location", text_view(&verdict->location));
}

static void write_service(const struct url_telling *telling, struct json_writer *json)
{
    const struct routes_target *target = telling->verdict->target;
    const struct routes_group *group = telling->verdict->group;
    json_writer_field_str(json, "service", target->service->name);
    if (telling->verdict->group)
        write_sentence(telling, "shares", url_sentence_shares, json);
    json_writer_field_uint(json, "usable", telling->verdict->usable_count);
    json_writer_field_uint(json, "endpoint_count",
                           target->listed ? target->listed->endpoint_count : 0);
    json_writer_key(json, "containers");
    json_writer_begin_array(json);
    struct view author = author_of(telling->verdict);
    if (explain_write_service_json(telling->explain, view_str(target->service->name), SERVICE_HTTP,
                                   EXPLAIN_URL_ENDPOINT_MAX, json) == 0 &&
        author.len > 0)
        explain_write_container_json(telling->explain, author, EXPLAIN_URL_ENDPOINT_MAX, json);
    for (unsigned i = 0; group && i < group->ring.count; i++)
        if (group->members[i] != target)
            explain_write_service_json(telling->explain, view_str(group->members[i]->service->name),
                                       SERVICE_HTTP, EXPLAIN_URL_ENDPOINT_MAX, json);
    json_writer_end_array(json);
}

static void write_certificates(const struct url_telling *telling, struct json_writer *json)
{
    const struct certificates_page *page = telling->explain->certificates;
    struct text lack = TEXT_INIT;
    if (append_lack(telling, &lack))
        write_view(json, "lack", text_view(&lack));
    text_fini(&lack);
    if (page && view_starts_with(text_view(&telling->asked->url), VIEW("https:")))
        certificates_page_write_host_json(page, telling->question->host, true, json);
}

void explain_url_write_json(const struct explain *explain, struct url_question *question,
                            struct text *out)
{
    struct json_writer json;
    struct url_verdict verdict;
    struct url_telling telling;
    begin(&telling, explain, question, &verdict);
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    write_request(&telling, &json);
    write_verdict(&telling, &json);
    if (verdict.target)
        write_service(&telling, &json);
    if (mirror_of(&telling))
        write_sentence(&telling, "mirror", append_mirror, &json);
    write_certificates(&telling, &json);
    if (verdict.status > 0)
        json_writer_field_uint(&json, "status", verdict.status);
    write_sentence(&telling, "answer", url_sentence_answer, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
    url_verdict_fini(&verdict);
}
