#include "lb/admin/explain_walk.h"

#include "lb/admin/certificate_lack.h"
#include "lb/admin/default_route.h"
#include "lb/admin/service_reach.h"
#include "lb/admin/service_words.h"
#include "lb/admin/subject.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/follow/left_out.h"
#include "lb/follow/reasons.h"

/* By the name that was given. */
static bool is_meant(const struct explain_walk *walk, const struct explain_subject *subject)
{
    bool is_backend = left_out_reason_parse(subject->word) == LEFT_OUT_UNRESOLVED;
    if (walk->subject.len == 0)
        return true;
    if (subject->endpoint)
        return subject_means_endpoint(walk->explain->membership, walk->subject,
                                      subject->endpoint) != SUBJECT_NO;
    return subject_means(walk->subject, subject->id, subject->container, subject->name) !=
               SUBJECT_NO ||
           (is_backend && backends_name_means(subject->name, walk->subject));
}

static bool is_wanted(const struct explain_walk *walk, const struct explain_subject *subject)
{
    bool is_of_service = !walk->service.ptr || view_eq(walk->service, view_str(subject->service));
    return is_of_service && is_meant(walk, subject);
}

/* On its labels; or, where it was asked for by name, on the file that it is of. */
static const char *find_remark(const struct explain_walk *walk,
                               const struct explain_subject *subject)
{
    const struct membership *membership = walk->explain->membership;
    const char *remark = membership_remark(membership, subject->container);
    bool is_of_file = subject->endpoint && strcmp(subject->endpoint->cause, "file") == 0;
    if (!remark && is_of_file && walk->subject.len > 0)
        remark = membership_remark(membership, KEY_REMARKS_FILE);
    return remark;
}

/* And on a certificate that it asks for in vain. */
static void append_remark(const struct explain_walk *walk, const struct explain_subject *subject,
                          struct text *out)
{
    const char *found = find_remark(walk, subject);
    struct text lack = TEXT_INIT;
    text_append_str(out, found ? found : "");
    if (walk->explain->orders_none &&
        certificate_lack_append(walk->explain->membership, &walk->explain->https,
                                subject->container, &lack)) {
        text_append_str(out, found ? "; " : "");
        text_append(out, text_view(&lack));
    }
    text_fini(&lack);
}

/* Of those that were seen with a remark: one that serves in many services has it once. */
static bool is_first(struct explain_walk *walk, const char *container)
{
    bool is_new = !json_object_get(walk->remarked, container);
    if (is_new)
        json_object_set_new(walk->remarked, container, json_true());
    return is_new;
}

static void visit(struct explain_walk *walk, const struct explain_subject *subject)
{
    if (!is_wanted(walk, subject))
        return;
    walk->count++;
    if (walk->limit > 0 && walk->count > walk->limit)
        return;
    struct explain_subject remarked = *subject;
    struct text remark = TEXT_INIT;
    append_remark(walk, subject, &remark);
    if (remark.len > 0 && !(walk->is_brief && !is_first(walk, subject->container)))
        remarked.remark = text_str(&remark);
    walk->write(walk->out, &remarked);
    text_fini(&remark);
}

/* Why it is in that state, with what was met and what its HEALTHCHECK said. */
static void append_why(const struct endpoint *endpoint, const struct facts *facts, struct text *why)
{
    enum endpoint_state state = endpoint_state(endpoint);
    const char *problem = endpoint->problem;
    text_appendf(why, "%s%s%s", reasons_of_endpoint(endpoint)->why, problem[0] ? ": " : "",
                 problem);
    if (facts->health && (state == ENDPOINT_UNHEALTHY || state == ENDPOINT_STARTING))
        text_appendf(why, ": %s", facts->health);
}

/* It is well, but nobody asks it. */
static void note_unreached(const struct explain_walk *walk, struct explain_subject *subject,
                           struct text *why)
{
    text_clear(why);
    subject->is_routed = false;
    if (subject->kind != SERVICE_HTTP) {
        text_appendf(why, "no %s listener leads to its service %s",
                     service_kind_word(subject->kind), subject->service);
        subject->remedy = "Start lb with --tcp or --udp IP:PORT=SERVICE, with the name of its "
                          "service.";
        return;
    }
    text_appendf(why, "no route leads to its service %s. ", subject->service);
    default_route_append(walk->explain->membership, why);
    why->bytes[--why->len] = '\0'; /* its full stop comes with the remedy */
    subject->remedy = "Give it a route, for example by its label lb.host; or name its service by "
                      "--service.";
}

static void visit_endpoint(struct explain_walk *walk, const struct pool_service *service,
                           const struct endpoint *endpoint)
{
    struct text why = TEXT_INIT, names = TEXT_INIT, wishes = TEXT_INIT;
    struct explain_subject subject = {.id = endpoint->id,
                                      .container = endpoint->container,
                                      .name = endpoint->name,
                                      .service = service->name,
                                      .kind = service->kind,
                                      .endpoint = endpoint,
                                      .listed = service,
                                      .backends = &walk->explain->membership->backends,
                                      .is_routed = pool_may_use(service, endpoint),
                                      .word = endpoint_state_word(endpoint_state(endpoint)),
                                      .remedy = reasons_of_endpoint(endpoint)->remedy,
                                      .since_ns = endpoint->state_since_ns,
                                      .paused_until_ms = service_paused_until_ms(service->kept),
                                      .now_ms = walk->explain->now_ms};
    facts_read(json_object_get(walk->index, endpoint->id), &subject.facts);
    backends_append_names(&walk->explain->membership->backends, &endpoint->address, &names);
    if (names.len > 0)
        subject.facts.address_from = text_str(&names);
    service_words_append(&walk->explain->membership->wanted, service->name, service->kind, "",
                         &wishes);
    subject.wishes = wishes.len > 0 ? text_str(&wishes) : NULL;
    append_why(endpoint, &subject.facts, &why);
    bool is_reached_here = service_reach_is(walk->explain->pool, service);
    if (subject.is_routed && !is_reached_here && endpoint_state(endpoint) == ENDPOINT_READY)
        note_unreached(walk, &subject, &why);
    subject.is_routed &=
        is_reached_here; /* in need, others are used too, where a route leads to them */
    subject.why = text_str(&why);
    if (is_reached_here ||
        !service_reach_is_otherwise(walk->explain->pool, service->name, endpoint))
        visit(walk, &subject);
    text_fini(&why);
    text_fini(&names);
    text_fini(&wishes);
}

