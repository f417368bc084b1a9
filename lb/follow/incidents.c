#include "lb/follow/incidents.h"

#include <string.h>

#include "lb/base/list.h"
#include "lb/contract/key.h"
#include "lb/follow/facts.h"
#include "lb/follow/member.h"

#define SECOND_MS 1000

static void on_second(struct deadline *second);

static uint64_t now_ms(const struct incidents *incidents)
{
    return loop_now_ms(incidents->loop);
}

static bool is_open(const struct incidents *incidents)
{
    return incidents->loop && outbox_is_open(incidents->reporting.outbox);
}

static void await_second(struct incidents *incidents)
{
    deadline_arm(&incidents->loop->deadlines, &incidents->second, SECOND_MS);
}

void incidents_open(struct incidents *incidents, struct loop *loop, struct outbox *outbox,
                    const struct membership *membership, bool tells_queries)
{
    *incidents =
        (struct incidents){.loop = loop, .membership = membership, .tells_queries = tells_queries};
    deadline_init(&incidents->second, on_second);
    reporting_init(&incidents->reporting, outbox);
    if (is_open(incidents))
        await_second(incidents);
}

/* ---- endpoints ------------------------------------------------------------------------------- */

static const char *image_of(const struct incidents *incidents, const struct endpoint *endpoint)
{
    json_t *index = facts_index(incidents->membership);
    const char *image = member_string(json_object_get(index, endpoint->id), KEY_IMAGE);
    json_decref(index); /* the line has what it borrows from */
    return image;
}

/* Its subject is the container's name, which stays where it is made anew. */
static void tell_of_endpoint(struct incidents *incidents, struct incident *incident,
                             const struct endpoint *endpoint, const char *message)
{
    struct text subject = TEXT_INIT;
    text_appendf(&subject, "%s/%s", endpoint->service, endpoint->name);
    incident->phase = INCIDENT_PHASE_happened;
    incident->message = message;
    incident->subject = text_str(&subject);
    incident->service = endpoint->service;
    incident->endpoint = endpoint;
    if (reporting_has_room(&incidents->reporting)) /* the line is looked through for it */
        incident->image = image_of(incidents, endpoint);
    reporting_incident(&incidents->reporting, incident);
    text_fini(&subject);
}

/* With the request that was the last straw, where it is known. */
static void tell_ejection(struct incidents *incidents, const struct endpoint *endpoint)
{
    struct text message = TEXT_INIT;
    struct witness_words last_straw;
    witness_take(&endpoint->places->last_straw, &last_straw);
    if (!incidents->tells_queries)
        last_straw.url[strcspn(last_straw.url, "?#")] = '\0';
    text_appendf(&message,
                 "%s of %s gets no requests for a time, because too many in a row failed on it "
                 "(--eject-after, --eject-5xx); see its log",
                 endpoint->name, endpoint->service);
    tell_of_endpoint(incidents,
                     &(struct incident){.kind = INCIDENT_ejection,
                                        .level = "warning",
                                        .url = last_straw.url,
                                        .trace_id = last_straw.trace_id},
                     endpoint, text_str(&message));
    text_fini(&message);
}

static void tell_crash_loop(struct incidents *incidents, const struct endpoint *endpoint,
                            uint64_t span_ms)
{
    struct text message = TEXT_INIT;
    text_appendf(&message,
                 "%s of %s has ended %u times within %.0f s without being told to, and is there "
                 "again; see its log and its restart policy",
                 endpoint->name, endpoint->service, CRASH_LOOPS_COUNT, (double)span_ms / 1e3);
    tell_of_endpoint(incidents,
                     &(struct incident){.kind = INCIDENT_container_crash_loop, .level = "error"},
                     endpoint, text_str(&message));
    text_fini(&message);
}

/* Who was told to end by Docker drains before, and who is out by order is left alone. */
static bool went_by_itself(const struct endpoint *endpoint, enum endpoint_state before)
{
    return endpoint_state(endpoint) == ENDPOINT_GONE && before != ENDPOINT_DRAINING &&
           endpoint->order == ENDPOINT_ORDER_NONE && incident_has_container(endpoint);
}

void incidents_note(struct incidents *incidents, const struct endpoint *endpoint,
                    enum endpoint_state before, uint64_t version)
{
    if (!is_open(incidents))
        return;
    uint64_t now = now_ms(incidents), span_ms;
    reporting_change(&incidents->reporting, endpoint, before);
    if (went_by_itself(endpoint, before))
        crash_loops_note_went(&incidents->loops, endpoint->name, version, now);
    else if (before == ENDPOINT_GONE &&
             crash_loops_note_came(&incidents->loops, endpoint->name, now, &span_ms))
        tell_crash_loop(incidents, endpoint, span_ms);
    if (endpoint_state(endpoint) == ENDPOINT_EJECTED)
        tell_ejection(incidents, endpoint);
}

/* ---- services -------------------------------------------------------------------------------- */

