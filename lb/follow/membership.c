#include "lb/follow/membership.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/follow/line_changes.h"
#include "lb/follow/member.h"
#include "lb/follow/unread.h"
#include "lb/follow/wanted_reader.h"

void membership_init(struct membership *membership, const char *service)
{
    *membership = (struct membership){.service = service, .wanted.routed = service};
}

void membership_fini(struct membership *membership)
{
    backends_fini(&membership->backends);
    reach_forget_own(&membership->reach);
    wanted_reader_free(&membership->wanted);
    arena_fini(&membership->names);
    route_keeper_fini(&membership->routes);
    listener_rules_fini(&membership->listeners);
    listener_keeper_fini(&membership->claims);
    json_decref(membership->told_remarks);
    state_line_fini(&membership->line);
    state_line_fini(&membership->spare);
    sign_of_life_fini(&membership->life);
    text_fini(&membership->passed_over);
    *membership = (struct membership){0};
}

/* ---- the line -------------------------------------------------------------------------------- */

struct leading membership_leading(const struct membership *membership)
{
    return (struct leading){.service = membership->service,
                            .routes = &membership->routes,
                            .listeners = &membership->listeners};
}

bool membership_serves(const struct membership *membership, const char *service)
{
    const struct leading leading = membership_leading(membership);
    struct serving serving;
    serving_of_name(&leading, service, &serving);
    return serving_is_any(&serving);
}

static enum err unrouted(const struct membership *membership)
{
    switch (membership->unrouted) {
    case MEMBERSHIP_NOT_FOUND:
        return ERR_NO_ROUTE;
    case MEMBERSHIP_UNAVAILABLE:
        return ERR_NO_ENDPOINT;
    case MEMBERSHIP_TO_DEFAULT:
        return ERR_OK;
    default:
        return membership->routes.table ? ERR_NO_ROUTE : ERR_OK;
    }
}

static void take_tables(struct membership *membership)
{
    membership->wanted.routes = membership->routes.table;
    membership->wanted.listeners = membership->listeners.table;
    membership->wanted.unrouted = unrouted(membership);
}

static void take_reading(struct membership *membership, struct wanted_reading *reading)
{
    wanted_reader_free(&membership->wanted);
    arena_fini(&membership->names);
    membership->wanted = reading->wanted;
    membership->wanted.routed = membership->service;
    membership->wanted.is_followed = true;
    membership->names = reading->names;
    text_fini(&membership->passed_over);
    membership->passed_over = reading->passed_over;
    take_tables(membership);
}

/* All of it anew. Fails: false, and nothing has changed. */
static bool read_again(struct membership *membership, const json_t *line, struct text *problem)
{
    struct wanted_reading reading = {.leading = membership_leading(membership),
                                     .reach = &membership->reach};
    bool is_good = wanted_reader_read(&reading, line, problem);
    if (is_good)
        take_reading(membership, &reading);
    else
        wanted_reader_forget(&reading);
    return is_good;
}

/* What is wanted from now on. Strings of endpoints that stay live in objects that both lines have.
 */
static bool take_services(struct membership *membership, const json_t *line, struct text *problem)
{
    struct line_changes changes; /* the list is long and mostly not used */
    changes.leading = membership_leading(membership);
    changes.reach = &membership->reach;
    changes.wanted = &membership->wanted;
    changes.count = 0;
    if (route_table_leads_alike(membership->wanted.routes, membership->routes.table) &&
        line_changes_find(&changes, membership->line.root, line)) {
        line_changes_apply(&changes);
        take_tables(membership);
        return true;
    }
    line_changes_forget(&changes);
    return read_again(membership, line, problem);
}

/* Of `membership->claims` and the operator's own rules. Gives what was settled before. */
static struct listener_rules settle(struct membership *membership)
{
    struct listener_rules before = membership->listeners;
    membership->wishes.keeper = &membership->claims;
    listener_rules_settle(&membership->wishes, &before, &membership->listeners);
    membership->reach.listeners = membership->listeners.table;
    return before;
}

/* The same rules follow from what is known of the claims now. */
static bool take_alike(struct membership *membership, const json_t *line,
                       struct listener_keeper *next, struct text *problem)
{
    struct listener_keeper before = membership->claims;
    membership->claims = *next;
    bool is_good = take_services(membership, line, problem);
    if (!is_good)
        membership->claims = before;
    listener_keeper_fini(is_good ? &before : next);
    return is_good;
}

