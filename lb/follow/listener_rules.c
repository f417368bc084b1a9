#include "lb/follow/listener_rules.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/follow/listener_contest.h"

#define TOLD_BYTES_MAX 1024u /* of one container */

/* A listener and what its name was until now. */
struct settling {
    const struct listener_wishes *wishes;
    struct listener_rules *out;
    struct listener_contest contest;
    unsigned join_room;
};

/* ---- what is refused ------------------------------------------------------------------------- */

static struct view label_of(const struct listener_rule *rule)
{
    return rule->label.len > 0 ? rule->label : VIEW("its listener");
}

static struct view name_of(const struct listener_rule *rule)
{
    return rule->container_name.len > 0 ? rule->container_name : rule->container;
}

/* `tcp port 443 with the name a.test and h2` */
static void append_asked(const struct listener_rule *rule, struct text *out)
{
    text_appendf(out, "%s port %u", service_kind_word(rule->kind),
                 rule->port > 0 ? rule->port : address_port(&rule->at));
    if (rule->server_name.len > 0) {
        text_append_str(out, " with the name ");
        shown_append(out, rule->server_name);
    }
    if (rule->alpn.len > 0) {
        text_append_str(out, rule->server_name.len > 0 ? " and " : " with ");
        shown_append(out, rule->alpn);
    }
}

/* A container's text has one sentence for each label that asks in vain. */
static void note_remark(struct listener_rules *out, const struct listener_rule *rule,
                        const struct text *sentence)
{
    struct text id = TEXT_INIT, remark = TEXT_INIT;
    if (!out->refused)
        out->refused = json_object();
    text_append(&id, rule->container);
    const char *before = json_string_value(json_object_get(out->refused, text_str(&id)));
    if (!before || strlen(before) < TOLD_BYTES_MAX) {
        text_appendf(&remark, "%s%s%s", before ? before : "", before ? "; " : "",
                     text_str(sentence));
        json_object_set_new(out->refused, text_str(&id), json_string(text_str(&remark)));
    }
    text_fini(&remark);
    text_fini(&id);
}

/* `why` is that; it is emptied. */
static void refuse(struct listener_rules *out, const struct listener_rule *rule, struct text *why)
{
    struct text sentence = TEXT_INIT;
    shown_append(&sentence, label_of(rule));
    text_append_str(&sentence, ": ");
    text_append(&sentence, text_view(why));
    if (out->refused_count++ == 0) {
        shown_append(&out->first_told, name_of(rule));
        text_append_str(&out->first_told, rule->container.len > 0 ? ": " : "");
        text_append(&out->first_told, text_view(&sentence));
    }
    if (rule->container.len > 0)
        note_remark(out, rule, &sentence);
    text_fini(&sentence);
    text_fini(why);
}

static void refuse_loser(void *owner, const struct listener_contender *loser,
                         const struct listener_contender *winner)
{
    struct text why = TEXT_INIT;
    if (loser->is_operators || loser->is_lost)
        return;
    append_asked(&loser->rule, &why);
    text_append_str(&why, " is ");
    if (winner->is_operators)
        text_append_str(&why, "the operator's");
    else
        shown_append(&why, name_of(&winner->rule));
    if (!winner->is_operators)
        text_append_str(&why, winner->is_lost ? "'s, which is gone and may come back within 30 s,"
                                              : "'s, which is older,");
    text_append_str(&why, " for the service \"");
    shown_append(&why, winner->rule.service);
    text_append_char(&why, '"');
    refuse(owner, &loser->rule, &why);
}

static void refuse_unopened(struct settling *settling, const struct listener_rule *claim)
{
    const char *word = service_kind_word(claim->kind);
    struct text why = TEXT_INIT;
    if (claim->listener.len > 0) {
        text_appendf(&why, "lb has no %s listener for a service \"", word);
        shown_append(&why, claim->listener);
        text_appendf(&why, "\": --%s IP:PORT=", word);
        shown_append(&why, claim->listener);
        text_append_str(&why, " would open one");
    } else {
        text_appendf(&why,
                     "%s port %u is not open to containers: --%s %u would open it, or "
                     "--dynamic-ports a range that has it",
                     word, claim->port, word, claim->port);
        if (settling->wishes->dynamic.low > 0) {
            text_append_str(&why, " (now ");
            listener_range_format(&settling->wishes->dynamic, &why);
            text_append_char(&why, ')');
        }
    }
    refuse(settling->out, claim, &why);
}

/* Without a name it would take all of the listener. */
static void refuse_nameless(struct settling *settling, const struct listener_rule *claim)
{
    struct text why = TEXT_INIT;
    append_asked(claim, &why);
    text_append_str(&why, " is where lb itself speaks TLS (--listen-tls): only a name of it can be "
                          "asked for, with lb.tcp.sni");
    refuse(settling->out, claim, &why);
}