/* In a panic those that are not good get requests, too; that is no answer yet. */
static bool has_somebody(const struct pool_service *service)
{
    return service->good_count > 0;
}

/* Nobody is left but who was taken out by order. */
static bool is_by_order(const struct pool_service *service)
{
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        if (service->endpoints[i]->order == ENDPOINT_ORDER_NONE)
            return false;
    return service && service->endpoint_count > 0;
}

static void append_name(const char *service, enum service_kind kind, struct text *out)
{
    text_append_str(out, service);
    if (kind != SERVICE_HTTP)
        text_appendf(out, " (%s)", service_kind_word(kind));
}

static void tell_of_service(struct incidents *incidents, const struct incident *what,
                            const struct spell *spell, const char *sentence)
{
    struct text subject = TEXT_INIT, message = TEXT_INIT;
    struct incident incident = *what;
    append_name(spell->service, spell->service_kind, &subject);
    text_appendf(&message, "%s %s", text_str(&subject), sentence);
    incident.subject = text_str(&subject);
    incident.message = text_str(&message);
    incident.service = spell->service;
    reporting_incident(&incidents->reporting, &incident);
    text_fini(&subject);
    text_fini(&message);
}

static enum incident_kind kind_of(const struct spell *spell)
{
    return spell->kind == SPELL_PANIC ? INCIDENT_panic : INCIDENT_no_endpoint;
}

static const char *sentence_of(const struct spell *spell, const struct pool_service *service)
{
    if (spell->kind == SPELL_PANIC)
        return "has so few good endpoints that failing, unhealthy and ejected ones get "
               "requests too (--panic-below); see their logs";
    if (spell->is_meant)
        return "has nobody who could answer, as an operator has drained or disabled all of it; "
               "\"lb ctl undrain\" and \"lb ctl enable\" take that back";
    if (service && service->is_panicking)
        return "has nobody good left, and its requests go to failing, unhealthy and ejected "
               "ones all the same (--panic-below); \"lb explain\" says what is wrong with each";
    return "has nobody who could answer: its requests wait for --hold, and then "
           "get 503; \"lb explain\" says why each container is out";
}

static void tell_begun(struct incidents *incidents, struct spell *spell,
                       const struct pool_service *service)
{
    spell->is_told = true;
    spell->is_waiting = false;
    spell->is_meant = spell->kind == SPELL_OUTAGE && is_by_order(service);
    struct incident incident = {.kind = kind_of(spell),
                                .phase = INCIDENT_PHASE_begun,
                                .level = spell->is_meant ? "info" : "error"};
    tell_of_service(incidents, &incident, spell, sentence_of(spell, service));
}

static void tell_ended(struct incidents *incidents, const struct spell *spell)
{
    struct incident incident = {.kind = kind_of(spell),
                                .phase = INCIDENT_PHASE_ended,
                                .level = "info",
                                .lasted_ms = now_ms(incidents) - spell->since_ms};
    tell_of_service(incidents, &incident, spell,
                    spell->kind == SPELL_PANIC ? "has enough good endpoints again"
                                               : "has somebody who can answer again");
}

static void wait(const struct incidents *incidents, struct spell *spell)
{
    spell->is_waiting = true;
    spell->waits_since_ms = now_ms(incidents);
}

/* One that finds no place in the list is told all the same. */
static void begin(struct incidents *incidents, enum spell_kind kind, const char *name,
                  enum service_kind service_kind, const struct pool_service *service,
                  bool is_to_wait)
{
    struct spell one = {
        .kind = kind, .service = (char *)(uintptr_t)name, .service_kind = service_kind};
    struct spell *spell =
        spells_begin(&incidents->spells, kind, name, service_kind, now_ms(incidents));
    if (spell && is_to_wait)
        wait(incidents, spell);
    else if (!is_to_wait)
        tell_begun(incidents, spell ? spell : &one, service);
}

static void end(struct incidents *incidents, struct spell *spell)
{
    if (spell->is_told)
        tell_ended(incidents, spell);
    spells_end(&incidents->spells, spell);
}

/* The orders were taken back, and nobody is there yet. */
static void doubt(const struct incidents *incidents, struct spell *outage)
{
    outage->is_meant = false;
    wait(incidents, outage);
}

/* One that is new, or had nobody, may only be on its way. */
static void look_at(struct incidents *incidents, const struct pool_service *service,
                    const struct pool_service *before)
{
    struct spell *outage =
        spells_find(&incidents->spells, SPELL_OUTAGE, service->name, service->kind);
    bool is_out = !has_somebody(service), was_in = before && has_somebody(before);
    bool panics = service->is_panicking && !is_out; /* else it is the outage that is told */
    if (outage)
        outage->is_gone = false;
    if (!is_out && outage)
        end(incidents, outage);
    else if (is_out && !outage && (was_in || service->endpoint_count > 0))
        begin(incidents, SPELL_OUTAGE, service->name, service->kind, service, !was_in);
    else if (outage && !outage->is_told && service->endpoint_count == 0)
        end(incidents, outage);
    else if (outage && outage->is_meant && !is_by_order(service))
        doubt(incidents, outage);
    struct spell *panic =
        spells_find(&incidents->spells, SPELL_PANIC, service->name, service->kind);
    if (panics && !panic)
        begin(incidents, SPELL_PANIC, service->name, service->kind, service, false);
    else if (!service->is_panicking && panic)
        end(incidents, panic);
}

