#include "lb/run/heartbeat.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/list.h"

static void beat(struct heartbeat *heartbeat)
{
    if (crew_is_alive(heartbeat->crew))
        link_say(heartbeat->link, CHANNEL_HEARTBEAT, 0, NULL);
    deadline_arm(&heartbeat->loop->deadlines, &heartbeat->due, heartbeat->every_ms);
}

static void on_due(struct deadline *due)
{
    beat(list_entry(due, struct heartbeat, due));
}

void heartbeat_open(struct heartbeat *heartbeat, struct loop *loop, struct crew *crew,
                    struct link *link)
{
    *heartbeat = (struct heartbeat){
        .loop = loop, .crew = crew, .link = link, .every_ms = link->history.heartbeat_ms};
    deadline_init(&heartbeat->due, on_due);
    if (heartbeat->every_ms > 0)
        beat(heartbeat);
}

void heartbeat_tell(struct heartbeat *heartbeat, const struct pool *pool)
{
    char status[HEARTBEAT_STATUS_BYTES];
    unsigned count = 0, ready_count = 0;
    for (unsigned i = 0; i < pool->service_count; i++) {
        count += pool->services[i].endpoint_count;
        ready_count += pool->services[i].ready_count;
    }
    snprintf(status, sizeof(status), "%u of %u endpoints of %u services are ready", ready_count,
             count, pool->service_count);
    if (!heartbeat->link || strcmp(status, heartbeat->status) == 0)
        return;
    memcpy(heartbeat->status, status, sizeof(status));
    link_say(heartbeat->link, CHANNEL_STATUS, 0, status);
}

void heartbeat_close(struct heartbeat *heartbeat)
{
    if (heartbeat->link)
        deadline_disarm(&heartbeat->due);
    heartbeat->link = NULL;
}