/* What it says of its service or site is passed over for what is wrong with its own words. */
static bool hinders_its_own_route(const struct left_out *left_out)
{
    enum left_out_reason reason = left_out_reason_parse(left_out->reason);
    const char *from = json_string_value(json_object_get(left_out->object, KEY_SERVICE_FROM));
    return (reason == LEFT_OUT_DISABLED || reason == LEFT_OUT_BAD_LABEL ||
            reason == LEFT_OUT_BAD_PORT) &&
           from && (strcmp(from, "lb.service") == 0 || strncmp(from, "its route", 9) == 0);
}

/* Nothing in a container of a service that is not routed would help it; but one that does not run,
 * beside routes, may bring one along when it does. */
static bool is_beyond_help(const struct membership *membership, const struct left_out *left_out)
{
    if (hinders_its_own_route(left_out))
        return false;
    bool may_bring_route =
        membership->routes.table && left_out_reason_parse(left_out->reason) == LEFT_OUT_NOT_RUNNING;
    return left_out->object && left_out->service && left_out->service[0] && !may_bring_route &&
           !membership_serves(membership, left_out->service) &&
           !reasons_is_of_any_service(left_out->reason);
}

/* What would change it. */
static const char *find_remedy(const struct membership *membership, const struct left_out *left_out)
{
    const char *own = json_string_value(json_object_get(left_out->object, KEY_REMEDY));
    const struct reason *reason = reasons_of_left_out(left_out->reason);
    if (is_beyond_help(membership, left_out))
        return reasons_of_left_out(left_out_reason_word(LEFT_OUT_OTHER_SERVICE))->remedy;
    return own && own[0] && strlen(own) <= LIMITS_SENTENCE_BYTES_MAX ? own : reason->remedy;
}

/* A route of the container that lb answers by itself: for that reason none leads to it. NULL: there is
 * none. */
static const struct route *find_answered(const struct explain_walk *walk,
                                         const struct left_out *left_out)
{
    const struct pool *pool = walk->explain->pool;
    const struct route_table *table = pool ? pool->routes.table : NULL;
    if (!left_out->container || left_out_reason_parse(left_out->reason) != LEFT_OUT_OTHER_SERVICE)
        return NULL;
    for (uint32_t i = 0; table && i < table->count; i++) {
        const struct route *route = &table->rules[i]->route;
        if (route->answer_status > 0 && view_eq(route->container, view_str(left_out->container)))
            return route;
    }
    return NULL;
}

static void note_answered(const struct route *route, struct explain_subject *subject,
                          struct text *why)
{
    text_appendf(why, "its route is answered with %u by lb itself", route->answer_status);
    text_append_str(why, route->why.len > 0 ? ", as " : "");
    text_append(why, route->why);
    subject->why = text_str(why);
    subject->remedy = "Mend that, and its route leads to it.";
}

static void visit_left_out(void *owner, const struct left_out *left_out)
{
    struct explain_walk *walk = owner;
    const struct reason *reason = reasons_of_left_out(left_out->reason);
    bool has_detail = left_out->detail && left_out->detail[0];
    struct explain_subject subject = {.id = left_out->id,
                                      .container = left_out->container,
                                      .name = left_out->name ? left_out->name : "?",
                                      .service = left_out->service,
                                      .word = left_out->reason ? left_out->reason : "unknown",
                                      .why = has_detail ? left_out->detail : reason->why,
                                      .remedy = find_remedy(walk->explain->membership, left_out),
                                      .since_ns = left_out->since_ns};
    const struct route *answered = find_answered(walk, left_out);
    struct text why = TEXT_INIT;
    if (answered)
        note_answered(answered, &subject, &why);
    facts_read(left_out->object, &subject.facts);
    visit(walk, &subject);
    text_fini(&why);
}

static void visit_all(struct explain_walk *walk)
{
    const struct pool *pool = walk->explain->pool;
    for (unsigned i = 0; pool && !walk->is_of_left_out && i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        bool is_told = walk->kinds == 0 || walk->kinds & EXPLAIN_KIND_BIT(service->kind);
        for (unsigned j = 0; is_told && j < service->endpoint_count; j++)
            visit_endpoint(walk, service, service->endpoints[j]);
    }
    left_out_each(walk->explain->membership, visit_left_out, walk);
}

unsigned explain_walk_run(struct explain_walk *walk)
{
    walk->count = 0;
    walk->index = facts_index(walk->explain->membership);
    walk->remarked = json_object();
    visit_all(walk);
    json_decref(walk->index);
    json_decref(walk->remarked);
    return walk->count;
}