/* A service that is in no snapshot any more has nobody either. */
static void look_at_gone(struct incidents *incidents, const struct pool_service *before)
{
    struct spells *spells = &incidents->spells;
    struct spell *panic = spells_find(spells, SPELL_PANIC, before->name, before->kind);
    if (panic)
        end(incidents, panic);
    if (has_somebody(before))
        begin(incidents, SPELL_OUTAGE, before->name, before->kind, before, false);
    struct spell *outage = spells_find(spells, SPELL_OUTAGE, before->name, before->kind);
    if (outage && !outage->is_told)
        end(incidents, outage);
    else if (outage)
        outage->is_gone = true;
}

void incidents_look(struct incidents *incidents, const struct pool *pool, const struct pool *before)
{
    unsigned near = 0;
    if (!is_open(incidents))
        return;
    incidents->pool = pool;
    for (unsigned i = 0; i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        look_at(incidents, service,
                before ? pool_find_next(before, service->name, service->kind, &near) : NULL);
    }
    near = 0;
    for (unsigned i = 0; before && i < before->service_count; i++) {
        const struct pool_service *service = &before->services[i];
        if (!pool_find_next(pool, service->name, service->kind, &near))
            look_at_gone(incidents, service);
    }
}

/* ---- each second ----------------------------------------------------------------------------- */

static void tell_waiting(struct incidents *incidents)
{
    for (unsigned i = 0; i < incidents->spells.count; i++) {
        struct spell *spell = &incidents->spells.items[i];
        if (spell->is_waiting && now_ms(incidents) - spell->waits_since_ms >= INCIDENTS_PATIENCE_MS)
            tell_begun(
                incidents, spell,
                pool_find_kind(incidents->pool, view_str(spell->service), spell->service_kind));
    }
}

/* The first one that something is in the way of; with one source alone it has no word. */
static const char *lost_source(const struct sign_of_life *life)
{
    for (unsigned i = 0; i < life->source_count; i++)
        if (obstacle_is_set(&life->sources[i].obstacle) &&
            strcmp(life->sources[i].word, "register") != 0)
            return life->sources[i].word;
    return NULL;
}

static void tell_loss(struct incidents *incidents, bool is_over, uint64_t lasted_ms)
{
    const struct sign_of_life *life = &incidents->membership->life;
    struct text message = TEXT_INIT;
    struct incident incident = {.kind = INCIDENT_discovery_lost,
                                .phase = is_over ? INCIDENT_PHASE_ended : INCIDENT_PHASE_begun,
                                .level = is_over ? "info" : "error",
                                .subject = "discovery",
                                .source = is_over ? NULL : lost_source(life),
                                .lasted_ms = lasted_ms};
    if (is_over) {
        text_append_str(&message, "what changes in the pool is followed again");
    } else {
        text_append_str(
            &message,
            "what changes in the pool is not followed any more, the last one stays in use: ");
        obstacle_append(&life->obstacle, &message);
    }
    incident.message = text_str(&message);
    reporting_incident(&incidents->reporting, &incident);
    text_fini(&message);
}

/* Not each time that a connection is made anew. */
static void look_at_discovery(struct incidents *incidents)
{
    bool is_lost = obstacle_is_set(&incidents->membership->life.obstacle);
    uint64_t now = now_ms(incidents);
    if (!is_lost) {
        if (incidents->is_loss_told)
            tell_loss(incidents, true, now - incidents->lost_since_ms);
        incidents->lost_since_ms = 0;
        incidents->is_loss_told = false;
    } else if (incidents->lost_since_ms == 0) {
        incidents->lost_since_ms = now;
    } else if (!incidents->is_loss_told &&
               now - incidents->lost_since_ms >= INCIDENTS_PATIENCE_MS) {
        incidents->is_loss_told = true;
        tell_loss(incidents, false, 0);
    }
}

static void on_second(struct deadline *second)
{
    struct incidents *incidents = list_entry(second, struct incidents, second);
    reporting_rest(&incidents->reporting);
    tell_waiting(incidents);
    look_at_discovery(incidents);
    await_second(incidents);
}

void incidents_tell(struct incidents *incidents, const struct incident *incident)
{
    if (is_open(incidents))
        reporting_incident(&incidents->reporting, incident);
}

void incidents_close(struct incidents *incidents)
{
    if (!incidents->loop)
        return;
    deadline_disarm(&incidents->second);
    if (is_open(incidents))
        reporting_rest(&incidents->reporting);
    spells_fini(&incidents->spells);
    crash_loops_fini(&incidents->loops);
    incidents->loop = NULL;
}
