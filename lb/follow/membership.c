#include "lb/follow/membership.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/follow/member_waits.h"

#define NAME_BYTES_MAX    512u
#define SLOW_START_MAX_MS 86400000

/* Of endpoints, between two lines: more are not looked for one by one. */
#define CHANGES_MAX 32u

void membership_init(struct membership *membership, const char *service)
{
    *membership = (struct membership){.service = service, .wanted.routed = service};
}

static void free_wanted(struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        free((struct check *)(uintptr_t)wanted->endpoints[i].check);
    free(wanted->endpoints);
}

void membership_fini(struct membership *membership)
{
    if (!membership->line.root)
        backends_unwant(&membership->wanted);
    backends_fini(&membership->backends);
    free_wanted(&membership->wanted);
    state_line_fini(&membership->line);
    state_line_fini(&membership->spare);
    sign_of_life_fini(&membership->life);
    *membership = (struct membership){0};
}

/* ---- one endpoint ------------------------------------------------------------------------- */

/* Where a problem is, for its message. */
struct place {
    struct text *problem;
    json_t *ids; /* of the line so far: pools are keyed by them; NULL: known to differ */
    size_t service;
    size_t endpoint;
};

static bool refuse(const struct place *place, const char *field, const char *what)
{
    text_appendf(place->problem, "services[%zu].endpoints[%zu].%s: %s", place->service,
                 place->endpoint, field, what);
    return false;
}

static const char *get_string(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && value[0] && strlen(value) <= NAME_BYTES_MAX ? value : NULL;
}

static json_int_t get_int(const json_t *object, const char *key, json_int_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return otherwise;
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* What the labels say of checks. Words of a later version are passed over. */
static bool read_check(const struct place *place, const json_t *object, struct check *check)
{
    const char *word;
    char field[32];
    if (!json_is_object(object))
        return refuse(place, "check", "want an object");
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        const json_t *value = json_object_get(object, word);
        if (!value || check_set(check, view_str(word), view_str(json_string_value(value))))
            continue;
        snprintf(field, sizeof(field), "check.%s", word);
        struct text want = TEXT_INIT;
        text_appendf(&want, "want %s, as a string", check_accepted(view_str(word)));
        refuse(place, field, text_str(&want));
        text_fini(&want);
        return false;
    }
    return true;
}

static bool read_health(const struct place *place, const json_t *object,
                        struct pool_wanted_endpoint *out)
{
    const json_t *given = json_object_get(object, "check");
    json_int_t slow_start_ms = get_int(object, "slow_start_ms", 0);
    if (slow_start_ms < 0 || slow_start_ms > SLOW_START_MAX_MS)
        return refuse(place, "slow_start_ms", "want an integer from 0 to 86400000");
    out->has_slow_start = json_object_get(object, "slow_start_ms") != NULL;
    out->slow_start_ms = (unsigned)slow_start_ms;
    struct member_waits_refusal waits;
    if (!member_waits_read(object, &out->waits, &waits))
        return refuse(place, waits.field, waits.want);
    if (!given)
        return true;
    struct check *check = memory_new(sizeof(*check));
    out->check = check;
    return read_check(place, given, check);
}

static bool read_endpoint(const struct place *place, const json_t *object,
                          struct pool_wanted_endpoint *out)
{
    const char *ip = get_string(object, "address");
    const char *state = get_string(object, "state");
    const char *cause = get_string(object, "cause");
    json_int_t port = get_int(object, "port", -1);
    json_int_t weight = get_int(object, "weight", 1);
    json_int_t cause_time_ns = get_int(object, "cause_time_ns", 0);
    out->id = get_string(object, "id");
    out->name = get_string(object, "name");
    out->cause = cause ? cause : "list";
    out->cause_time_ns = cause_time_ns > 0 ? (uint64_t)cause_time_ns : 0;
    if (!out->id)
        return refuse(place, "id", "want a string of 1 to 512 bytes");
    if (place->ids && json_object_get(place->ids, out->id))
        return refuse(place, "id", "want one that no other endpoint has");
    if (place->ids)
        json_object_set_new(place->ids, out->id, json_true());
    if (!out->name)
        return refuse(place, "name", "want a string of 1 to 512 bytes");
    if (port < 1 || port > UINT16_MAX)
        return refuse(place, "port", "want an integer from 1 to 65535");
    if (!ip || !address_parse_ip(view_str(ip), (uint16_t)port, &out->address))
        return refuse(place, "address", "want an IP address");
    if (weight < 1 || weight > (json_int_t)ENDPOINT_WEIGHT_MAX)
        return refuse(place, "weight", "want an integer from 1 to 256");
    if (!state || !endpoint_parse_state(state, &out->state))
        return refuse(place, "state", "want ready, starting, draining, paused or unhealthy");
    out->weight = (unsigned)weight;
    return read_health(place, object, out);
}

