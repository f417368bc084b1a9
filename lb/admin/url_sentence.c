#include "lb/admin/url_sentence.h"

#include "lb/admin/default_route.h"
#include "lb/admin/route_standing.h"
#include "lb/admin/route_words.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/service_words.h"
#include "lb/contract/auth.h"

static const struct rule *rule_at(const struct url_telling *telling, uint32_t number)
{
    return telling->verdict->table->rules[number];
}

static const struct route *route_at(const struct url_telling *telling, uint32_t number)
{
    return &rule_at(telling, number)->route;
}

/* ---- the request ------------------------------------------------------------------------------ */

void url_sentence_request(const struct url_telling *telling, struct text *line)
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

/* ---- where no route holds --------------------------------------------------------------------- */

static void append_no_route(const struct url_telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->near.count > 0) {
        text_appendf(line, "no route holds, though %u %s for the host ", verdict->near.count,
                     verdict->near.count == 1 ? "is" : "are");
        text_append(line, telling->question->host);
        return;
    }
    text_append_str(line, "no route is for the host ");
    text_append(line, telling->question->host);
    if (verdict->nearest_host.len == 0)
        return;
    text_append_str(line, "; there is one for ");
    text_append(line, verdict->nearest_host);
}

static const char *remedy_of_no_route(const struct url_telling *telling)
{
    return telling->verdict->near.count > 0
               ? "Change a path or a condition of theirs, or give a container a route without one."
               : "Give a container a route for it, for example by its label lb.host; lb explain "
                 "--routes lists those there are.";
}

static void append_default(const struct url_telling *telling, struct text *line)
{
    if (telling->verdict->table)
        text_append_str(line, "none. ");
    default_route_append(telling->explain->membership, line);
}

/* ---- the routes ------------------------------------------------------------------------------- */

static void append_alike(const struct url_telling *telling, struct text *line)
{
    uint32_t count = telling->verdict->alike_count;
    if (count > 0)
        text_appendf(line, "; %u more say%s the same", count, count == 1 ? "s" : "");
}

/* The container of the route that wins may be gone. */
static void append_standing(const struct url_telling *telling, struct text *line)
{
    struct route_standing standing;
    if (telling->explain->membership->routes.lost_count == 0)
        return;
    route_standing_init(&standing, telling->verdict->table, &telling->explain->membership->routes);
    route_standing_append(&standing, telling->verdict->winner, telling->explain->now_ms, line);
    route_standing_fini(&standing);
}

void url_sentence_route(const struct url_telling *telling, struct text *line)
{
    if (telling->verdict->winner == ROUTE_TABLE_NONE) {
        append_default(telling, line);
        return;
    }
    route_words_append(route_at(telling, telling->verdict->winner), line);
    append_alike(telling, line);
    append_standing(telling, line);
}

/* Who asks from where nobody says is in no range: that may be another answer than a client's. */
static void append_unknown_client(const struct url_telling *telling, struct text *line)
{
    if (!telling->question->client && telling->verdict->depends_on_client)
        text_append_str(line,
                        "; a route here looks at the client, and none is given: ask again with "
                        "--client IP");
}

void url_sentence_why(const struct url_telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->is_in_doubt) {
        text_append_str(line,
                        "it comes first of those that hold or may hold, and of this one it is "
                        "not known");
        return;
    }
    if (verdict->next == ROUTE_TABLE_NONE) {
        text_append_str(line, "no other route holds for this request");
    } else {
        rule_append_why(rule_at(telling, verdict->winner), rule_at(telling, verdict->next), line);
        text_append_str(line, "; the next best is ");
        route_words_append(route_at(telling, verdict->next), line);
    }
    append_unknown_client(telling, line);
}

void url_sentence_overruled(const struct url_telling *telling, unsigned index, struct text *line)
{
    uint32_t number = telling->verdict->overruled.numbers[index];
    route_words_append(route_at(telling, number), line);
    text_append_str(line, ". It never gets a request, as the route above wins: ");
    rule_append_why(rule_at(telling, telling->verdict->winner), rule_at(telling, number), line);
    text_append_str(line, ". Change one of the two");
}

void url_sentence_near(const struct url_telling *telling, unsigned index, struct text *line)
{
    const struct route_condition *fault = telling->verdict->near_faults[index];
    route_words_append(route_at(telling, telling->verdict->near.numbers[index]), line);
    text_append_str(line, ". It does not hold: ");
    if (fault)
        route_words_append_condition(fault, line);
    else
        text_append_str(line, "the path is another one");
}

/* ---- what is done ----------------------------------------------------------------------------- */

void url_sentence_edit(const struct url_telling *telling, struct text *line)
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

static const char *service_name(const struct url_telling *telling)
{
    return telling->verdict->target->service->name;
}