/* Who asks for listeners, too. */
static bool take_claims(struct membership *membership, const json_t *line, struct text *problem)
{
    struct listener_keeper before = membership->claims, next;
    bool has_claims = member_int(line, KEY_VERSION, -1) > 1;
    struct listener_keeper_line said = {
        .listeners = has_claims ? json_object_get(line, KEY_LISTENERS) : NULL,
        .services = json_object_get(line, KEY_SERVICES),
        .services_before = json_object_get(membership->line.root, KEY_SERVICES),
        .now_ms = membership->now_ms};
    enum listener_keeper_news news = listener_keeper_read(&before, &said, &next, problem);
    if (news == LISTENER_KEEPER_REFUSED)
        return false;
    if (news == LISTENER_KEEPER_SAME)
        return take_services(membership, line, problem);
    if (news == LISTENER_KEEPER_ALIKE)
        return take_alike(membership, line, &next, problem);
    membership->claims = next;
    struct listener_rules rules = settle(membership);
    bool is_good = read_again(membership, line, problem);
    if (!is_good) {
        listener_rules_fini(&membership->listeners);
        membership->claims = before;
        membership->listeners = rules;
        membership->reach.listeners = rules.table;
    } else
        listener_rules_fini(&rules);
    listener_keeper_fini(is_good ? &before : &next);
    return is_good;
}

/* Routes and listeners first: they say which services are wanted. */
static bool take_state(struct membership *membership, const json_t *line, struct text *problem)
{
    struct route_keeper before = membership->routes, next;
    bool has_routes = member_int(line, KEY_VERSION, -1) > 1;
    struct route_keeper_line said = {
        .routes = has_routes ? json_object_get(line, KEY_ROUTES) : NULL,
        .services = json_object_get(line, KEY_SERVICES),
        .services_before = json_object_get(membership->line.root, KEY_SERVICES),
        .now_ms = membership->now_ms};
    if (json_array_size(json_object_get(line, KEY_LEFT_OUT)) > LIMITS_LEFT_OUT_MAX) {
        text_appendf(problem, "left_out: more than %u entries", LIMITS_LEFT_OUT_MAX);
        return false;
    }
    enum route_keeper_news news = route_keeper_read(&before, &said, &next, problem);
    if (news == ROUTE_KEEPER_REFUSED)
        return false;
    if (news == ROUTE_KEEPER_SAME)
        return take_claims(membership, line, problem);
    membership->routes = next;
    bool is_good = take_claims(membership, line, problem);
    if (!is_good)
        membership->routes = before;
    route_keeper_fini(is_good ? &before : &next);
    return is_good;
}

/* What a container's labels ask for in vain stands behind what discovery remarks on them. */
static void note_remarks(struct membership *membership)
{
    const json_t *remarks = json_object_get(membership->line.root, KEY_REMARKS);
    json_t *refused = membership->listeners.refused;
    json_decref(membership->told_remarks);
    membership->told_remarks = refused ? json_object() : NULL;
    for (void *i = json_object_iter(refused); i; i = json_object_iter_next(refused, i)) {
        const char *id = json_object_iter_key(i);
        const char *other = json_string_value(json_object_get(remarks, id));
        struct text both = TEXT_INIT;
        text_appendf(&both, "%s%s%s", other ? other : "", other ? "; " : "",
                     json_string_value(json_object_iter_value(i)));
        json_object_set_new(membership->told_remarks, id, json_string(text_str(&both)));
        text_fini(&both);
    }
}

static bool check_head(const json_t *line, struct text *problem)
{
    json_int_t version = json_is_object(line) ? member_int(line, KEY_VERSION, -1) : -1;
    const json_t *routes = json_object_get(line, KEY_ROUTES);
    if (version != 1 && version != 2) {
        text_append_str(problem, "v: want version 1 or 2 of the format");
        return false;
    }
    if (version == 2 && routes && !json_is_array(routes)) {
        text_append_str(problem, "routes: want an array");
        return false;
    }
    return true;
}

/* Takes `membership->spare`, which has the new line, in place of the last one if it is good. */
static enum membership_news take_line(struct membership *membership, struct text *problem)
{
    const struct state_line next = membership->spare;
    const json_t *alive = json_object_get(next.root, KEY_ALIVE);
    if (!check_head(next.root, problem))
        return MEMBERSHIP_REFUSED;
    if (alive && json_object_get(next.root, KEY_SERVICES)) {
        text_append_str(problem, "alive: want none beside services");
        return MEMBERSHIP_REFUSED;
    }
    if (alive)
        return sign_of_life_read(&membership->life, alive, problem) ? MEMBERSHIP_ALIVE
                                                                    : MEMBERSHIP_REFUSED;
    if (!take_state(membership, next.root, problem))
        return MEMBERSHIP_REFUSED;
    membership->spare = membership->line;
    membership->line = next;
    membership->is_recalled = false;
    note_remarks(membership);
    membership->line_count++;
    if (!membership->life.events) /* of a program that gives no signs of life */
        obstacle_clear(&membership->life.obstacle);
    membership->last_line_ns = clock_wall_ns();
    return MEMBERSHIP_CHANGED;
}