/* ---- the line ---------------------------------------------------------------------------------
 */

static bool read_service(struct membership *membership, const struct place *at,
                         const json_t *service, struct pool_wanted *wanted)
{
    struct place place = *at;
    const char *name = get_string(service, "name");
    const json_t *endpoints = json_object_get(service, "endpoints");
    if (!name || !json_is_array(endpoints)) {
        text_appendf(place.problem, "services[%zu]: want a name and an array of endpoints",
                     place.service);
        return false;
    }
    bool is_routed = strcmp(name, membership->service) == 0;
    if (wanted->endpoint_count + json_array_size(endpoints) > MEMBERSHIP_ENDPOINT_MAX) {
        text_appendf(place.problem, "more than %u endpoints", MEMBERSHIP_ENDPOINT_MAX);
        return false;
    }
    wanted->endpoints =
        memory_resize(wanted->endpoints, (wanted->endpoint_count + json_array_size(endpoints)) *
                                             sizeof(*wanted->endpoints));
    for (place.endpoint = 0; place.endpoint < json_array_size(endpoints); place.endpoint++) {
        struct pool_wanted_endpoint endpoint = {.service = membership->service};
        const json_t *object = json_array_get(endpoints, place.endpoint);
        bool is_good = read_endpoint(&place, object, &endpoint);
        if (is_good && is_routed && !reach_refuses_object(&membership->reach, object, NULL))
            wanted->endpoints[wanted->endpoint_count++] = endpoint;
        else
            free((struct check *)(uintptr_t)endpoint.check);
        if (!is_good)
            return false;
    }
    return true;
}

static bool read_services(struct membership *membership, const json_t *line,
                          struct pool_wanted *wanted, struct text *problem)
{
    const json_t *services = json_object_get(line, "services");
    bool is_good = true;
    if (!json_is_array(services)) {
        text_append_str(problem, "services: want an array");
        return false;
    }
    struct place place = {.problem = problem, .ids = json_object()};
    for (; is_good && place.service < json_array_size(services); place.service++)
        is_good = read_service(membership, &place, json_array_get(services, place.service), wanted);
    json_decref(place.ids);
    return is_good;
}

/* ---- what has changed -------------------------------------------------------------------------
 */

/* Of an endpoint, in the place of which the last line had the same one. */
struct change {
    struct pool_wanted_endpoint *at, to;
};

struct changes {
    struct change list[CHANGES_MAX];
    unsigned count;
};

static struct pool_wanted_endpoint *find_wanted(const struct pool_wanted *wanted, const char *id)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        if (strcmp(wanted->endpoints[i].id, id) == 0)
            return &wanted->endpoints[i];
    return NULL;
}

/* False: it is another endpoint, or not a good one. */
static bool compare_endpoint(const struct membership *membership, const json_t *before,
                             const json_t *now, bool is_routed, struct changes *changes)
{
    struct text ignored = TEXT_INIT;
    struct place place = {.problem = &ignored};
    struct change *change = &changes->list[changes->count];
    if (changes->count == CHANGES_MAX)
        return false;
    *change = (struct change){.to = {.service = membership->service}};
    bool is_same = read_endpoint(&place, now, &change->to) &&
                   strcmp(change->to.id, get_string(before, "id")) == 0;
    if (is_same && is_routed) {
        change->at = find_wanted(&membership->wanted, change->to.id);
        is_same = change->at && !reach_refuses_object(&membership->reach, now, NULL);
        change->at = is_same ? change->at : NULL;
    }
    if (change->at)
        changes->count++;
    else
        free((struct check *)(uintptr_t)change->to.check);
    text_fini(&ignored);
    return is_same;
}

static bool compare_service(const struct membership *membership, const json_t *before,
                            const json_t *now, struct changes *changes)
{
    const char *name = get_string(now, "name");
    const json_t *old = json_object_get(before, "endpoints");
    const json_t *new = json_object_get(now, "endpoints");
    if (!name || strcmp(name, get_string(before, "name")) != 0 || !json_is_array(new) ||
        json_array_size(new) != json_array_size(old))
        return false;
    bool is_routed = strcmp(name, membership->service) == 0;
    for (size_t i = 0; i < json_array_size(new); i++) {
        const json_t *from = json_array_get(old, i), *to = json_array_get(new, i);
        if (from != to && !compare_endpoint(membership, from, to, is_routed, changes))
            return false;
    }
    return true;
}