void url_sentence_service(const struct url_telling *telling, struct text *line)
{
    const struct pool_service *listed = telling->verdict->target->listed;
    unsigned count = listed ? listed->endpoint_count : 0;
    text_append_str(line, service_name(telling));
    if (count == 0)
        text_append_str(line, ", which has no endpoints");
    else
        text_appendf(line, ", %u of %u endpoint%s get%s requests", telling->verdict->usable_count,
                     count, count == 1 ? "" : "s", count == 1 ? "s" : "");
    unsigned waiting = listed ? atomic_load(&listed->kept->waiting_count) : 0;
    if (waiting > 0)
        text_appendf(line, ", %u wait%s as all are at their limit", waiting,
                     waiting == 1 ? "s" : "");
    service_words_append(&telling->explain->membership->wanted, service_name(telling), SERVICE_HTTP,
                         "; asked of it: ", line);
    service_standing_append_pause(service_paused_until_ms(telling->verdict->target->service),
                                  telling->explain->now_ms, SERVICE_HTTP, line);
}

void url_sentence_shares(const struct url_telling *telling, struct text *line)
{
    service_standing_append_shares(telling->verdict->group, &telling->explain->membership->wanted,
                                   line);
}

/* Where a route holds, and says so by itself. */
static void append_by_route(const struct url_telling *telling, struct text *line)
{
    struct view why = route_at(telling, telling->verdict->winner)->why;
    text_append_str(line, "the route says so");
    if (why.len > 0) {
        text_append_str(line, ", as ");
        text_append(line, why);
    }
    text_append_str(line, ". No other route gets it.");
}

static void append_unrouted(const struct url_telling *telling, struct text *line)
{
    if (telling->verdict->table) {
        append_no_route(telling, line);
        text_append_str(line, ". ");
    }
    default_route_append(telling->explain->membership, line);
    if (telling->verdict->table)
        text_appendf(line, " %s", remedy_of_no_route(telling));
}

static void append_location(const struct url_telling *telling, struct text *line)
{
    text_append_str(line, "the route sends the client to ");
    text_append(line, text_view(&telling->verdict->location));
    text_append_char(line, '.');
}

/* Whatever files are there. */
static bool asks_always(const struct treatment_auth *auth)
{
    struct view files = auth->files;
    struct auth_file file = {.may_miss = true};
    while (file.may_miss && auth_next_file(&files, &file))
        continue;
    return auth->users.count > 0 || !file.may_miss;
}

static bool asks_who(const struct url_telling *telling)
{
    uint32_t winner = telling->verdict->winner;
    const struct treatment *treatment =
        winner != ROUTE_TABLE_NONE ? rule_at(telling, winner)->treatment : NULL;
    return treatment && treatment->auth && asks_always(treatment->auth);
}

static void append_missing(const struct url_telling *telling, struct text *line)
{
    text_append_str(line, "the route asks for a name and a password of the file ");
    text_append(line, telling->verdict->missing);
    text_append_str(line, ", which is not in --htpasswd-dir or cannot be used; put it there, as "
                          "htpasswd -B writes it.");
}

static void append_no_handshake(const struct url_telling *telling, struct text *line)
{
    struct https_rule rule;
    url_https_shown(&telling->explain->https, telling->question->host, &rule, NULL);
    text_append_str(line, "no handshake, and so no answer: no certificate is shown, as ");
    url_https_append_none(&rule, line);
    text_append_char(line, '.');
}

void url_sentence_answer(const struct url_telling *telling, struct text *line)
{
    const struct url_verdict *verdict = telling->verdict;
    if (verdict->way == URL_HTTPS_NO_HANDSHAKE) {
        append_no_handshake(telling, line);
        return;
    }
    if (verdict->status == 0) {
        text_appendf(line, "from an endpoint of %s%s%s", service_name(telling),
                     verdict->group ? ", or of another service that has a share" : "",
                     asks_who(telling) ? ", to who signs in; lb itself answers all others" : "");
        return;
    }
    text_appendf(line, "%u from lb itself: ", verdict->status);
    if (verdict->way != URL_HTTPS_SERVED)
        url_https_append(verdict->way, text_view(&verdict->location), line);
    else if (verdict->status == 400 && verdict->winner != ROUTE_TABLE_NONE)
        text_append_str(line,
                        "what the route makes of it leads up, or to a host that the path names.");
    else if (verdict->status == 400)
        text_append_str(line, "its path has .. beside an escaped slash, a backslash or ;, which "
                              "servers read differently. Write the path that is meant.");
    else if (verdict->is_kept_out)
        text_append_str(line, "the route lets only other addresses in (allow, deny).");
    else if (verdict->missing.len > 0)
        append_missing(telling, line);
    else if (verdict->location.len > 0)
        append_location(telling, line);
    else if (verdict->status == 414)
        text_append_str(line, "what the route makes of it is too long.");
    else if (verdict->status == 308)
        text_append_str(line, "the path is that which is taken away, without a / behind it; the "
                              "client is told to come again with one.");
    else if (verdict->is_in_doubt)
        text_append_str(line, "a regex of the route takes too many steps for this request, so that "
                              "it is in doubt whether the route holds, and no other route gets it "
                              "either. Repeat less within what is repeated.");
    else if (verdict->target)
        text_append_str(line, "nobody of the service gets requests at the moment, and none comes "
                              "while a request waits (--hold). No other route gets it.");
    else if (verdict->winner != ROUTE_TABLE_NONE)
        append_by_route(telling, line);
    else
        append_unrouted(telling, line);
}
