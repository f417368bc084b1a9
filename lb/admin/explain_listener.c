#include "lb/admin/explain_listener.h"

#include "lb/admin/listener_verdict.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/service_words.h"
#include "lb/base/shown.h"

struct telling {
    const struct explain *explain;
    const struct listener_question *question;
    struct listener_verdict verdict;
};

typedef void append_sentence(const struct telling *telling, struct text *line);

static const struct listener_rule *rule_at(const struct telling *telling, uint32_t number)
{
    return listener_walk_rule(telling->explain, number);
}

static bool is_shut(const struct telling *telling)
{
    return telling->verdict.has_listener && listener_walk_is_shut(&telling->verdict.listener);
}

/* ---- sentences -------------------------------------------------------------------------------- */

static void append_asked(const struct telling *telling, struct text *line)
{
    const struct listener_question *question = telling->question;
    char at[ADDRESS_TEXT_BYTES];
    text_appendf(line, "%s to ", service_kind_word(question->kind));
    if (question->at.socket.any.sa_family != 0)
        text_append_str(line, address_format(&question->at, at));
    else
        text_appendf(line, "port %u", question->port);
    if (question->server_name.len > 0) {
        text_append_str(line, ", TLS that asks for ");
        text_append(line, question->server_name);
    }
    if (question->alpn.len > 0) {
        text_append_str(line, ", with ALPN ");
        text_append(line, question->alpn);
    }
}

static void append_listener(const struct telling *telling, struct text *line)
{
    const struct listener_verdict *verdict = &telling->verdict;
    unsigned count = verdict->listener.count, others = verdict->other_count;
    listener_walk_append_place(&verdict->listener, line);
    if (is_shut(telling)) {
        text_append_str(line, ", which is not open: ");
        text_append_str(line, verdict->listener.standing->why);
    }
    text_appendf(line, ", with %u rule%s", count, count == 1 ? "" : "s");
    if (others > 0)
        text_appendf(line, "; %u more listener%s of that port, see lb explain --listeners", others,
                     others == 1 ? "" : "s");
}

static void append_rule(const struct telling *telling, uint32_t number, struct text *line)
{
    const struct listener_rule *rule = rule_at(telling, number);
    listener_walk_append_match(rule, telling->verdict.listener.count > 1, line);
    text_append_str(line, ": to the service ");
    text_append(line, rule->service);
    text_append_str(line, ", ");
    listener_walk_append_origin(rule, line);
    if (rule->is_closed)
        text_append_str(line, "; " LISTENER_WALK_CLOSED);
}

static void append_winner(const struct telling *telling, struct text *line)
{
    append_rule(telling, telling->verdict.rule, line);
}

static void append_why(const struct telling *telling, struct text *line)
{
    const struct listener_rule *rule = rule_at(telling, telling->verdict.rule);
    const struct listener_rule *next = rule_at(telling, telling->verdict.next);
    if (view_eq(rule->server_name, next->server_name))
        text_append_str(line, "a rule that names an ALPN comes before one that does not");
    else if (rule->server_name.ptr[0] != '*')
        text_append_str(line, "a rule with the server name itself comes first");
    else
        text_append_str(line, next->server_name.len > 0
                                  ? "of rules with *. the longest comes first"
                                  : "a rule with a server name comes before one without");
    text_append_str(line, "; next would be the one ");
    append_rule(telling, telling->verdict.next, line);
}

static const char *balance_word(const struct telling *telling, struct text *room)
{
    const struct balance_rule *balance = &telling->verdict.target->policy->balance;
    if (telling->question->kind == SERVICE_TCP && balance->algorithm == BALANCE_LEAST_REQUESTS)
        return "least-connections";
    balance_rule_format(balance, room);
    return text_str(room);
}

static void append_service(const struct telling *telling, struct text *line)
{
    const struct routes_target *target = telling->verdict.target;
    unsigned count = target->listed ? target->listed->endpoint_count : 0;
    struct text room = TEXT_INIT;
    text_append_str(line, target->service->name);
    if (count == 0)
        text_appendf(line,
                     ", which has no servers for %s: a container with the label lb.service=%s, or "
                     "--backend %s=%s://HOST:PORT, would be one",
                     service_kind_word(target->service->kind), target->service->name,
                     target->service->name, service_kind_word(target->service->kind));
    else
        text_appendf(line, ", %u of %u server%s can be asked, chosen by %s",
                     telling->verdict.usable_count, count, count == 1 ? "" : "s",
                     balance_word(telling, &room));
    service_words_append(&telling->explain->membership->wanted, target->service->name,
                         target->service->kind, "; asked of it: ", line);
    service_standing_append_pause(service_paused_until_ms(target->service),
                                  telling->explain->now_ms, telling->question->kind, line);
    text_fini(&room);
}