static enum membership_news take_whole_line(struct membership *membership, struct text *problem)
{
    json_t *whole = unread_complete(membership->spare.root, membership->line.root);
    if (whole)
        state_line_replace(&membership->spare, whole);
    enum membership_news news = take_line(membership, problem);
    if (news == MEMBERSHIP_CHANGED)
        membership->is_completed = whole != NULL;
    return news;
}

enum membership_news membership_read_line(struct membership *membership, struct view line,
                                          struct text *problem)
{
    enum membership_news news = MEMBERSHIP_REFUSED;
    if (state_line_parse(&membership->spare, &membership->line, line, problem))
        news = take_whole_line(membership, problem);
    state_line_clear(&membership->spare);
    membership->bad_line_count += news == MEMBERSHIP_REFUSED;
    return news;
}

enum membership_news membership_recall(struct membership *membership, struct view line,
                                       struct text *problem)
{
    uint64_t line_count = membership->line_count, bad_line_count = membership->bad_line_count;
    uint64_t last_line_ns = membership->last_line_ns;
    enum membership_news news = membership_read_line(membership, line, problem);
    membership->line_count = line_count;
    membership->bad_line_count = bad_line_count;
    membership->last_line_ns = last_line_ns;
    membership->is_recalled = news == MEMBERSHIP_CHANGED;
    return news;
}

/* By other rules than those that the line at hand was read by. */
static void want_again(struct membership *membership)
{
    struct text ignored = TEXT_INIT;
    if (membership->line.root) {
        read_again(membership, membership->line.root, &ignored); /* a good one */
    } else {
        struct leading leading = membership_leading(membership);
        membership->wanted.endpoint_count = 0;
        backends_want(&membership->backends, &leading, &membership->wanted);
        take_tables(membership);
    }
    note_remarks(membership);
    text_fini(&ignored);
}

uint64_t membership_next_ms(const struct membership *membership)
{
    uint64_t routes_ms = route_keeper_next_ms(&membership->routes);
    uint64_t claims_ms = listener_keeper_next_ms(&membership->claims);
    return routes_ms < claims_ms ? routes_ms : claims_ms;
}

static void settle_again(struct membership *membership)
{
    struct listener_rules before = settle(membership);
    want_again(membership);
    listener_rules_fini(&before);
}

bool membership_expire(struct membership *membership)
{
    bool is_any = route_keeper_expire(&membership->routes, membership->now_ms);
    if (listener_keeper_expire(&membership->claims, membership->now_ms)) {
        settle_again(membership);
        return true;
    }
    if (is_any)
        want_again(membership);
    return is_any;
}

void membership_listen(struct membership *membership, const struct listener_rule *rules,
                       unsigned count, const struct listener_range *dynamic)
{
    membership->wishes =
        (struct listener_wishes){.operators = rules, .operator_count = count, .dynamic = *dynamic};
    settle_again(membership);
}

void membership_route(struct membership *membership, const char *service)
{
    membership->service = service;
    membership->wanted.routed = service;
    want_again(membership);
}

void membership_take_backends(struct membership *membership, struct backends *backends)
{
    struct leading leading = membership_leading(membership);
    membership->wanted.endpoint_count = 0; /* they borrow from those that go */
    backends_want(backends, &leading, &membership->wanted);
    backends_fini(&membership->backends);
    membership->backends = *backends;
    *backends = (struct backends){0};
}

/* ---- what else the line says --------------------------------------------------------------- */

const char *membership_loss_at(const struct membership *membership, size_t index)
{
    const json_t *losses = json_object_get(membership->line.root, KEY_LOSSES);
    return json_string_value(json_array_get(losses, index));
}

const char *membership_remark(const struct membership *membership, const char *id)
{
    const json_t *remarks = json_object_get(membership->line.root, KEY_REMARKS);
    if (!id)
        return NULL;
    const char *told = json_string_value(json_object_get(membership->told_remarks, id));
    return told ? told : json_string_value(json_object_get(remarks, id));
}
