/* Incidents and changes on their way to lb-report: of very many at once the first few, and how many more there were.
 * Thread: control. */
#ifndef LB_FOLLOW_REPORTING_H
#define LB_FOLLOW_REPORTING_H

#include "lb/follow/incident.h"
#include "lb/follow/outbox.h"

#define REPORTING_CHANGES_MAX   30u /* in a second */
#define REPORTING_INCIDENTS_MAX 10u /* the same */
#define REPORTING_HOST_BYTES    128

struct reporting {
    struct outbox *outbox;
    char host[REPORTING_HOST_BYTES];
    unsigned change_count, incident_count; /* in this second, told or not */
};

/* Borrows the outbox. */
void reporting_init(struct reporting *reporting, struct outbox *outbox);

/* Whether one more incident is told in this second, and not just counted. */
static inline bool reporting_has_room(const struct reporting *reporting)
{
    return reporting->incident_count < REPORTING_INCIDENTS_MAX;
}

/* The incident gets its host. */
void reporting_incident(struct reporting *reporting, const struct incident *incident);
void reporting_change(struct reporting *reporting, const struct endpoint *endpoint,
                      enum endpoint_state before);

/* A second is over, or all is: tells how many more there were. */
void reporting_rest(struct reporting *reporting);

#endif
