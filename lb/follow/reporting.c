#include "lb/follow/reporting.h"

#include <unistd.h>

void reporting_init(struct reporting *reporting, struct outbox *outbox)
{
    *reporting = (struct reporting){.outbox = outbox};
    if (gethostname(reporting->host, sizeof(reporting->host) - 1) < 0)
        reporting->host[0] = '\0';
}

void reporting_incident(struct reporting *reporting, const struct incident *incident)
{
    struct incident with_host = *incident;
    struct text object = TEXT_INIT;
    bool is_told = reporting_has_room(reporting);
    reporting->incident_count++;
    if (!is_told)
        return;
    with_host.host = reporting->host;
    incident_write(&with_host, &object);
    outbox_send(reporting->outbox, REPORT_INCIDENT, text_view(&object));
    text_fini(&object);
}

void reporting_change(struct reporting *reporting, const struct endpoint *endpoint,
                      enum endpoint_state before)
{
    struct text object = TEXT_INIT;
    if (reporting->change_count++ >= REPORTING_CHANGES_MAX)
        return;
    incident_write_change(endpoint, before, &object);
    outbox_send(reporting->outbox, REPORT_CHANGE, text_view(&object));
    text_fini(&object);
}

static void tell_more(struct reporting *reporting, unsigned count, unsigned told_max,
                      const char *what)
{
    struct text message = TEXT_INIT, object = TEXT_INIT;
    if (count <= told_max)
        return;
    text_appendf(&message, "and %u more %s within a second", count - told_max, what);
    incident_write_note(text_str(&message), &object);
    outbox_send(reporting->outbox, REPORT_CHANGE, text_view(&object));
    text_fini(&message);
    text_fini(&object);
}

void reporting_rest(struct reporting *reporting)
{
    tell_more(reporting, reporting->change_count, REPORTING_CHANGES_MAX, "changes");
    tell_more(reporting, reporting->incident_count, REPORTING_INCIDENTS_MAX, "incidents");
    reporting->change_count = reporting->incident_count = 0;
}