static void append_places(const struct telling *telling, struct text *line)
{
    struct listener_walk walk = {.explain = telling->explain};
    struct listener_seen seen;
    unsigned count = 0;
    while (listener_walk_next(&walk, &seen)) {
        if (seen.kind != telling->question->kind || ++count > EXPLAIN_LISTENER_RULES_MAX)
            continue;
        text_append_str(line, count == 1 ? " lb listens at " : ", ");
        listener_walk_append_place(&seen, line);
    }
    if (count > EXPLAIN_LISTENER_RULES_MAX)
        text_appendf(line, " and %u more", count - EXPLAIN_LISTENER_RULES_MAX);
    text_append_str(line, count > 0 ? "." : "");
}

static void append_no_listener(const struct telling *telling, struct text *line)
{
    const char *word = service_kind_word(telling->question->kind);
    unsigned port = telling->question->port;
    text_appendf(line, "from nobody: lb has no %s listener there.", word);
    append_places(telling, line);
    text_appendf(line,
                 " Start it with --%s %u=SERVICE, or give a container the label lb.%s=%u where "
                 "--dynamic-ports has that port.",
                 word, port, word, port);
}

static bool ends_tls(const struct telling *telling)
{
    const struct listener_standing *standing = telling->verdict.listener.standing;
    return standing && standing->ends_tls;
}

static void append_https(const struct telling *telling, struct text *line)
{
    struct view name = telling->question->server_name;
    text_append_str(line,
                    "from lb itself: it speaks TLS there (--listen-tls), and the request in it "
                    "goes by its host and path. lb explain https://");
    text_append(line, name.len > 0 ? name : VIEW("NAME"));
    text_append_str(line, "/ tells where to");
}

static void append_no_rule(const struct telling *telling, struct text *line)
{
    char at[ADDRESS_TEXT_BYTES];
    const char *word = service_kind_word(telling->question->kind);
    unsigned count = telling->verdict.listener.count;
    address_format(&telling->verdict.listener.at, at);
    if (count == 0)
        text_appendf(line,
                     "from nobody: no container asks for this listener. Give one the label "
                     "lb.%s=%u, or start lb with --%s %s=SERVICE.",
                     word, telling->question->port, word, at);
    else
        text_appendf(line,
                     "from nobody: it is closed, as no rule holds for it (no_route). Give the "
                     "listener one without a server name, as in --%s %s=SERVICE; or a container "
                     "the label lb.%s.sni with this name.",
                     word, at, word);
}

static void append_nobody(const struct telling *telling, struct text *line)
{
    if (telling->question->kind == SERVICE_UDP)
        text_append_str(line, "from nobody at the moment: no server can be asked, so that its "
                              "datagrams are dropped. The lines above say what would change it.");
    else if (telling->verdict.target->policy->hold_ms > 0 && telling->verdict.target->listed)
        text_appendf(line,
                     "from nobody at the moment: no server can be asked. The connection waits for "
                     "one for %g s (--hold), and is closed then. The lines above say what would "
                     "change it.",
                     (double)telling->verdict.target->policy->hold_ms / 1e3);
    else
        text_appendf(line,
                     "from nobody at the moment: no server can be asked, so that the connection is "
                     "closed (no_endpoint)%s. The lines above say what would change it.",
                     telling->verdict.target->policy->hold_ms > 0
                         ? "; it waits before (--hold) where one was there within the last minute"
                         : "");
}

static void append_answer(const struct telling *telling, struct text *line)
{
    const struct listener_verdict *verdict = &telling->verdict;
    if (!verdict->has_listener)
        append_no_listener(telling, line);
    else if (is_shut(telling))
        text_append_str(line, "from nobody: the listener is not open, see above.");
    else if (verdict->rule == LISTENER_VERDICT_NONE && ends_tls(telling))
        append_https(telling, line);
    else if (verdict->rule == LISTENER_VERDICT_NONE)
        append_no_rule(telling, line);
    else if (verdict->usable_count == 0)
        append_nobody(telling, line);
    else
        text_appendf(line, "from a server of %s", verdict->target->service->name);
}

/* ---- text ------------------------------------------------------------------------------------- */