static void refuse_as_too_many(struct settling *settling, const struct listener_rule *claim)
{
    struct text why = TEXT_INIT;
    text_appendf(&why, "all containers together ask for more than %u listeners and names",
                 LISTENER_RULES_MAX);
    refuse(settling->out, claim, &why);
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static bool has_names(const struct listener_rule *rule)
{
    return rule->server_name.len > 0 || rule->alpn.len > 0;
}

static void join(struct settling *settling, const struct listener_rule *claim, struct view target)
{
    struct listener_rules *out = settling->out;
    struct text name = TEXT_INIT;
    if (claim->container.len == 0)
        return;
    if (out->join_count == settling->join_room) {
        settling->join_room = 2 * settling->join_room + 16;
        out->joins = memory_resize(out->joins, settling->join_room * sizeof(*out->joins));
    }
    text_append(&name, target);
    const char *kept = arena_copy(&out->arena, view_of(text_str(&name), name.len + 1)).ptr;
    out->joins[out->join_count++] =
        (struct listener_join){.service = arena_copy(&out->arena, claim->service),
                               .container = arena_copy(&out->arena, claim->container),
                               .kind = claim->kind,
                               .target = kept};
    text_fini(&name);
}

/* The operator's rule for all that comes there with that name (empty: for all), by whichever ALPN. */
static const struct listener_rule *find_operators(const struct listener_wishes *wishes,
                                                  enum service_kind kind, const struct address *at,
                                                  struct view server_name)
{
    for (unsigned i = 0; i < wishes->operator_count; i++) {
        const struct listener_rule *rule = &wishes->operators[i];
        if (rule->kind == kind && rule->service.len > 0 && rule->alpn.len == 0 &&
            view_eq_nocase(rule->server_name, server_name) && address_eq(&rule->at, at))
            return rule;
    }
    return NULL;
}

/* An ALPN would take a part of a name that the operator gives to another service as a whole. */
static bool is_operators_part(struct settling *settling, const struct listener_contender *contender)
{
    const struct listener_rule *rule = &contender->rule;
    const struct listener_rule *whole =
        rule->alpn.len == 0 || rule->server_name.len == 0
            ? NULL
            : find_operators(settling->wishes, rule->kind, &rule->at, rule->server_name);
    if (!whole || view_eq(whole->service, rule->service))
        return false;
    refuse_loser(settling->out, contender,
                 &(struct listener_contender){.rule = *whole, .is_operators = true});
    return true;
}

static bool ends_tls(const struct listener_wishes *wishes, const struct address *at)
{
    for (unsigned i = 0; i < wishes->operator_count; i++)
        if (wishes->operators[i].ends_tls && address_eq(&wishes->operators[i].at, at))
            return true;
    return false;
}

static void ask_at(struct settling *settling, const struct listener_rule *claim, bool is_lost,
                   const struct address *at)
{
    const struct listener_rule *usual =
        has_names(claim) ? NULL
                         : find_operators(settling->wishes, claim->kind, at, view_of(NULL, 0));
    struct view target = usual ? usual->service : view_of(NULL, 0);
    if (claim->server_name.len == 0 && claim->kind == SERVICE_TCP &&
        ends_tls(settling->wishes, at)) {
        if (!is_lost)
            refuse_nameless(settling, claim);
        return;
    }
    if (!has_names(claim) && claim->listener.len > 0)
        target = claim->listener;
    if (target.len > 0 && (is_lost || view_eq(target, claim->service)))
        return;
    if (target.len > 0) {
        join(settling, claim, target);
        return;
    }
    struct listener_contender contender = {.rule = *claim, .is_lost = is_lost};
    contender.rule.at = *at;
    contender.rule.port = address_port(at);
    if (is_operators_part(settling, &contender))
        return;
    if (!listener_contest_add(&settling->contest, &contender) && !is_lost)
        refuse_as_too_many(settling, claim);
}

static bool is_meant(const struct listener_rule *rule, const struct listener_rule *claim)
{
    return rule->kind == claim->kind &&
           (claim->listener.len > 0 ? view_eq(rule->service, claim->listener)
                                    : address_port(&rule->at) == claim->port);
}

/* Whether one before it has the same address. */
static bool is_again(const struct listener_wishes *wishes, unsigned index,
                     const struct listener_rule *claim)
{
    for (unsigned i = 0; i < index; i++)
        if (is_meant(&wishes->operators[i], claim) &&
            address_eq(&wishes->operators[i].at, &wishes->operators[index].at))
            return true;
    return false;
}

static struct address at_port(const struct address *ip, uint16_t port)
{
    struct address at = *ip;
    if (at.socket.any.sa_family == AF_INET6)
        at.socket.v6.sin6_port = htons(port);
    else
        at.socket.v4.sin_port = htons(port);
    return at;
}

static void ask(struct settling *settling, const struct listener_rule *claim, bool is_lost)
{
    const struct listener_wishes *wishes = settling->wishes;
    bool is_any = false;
    for (unsigned i = 0; i < wishes->operator_count; i++) {
        if (!is_meant(&wishes->operators[i], claim) || is_again(wishes, i, claim))
            continue;
        ask_at(settling, claim, is_lost, &wishes->operators[i].at);
        is_any = true;
    }
    if (is_any)
        return;
    if (claim->listener.len == 0 && listener_range_has(&wishes->dynamic, claim->port)) {
        struct address at = at_port(&wishes->dynamic.at, claim->port);
        ask_at(settling, claim, is_lost, &at);
    } else if (!is_lost)
        refuse_unopened(settling, claim);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int compare_joins(const void *left, const void *right)
{
    const struct listener_join *a = left, *b = right;
    int order = view_compare(a->service, b->service);
    if (order == 0)
        order = view_compare(a->container, b->container);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    return order ? order : strcmp(a->target, b->target);
}

/* By several addresses of a listener one joins the same service more than once. */
static void sort_joins(struct listener_rules *out)
{
    unsigned kept = 0;
    if (out->join_count > 1)
        qsort(out->joins, out->join_count, sizeof(*out->joins), compare_joins);
    for (unsigned i = 0; i < out->join_count; i++)
        if (kept == 0 || compare_joins(&out->joins[kept - 1], &out->joins[i]) != 0)
            out->joins[kept++] = out->joins[i];
    out->join_count = kept;
}

static void make_table(struct settling *settling, const struct listener_rules *before)
{
    struct listener_contest *contest = &settling->contest;
    unsigned count = listener_contest_judge(contest, refuse_loser, settling->out);
    struct listener_rule *rules = memory_new(count * sizeof(*rules));
    for (unsigned i = 0; i < count; i++)
        rules[i] = contest->contenders[i].rule;
    struct listener_table *table = count > 0 ? listener_table_new(rules, count) : NULL;
    if (table && before && listener_table_is_same(table, before->table)) {
        listener_table_unref(table);
        table = listener_table_ref(before->table);
    }
    settling->out->table = table;
    free(rules);
}

void listener_rules_settle(const struct listener_wishes *wishes,
                           const struct listener_rules *before, struct listener_rules *out)
{
    struct settling settling = {.wishes = wishes, .out = out};
    const struct listener_keeper *keeper = wishes->keeper;
    *out = (struct listener_rules){0};
    for (unsigned i = 0; i < wishes->operator_count; i++)
        if (wishes->operators[i].service.len > 0)
            listener_contest_add(
                &settling.contest,
                &(struct listener_contender){.rule = wishes->operators[i], .is_operators = true});
    for (unsigned i = 0; i < keeper->list.count; i++)
        ask(&settling, &keeper->list.rules[i], false);
    for (unsigned i = 0; i < keeper->lost_count; i++)
        ask(&settling, &keeper->lost[i].rule, true);
    sort_joins(out);
    make_table(&settling, before);
    listener_contest_fini(&settling.contest);
}

void listener_rules_fini(struct listener_rules *rules)
{
    listener_table_unref(rules->table);
    free(rules->joins);
    arena_fini(&rules->arena);
    json_decref(rules->refused);
    text_fini(&rules->first_told);
    *rules = (struct listener_rules){0};
}

bool listener_rules_serve(const struct listener_rules *rules, const char *service,
                          enum service_kind kind)
{
    return rules->table && listener_table_service_find(rules->table, view_str(service), kind) !=
                               LISTENER_TABLE_NONE;
}

/* Whether it stands before those that are asked for. */
static int compare_with(const struct listener_join *join, struct view service,
                        const char *container)
{
    int order = view_compare(join->service, service);
    return order || !container ? order : view_compare(join->container, view_str(container));
}

const struct listener_join *listener_rules_joins(const struct listener_rules *rules,
                                                 const char *service, const char *container,
                                                 unsigned *count)
{
    unsigned low = 0, high = rules->join_count;
    struct view name = view_str(service);
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (compare_with(&rules->joins[middle], name, container) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < rules->join_count &&
                     compare_with(&rules->joins[low + *count], name, container) == 0;)
        ++*count;
    return *count > 0 ? &rules->joins[low] : NULL;
}
