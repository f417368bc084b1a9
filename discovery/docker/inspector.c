#include "discovery/docker/inspector.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/document.h"
#include "discovery/docker/lister.h"
#include "lb/base/memory.h"

#define IN_FLIGHT_MAX  16
#define TIMEOUT_MS     5000
#define BODY_MAX_BYTES (4 * 1024 * 1024)

struct inspection {
    struct list node;
    struct inspector *inspector;
    struct member *member;
    struct fetch *fetch; /* NULL while it waits */
    bool is_stale;       /* ask again: the answer may be older than an event */
};

void inspector_init(struct inspector *inspector, struct fetch_pool *pool, const char *prefix,
                    const struct inspector_handler *handler)
{
    *inspector = (struct inspector){.pool = pool, .prefix = prefix, .handler = *handler};
    list_init(&inspector->waiting);
    list_init(&inspector->in_flight);
}

static void send_waiting(struct inspector *inspector);

/* Frees the question and gives the member it was about. */
static struct member *release(struct inspection *inspection)
{
    struct member *member = inspection->member;
    list_unlink(&inspection->node);
    if (inspection->fetch)
        inspection->inspector->in_flight_count--;
    member->inspection = NULL;
    free(inspection);
    return member;
}

static void tell(struct inspector *inspector, struct member *member,
                 const struct fetch_answer *answer)
{
    const struct inspector_handler *handler = &inspector->handler;
    char why[400];
    if (answer->problem) {
        handler->on_failure(handler->owner, member, answer->problem, answer->is_too_large);
        return;
    }
    if (lister_is_refusal(answer->status)) {
        handler->on_refused(handler->owner, answer->status);
        return;
    }
    if (answer->status == 404) {
        handler->on_gone(handler->owner, member);
        return;
    }
    char error[DOCUMENT_ERROR_BYTES] = "it tells of no container";
    json_t *document = answer->status == 200 ? document_parse(answer->body, error) : NULL;
    struct container *container = container_from_inspect(document, inspector->settings);
    json_decref(document);
    if (container && engine_id_eq(&container->id, &member->container->id)) {
        handler->on_container(handler->owner, member, container);
        return;
    }
    container_free(container);
    snprintf(why, sizeof(why), "the answer has status %d; %s", answer->status, error);
    handler->on_failure(handler->owner, member, why, false);
}

static void take_done(void *owner, const struct fetch_answer *answer)
{
    struct inspection *inspection = owner;
    struct inspector *inspector = inspection->inspector;
    if (inspection->is_stale) {
        inspection->is_stale = false;
        inspection->fetch = NULL;
        inspector->in_flight_count--;
        list_unlink(&inspection->node);
        list_prepend(&inspector->waiting, &inspection->node);
    } else {
        tell(inspector, release(inspection), answer);
    }
    send_waiting(inspector);
}

static void send_waiting(struct inspector *inspector)
{
    while (inspector->in_flight_count < IN_FLIGHT_MAX && !list_is_empty(&inspector->waiting)) {
        struct inspection *inspection =
            list_entry(inspector->waiting.next, struct inspection, node);
        char target[128];
        snprintf(target, sizeof(target), "%s/containers/%s/json", inspector->prefix,
                 inspection->member->container->id.text);
        list_unlink(&inspection->node);
        list_append(&inspector->in_flight, &inspection->node);
        inspector->in_flight_count++;
        inspection->fetch =
            fetch_start(inspector->pool, &(struct fetch_request){.target = target,
                                                                 .timeout_ms = TIMEOUT_MS,
                                                                 .max_bytes = BODY_MAX_BYTES,
                                                                 .owner = inspection,
                                                                 .on_done = take_done});
    }
}

void inspector_ask(struct inspector *inspector, struct member *member, bool is_urgent)
{
    struct inspection *inspection = member->inspection;
    if (inspection && inspection->fetch) {
        inspection->is_stale = true;
        return;
    }
    if (!inspection) {
        inspection = memory_new(sizeof(*inspection));
        list_init(&inspection->node);
        inspection->inspector = inspector;
        inspection->member = member;
        member->inspection = inspection;
        list_append(&inspector->waiting, &inspection->node);
    }
    if (is_urgent) {
        list_unlink(&inspection->node);
        list_prepend(&inspector->waiting, &inspection->node);
    }
    send_waiting(inspector);
}

void inspector_forget(struct inspector *inspector, struct member *member)
{
    struct inspection *inspection = member->inspection;
    if (!inspection)
        return;
    if (inspection->fetch)
        fetch_cancel(inspection->fetch);
    release(inspection);
    send_waiting(inspector);
}

void inspector_forget_all(struct inspector *inspector)
{
    struct list *lists[] = {&inspector->waiting, &inspector->in_flight};
    for (size_t i = 0; i < 2; i++) {
        while (!list_is_empty(lists[i])) {
            struct inspection *inspection = list_entry(lists[i]->next, struct inspection, node);
            if (inspection->fetch)
                fetch_cancel(inspection->fetch);
            release(inspection);
        }
    }
}

bool inspector_is_idle(const struct inspector *inspector)
{
    return list_is_empty(&inspector->waiting) && inspector->in_flight_count == 0;
}
