#include "lb/admin/listener_verdict.h"

/* ---- the listener ----------------------------------------------------------------------------- */

static bool is_any(const struct address *at)
{
    static const struct in6_addr any = IN6ADDR_ANY_INIT;
    if (at->socket.any.sa_family == AF_INET6)
        return memcmp(&at->socket.v6.sin6_addr, &any, sizeof(any)) == 0;
    return at->socket.v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

/* How well it fits: its own address comes before that of all; 0: not at all. */
static unsigned fit_of(const struct listener_seen *seen, const struct listener_question *question)
{
    if (seen->kind != question->kind || address_port(&seen->at) != question->port)
        return 0;
    if (question->at.socket.any.sa_family == 0)
        return 1;
    if (address_eq(&seen->at, &question->at))
        return 3;
    if (!is_any(&seen->at))
        return 0;
    return seen->at.socket.any.sa_family == question->at.socket.any.sa_family ? 2 : 1;
}

static void find_listener(const struct explain *explain, const struct listener_question *question,
                          struct listener_verdict *out)
{
    struct listener_walk walk = {.explain = explain};
    struct listener_seen seen;
    unsigned best = 0;
    while (listener_walk_next(&walk, &seen)) {
        unsigned fit = fit_of(&seen, question);
        if (fit > 0 && question->at.socket.any.sa_family == 0 && out->has_listener)
            out->other_count++;
        if (fit <= best)
            continue;
        out->listener = seen;
        out->has_listener = true;
        best = fit;
    }
}

/* ---- the rule --------------------------------------------------------------------------------- */

static bool is_wild(const struct listener_rule *rule)
{
    return rule->server_name.len > 0 && rule->server_name.ptr[0] == '*';
}

bool listener_verdict_holds(const struct listener_rule *rule,
                            const struct listener_question *question)
{
    struct view name = question->server_name, wanted = rule->server_name;
    if (rule->alpn.len > 0 && !view_eq(rule->alpn, question->alpn))
        return false;
    if (wanted.len == 0)
        return true;
    if (!is_wild(rule))
        return view_eq(wanted, name);
    struct view suffix = view_skip(wanted, 1); /* ".a.test" */
    return name.len > suffix.len && view_eq(view_skip(name, name.len - suffix.len), suffix);
}

/* Whether `a` is looked at before `b`, of two that hold. */
static bool is_before(const struct listener_rule *a, const struct listener_rule *b)
{
    unsigned form_of_a = a->server_name.len == 0 ? 2 : is_wild(a);
    unsigned form_of_b = b->server_name.len == 0 ? 2 : is_wild(b);
    if (form_of_a != form_of_b)
        return form_of_a < form_of_b;
    if (a->server_name.len != b->server_name.len)
        return a->server_name.len > b->server_name.len;
    return a->alpn.len > 0 && b->alpn.len == 0;
}

/* The first that holds, but for `except`. */
static uint32_t find_rule(const struct explain *explain, const struct listener_seen *seen,
                          const struct listener_question *question, uint32_t except)
{
    uint32_t best = LISTENER_VERDICT_NONE;
    for (uint32_t i = seen->first; i < seen->first + seen->count; i++) {
        const struct listener_rule *rule = listener_walk_rule(explain, i);
        bool is_better =
            i != except && listener_verdict_holds(rule, question) &&
            (best == LISTENER_VERDICT_NONE || is_before(rule, listener_walk_rule(explain, best)));
        if (is_better)
            best = i;
    }
    return best;
}

void listener_verdict_find(const struct explain *explain, const struct listener_question *question,
                           struct listener_verdict *out)
{
    *out = (struct listener_verdict){.rule = LISTENER_VERDICT_NONE, .next = LISTENER_VERDICT_NONE};
    find_listener(explain, question, out);
    out->rule = find_rule(explain, &out->listener, question, LISTENER_VERDICT_NONE);
    if (out->rule == LISTENER_VERDICT_NONE)
        return;
    out->next = find_rule(explain, &out->listener, question, out->rule);
    out->target = listener_walk_target(explain, listener_walk_rule(explain, out->rule));
    if (!listener_walk_rule(explain, out->rule)->is_closed)
        out->usable_count = listener_walk_usable_count(out->target);
}