/* Whether the line has the endpoints of the last one in the same order; then what of them is
 * another object is the change. False also where anything is wrong, or much has changed: it is all
 * read then. */
static bool find_changes(const struct membership *membership, const json_t *line,
                         struct changes *changes)
{
    const json_t *before = json_object_get(membership->line.root, "services");
    const json_t *now = json_object_get(line, "services");
    if (!before || !json_is_array(now) || json_array_size(now) != json_array_size(before))
        return false;
    for (size_t i = 0; i < json_array_size(now); i++)
        if (!compare_service(membership, json_array_get(before, i), json_array_get(now, i),
                             changes))
            return false;
    return true;
}

static void forget_changes(struct changes *changes)
{
    for (unsigned i = 0; i < changes->count; i++)
        free((struct check *)(uintptr_t)changes->list[i].to.check);
}

static void apply_changes(struct changes *changes)
{
    for (unsigned i = 0; i < changes->count; i++) {
        free((struct check *)(uintptr_t)changes->list[i].at->check);
        *changes->list[i].at = changes->list[i].to;
    }
}

/* What is wanted from now on. Strings of endpoints that stay live in objects that both lines have.
 */
static bool take_services(struct membership *membership, const json_t *line, struct text *problem)
{
    struct pool_wanted wanted = {.routed = membership->service, .is_followed = true};
    struct changes changes;
    changes.count = 0;
    if (json_array_size(json_object_get(line, "left_out")) > MEMBERSHIP_LEFT_OUT_MAX) {
        text_appendf(problem, "left_out: more than %u entries", MEMBERSHIP_LEFT_OUT_MAX);
        return false;
    }
    if (find_changes(membership, line, &changes)) {
        apply_changes(&changes);
        return true;
    }
    forget_changes(&changes);
    if (!read_services(membership, line, &wanted, problem)) {
        free_wanted(&wanted);
        return false;
    }
    free_wanted(&membership->wanted);
    membership->wanted = wanted;
    return true;
}

/* Takes `membership->spare`, which has the new line, in place of the last one if it is good. */
static enum membership_news take_line(struct membership *membership, struct text *problem)
{
    const struct state_line next = membership->spare;
    const json_t *alive = json_object_get(next.root, "alive");
    if (!json_is_object(next.root) || get_int(next.root, "v", -1) != 1) {
        text_append_str(problem, "v: want version 1 of the format");
        return MEMBERSHIP_REFUSED;
    }
    if (alive && json_object_get(next.root, "services")) {
        text_append_str(problem, "alive: want none beside services");
        return MEMBERSHIP_REFUSED;
    }
    if (alive)
        return sign_of_life_read(&membership->life, alive, problem) ? MEMBERSHIP_ALIVE
                                                                    : MEMBERSHIP_REFUSED;
    if (!take_services(membership, next.root, problem))
        return MEMBERSHIP_REFUSED;
    membership->spare = membership->line;
    membership->line = next;
    membership->line_count++;
    if (!membership->life.events) /* of a program that gives no signs of life */
        obstacle_clear(&membership->life.obstacle);
    membership->last_line_ns = clock_wall_ns();
    return MEMBERSHIP_CHANGED;
}

enum membership_news membership_read_line(struct membership *membership, struct view line,
                                          struct text *problem)
{
    enum membership_news news = MEMBERSHIP_REFUSED;
    if (state_line_parse(&membership->spare, &membership->line, line, problem))
        news = take_line(membership, problem);
    state_line_clear(&membership->spare);
    membership->bad_line_count += news == MEMBERSHIP_REFUSED;
    return news;
}

void membership_route(struct membership *membership, const char *service)
{
    struct pool_wanted wanted = {.routed = service, .is_followed = true};
    struct text ignored = TEXT_INIT;
    membership->service = service;
    membership->wanted.routed = service;
    if (membership->line.root) { /* a good one, so it is taken again */
        read_services(membership, membership->line.root, &wanted, &ignored);
        free_wanted(&membership->wanted);
        membership->wanted = wanted;
    } else {
        for (unsigned i = 0; i < membership->wanted.endpoint_count; i++)
            membership->wanted.endpoints[i].service = service;
    }
    text_fini(&ignored);
}

