#include "lb/run/pulse.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/list.h"

static void count(const struct pool *pool, unsigned *usable, unsigned *all)
{
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        *all += service->endpoint_count;
        for (unsigned k = 0; k < service->endpoint_count; k++)
            *usable += pool_may_use(service, service->endpoints[k]);
    }
}

static void tell_status(struct pulse *pulse)
{
    char status[sizeof(pulse->status)];
    unsigned usable = 0, all = 0;
    count(pulse->publisher->pool, &usable, &all);
    snprintf(status, sizeof(status), "%u of %u endpoints get requests", usable, all);
    if (strcmp(status, pulse->status) == 0)
        return;
    memcpy(pulse->status, status, sizeof(status));
    link_say(pulse->link, CHANNEL_STATUS, 0, status);
}

static void on_due(struct deadline *deadline)
{
    struct pulse *pulse = list_entry(deadline, struct pulse, next);
    if (crew_has_answered(pulse->crew)) {
        link_say(pulse->link, CHANNEL_HEARTBEAT, 0, NULL);
        crew_call(pulse->crew);
    }
    tell_status(pulse);
    deadline_arm(&pulse->loop->deadlines, &pulse->next, PULSE_MS);
}

void pulse_start(struct pulse *pulse)
{
    deadline_init(&pulse->next, on_due);
    deadline_arm(&pulse->loop->deadlines, &pulse->next, 0);
}

void pulse_stop(struct pulse *pulse)
{
    if (pulse->loop)
        deadline_disarm(&pulse->next);
}