static void add_line(const struct telling *telling, const char *word, append_sentence *append,
                     struct text *out)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    text_appendf(out, "%s: ", word);
    shown_append(out, text_view(&line));
    text_append_char(out, '\n');
    text_fini(&line);
}

/* The rules that do not hold: what would have to be asked for. */
static void add_others(const struct telling *telling, struct text *out)
{
    const struct listener_seen *seen = &telling->verdict.listener;
    unsigned count = 0;
    for (uint32_t i = seen->first; i < seen->first + seen->count; i++) {
        struct text line = TEXT_INIT;
        if (listener_verdict_holds(rule_at(telling, i), telling->question) ||
            ++count > EXPLAIN_LISTENER_RULES_MAX)
            continue;
        append_rule(telling, i, &line);
        text_append_str(out, "other: ");
        shown_append(out, text_view(&line));
        text_append_char(out, '\n');
        text_fini(&line);
    }
    if (count > EXPLAIN_LISTENER_RULES_MAX)
        text_appendf(out, "other: %u more; lb explain --listeners lists them\n",
                     count - EXPLAIN_LISTENER_RULES_MAX);
}

static void add_servers(const struct telling *telling, struct text *out)
{
    unsigned count = explain_write_service_text(
        telling->explain, view_str(telling->verdict.target->service->name), telling->question->kind,
        EXPLAIN_LISTENER_ENDPOINT_MAX, out);
    if (count > EXPLAIN_LISTENER_ENDPOINT_MAX)
        text_appendf(out, "%u more; lb explain lists them\n",
                     count - EXPLAIN_LISTENER_ENDPOINT_MAX);
}

void explain_listener_write_text(const struct explain *explain,
                                 const struct listener_question *question, struct text *out)
{
    struct telling telling = {.explain = explain, .question = question};
    const struct listener_verdict *verdict = &telling.verdict;
    listener_verdict_find(explain, question, &telling.verdict);
    add_line(&telling, "asked", append_asked, out);
    if (verdict->has_listener)
        add_line(&telling, "listener", append_listener, out);
    if (verdict->rule != LISTENER_VERDICT_NONE)
        add_line(&telling, "rule", append_winner, out);
    if (verdict->next != LISTENER_VERDICT_NONE)
        add_line(&telling, "why", append_why, out);
    add_others(&telling, out);
    if (verdict->target) {
        add_line(&telling, "service", append_service, out);
        add_servers(&telling, out);
    }
    add_line(&telling, "answer", append_answer, out);
}

/* ---- JSON ------------------------------------------------------------------------------------- */

static void write_sentence(const struct telling *telling, const char *key, append_sentence *append,
                           struct json_writer *json)
{
    struct text line = TEXT_INIT;
    append(telling, &line);
    json_writer_key(json, key);
    json_writer_string(json, text_view(&line));
    text_fini(&line);
}

static void write_verdict(const struct telling *telling, struct json_writer *json)
{
    const struct listener_verdict *verdict = &telling->verdict;
    char at[ADDRESS_TEXT_BYTES];
    if (verdict->has_listener)
        json_writer_field_str(json, "listener", address_format(&verdict->listener.at, at));
    if (verdict->rule != LISTENER_VERDICT_NONE)
        write_sentence(telling, "rule", append_winner, json);
    if (verdict->next != LISTENER_VERDICT_NONE)
        write_sentence(telling, "why", append_why, json);
}

static void write_service(const struct telling *telling, struct json_writer *json)
{
    const struct routes_target *target = telling->verdict.target;
    json_writer_field_str(json, "service", target->service->name);
    json_writer_field_uint(json, "usable", telling->verdict.usable_count);
    json_writer_field_uint(json, "endpoint_count",
                           target->listed ? target->listed->endpoint_count : 0);
    json_writer_key(json, "containers");
    json_writer_begin_array(json);
    explain_write_service_json(telling->explain, view_str(target->service->name),
                               telling->question->kind, EXPLAIN_LISTENER_ENDPOINT_MAX, json);
    json_writer_end_array(json);
}

void explain_listener_write_json(const struct explain *explain,
                                 const struct listener_question *question, struct text *out)
{
    struct json_writer json;
    struct telling telling = {.explain = explain, .question = question};
    listener_verdict_find(explain, question, &telling.verdict);
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_key(&json, "url");
    json_writer_string(&json, text_view(&question->url));
    json_writer_field_str(&json, "protocol", service_kind_word(question->kind));
    write_verdict(&telling, &json);
    if (telling.verdict.target)
        write_service(&telling, &json);
    write_sentence(&telling, "answer", append_answer, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}