void membership_take_backends(struct membership *membership, struct backends *backends)
{
    backends_unwant(&membership->wanted);
    backends_want(backends, membership->service, &membership->wanted);
    backends_fini(&membership->backends);
    membership->backends = *backends;
    *backends = (struct backends){0};
}

/* ---- left out ---------------------------------------------------------------------------------
 */

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const char *membership_loss_at(const struct membership *membership, size_t index)
{
    const json_t *losses = json_object_get(membership->line.root, "losses");
    return json_string_value(json_array_get(losses, index));
}

const char *membership_remark(const struct membership *membership, const char *id)
{
    return id ? string_at(json_object_get(membership->line.root, "remarks"), id) : NULL;
}

static void tell_left_out(const json_t *entry, const char *service, const char *reason,
                          const char *detail, membership_on_left_out *call, void *owner)
{
    json_int_t since_ns = get_int(entry, "since_ns", 0);
    call(owner, &(struct membership_left_out){.id = string_at(entry, "id"),
                                              .name = string_at(entry, "name"),
                                              .service = service,
                                              .reason = reason,
                                              .detail = detail,
                                              .object = entry,
                                              .since_ns = since_ns > 0 ? (uint64_t)since_ns : 0});
}

/* Endpoints of services that nothing is routed to, and those where no request may go. */
static void tell_unused(const struct membership *membership, const json_t *service,
                        membership_on_left_out *call, void *owner)
{
    const char *name = string_at(service, "name");
    const json_t *endpoints = json_object_get(service, "endpoints");
    bool is_routed = strcmp(name, membership->service) == 0;
    for (size_t i = 0; i < json_array_size(endpoints); i++) {
        const json_t *object = json_array_get(endpoints, i);
        struct text why = TEXT_INIT;
        if (!is_routed)
            text_appendf(&why, "lb routes to the service \"%.100s\" (--service)",
                         membership->service);
        if (!is_routed || reach_refuses_object(&membership->reach, object, &why))
            tell_left_out(object, name, is_routed ? "bad_address" : "other_service", text_str(&why),
                          call, owner);
        text_fini(&why);
    }
}

void membership_each_left_out(const struct membership *membership, membership_on_left_out *call,
                              void *owner)
{
    const json_t *entries = json_object_get(membership->line.root, "left_out");
    const json_t *services = json_object_get(membership->line.root, "services");
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        tell_left_out(entry, string_at(entry, "service"), string_at(entry, "reason"),
                      string_at(entry, "detail"), call, owner);
    }
    for (unsigned i = 0; i < membership->backends.name_count; i++) {
        const struct backends_name *name = &membership->backends.names[i];
        if (name->address_count == 0)
            call(owner, &(struct membership_left_out){.id = name->text,
                                                      .name = name->text,
                                                      .service = membership->service,
                                                      .reason = "unresolved",
                                                      .detail = name->problem,
                                                      .since_ns = name->since_ns});
    }
    for (size_t i = 0; i < json_array_size(services); i++)
        tell_unused(membership, json_array_get(services, i), call, owner);
}

static void write_left_out(void *owner, const struct membership_left_out *left_out)
{
    struct json_writer *json = owner;
    json_writer_begin_object(json);
    json_writer_field_str(json, "id", left_out->id);
    json_writer_field_str(json, "name", left_out->name);
    json_writer_field_str(json, "service", left_out->service);
    json_writer_field_str(json, "reason", left_out->reason);
    json_writer_field_str(json, "detail", left_out->detail);
    if (left_out->since_ns > 0) {
        char since[CLOCK_TEXT_BYTES];
        json_writer_field_str(json, "since", clock_format(left_out->since_ns, since));
    }
    json_writer_end_object(json);
}

void membership_write_left_out(const struct membership *membership, struct json_writer *json)
{
    json_writer_begin_array(json);
    membership_each_left_out(membership, write_left_out, json);
    json_writer_end_array(json);
}

struct sought {
    const char *id;
    bool is_found;
};

static void compare_id(void *owner, const struct membership_left_out *left_out)
{
    struct sought *sought = owner;
    sought->is_found |= left_out->id && strcmp(left_out->id, sought->id) == 0;
}

bool membership_has(const struct membership *membership, const char *id)
{
    struct sought sought = {.id = id};
    for (unsigned i = 0; i < membership->wanted.endpoint_count; i++)
        if (strcmp(membership->wanted.endpoints[i].id, id) == 0)
            return true;
    membership_each_left_out(membership, compare_id, &sought);
    return sought.is_found;
}
