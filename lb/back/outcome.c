#include "lb/back/outcome.h"

#include "lb/policy/outlier.h"

static void tell(const struct fleet *fleet)
{
    if (fleet->on_suspect)
        fleet->on_suspect(fleet->suspect_owner);
}

bool outcome_is_fault(const struct back *back, enum err err)
{
    bool was_cut = err == ERR_UPSTREAM_RESET || err == ERR_UPSTREAM_TRUNCATED;
    if (!back)
        return err != ERR_NO_SOCKET; /* that is lb's own */
    return !was_cut || (back->is_request_sent && !back->pressure.was_long);
}

void outcome_failed(struct fleet *fleet, const struct service_local *service,
                    struct endpoint *endpoint, enum err err, bool was_reused)
{
    if ((was_reused && err == ERR_UPSTREAM_RESET) || err == ERR_CONNECT_TIMEOUT)
        return;
    if (outlier_note_failure(endpoint, &service->policy->outlier))
        tell(fleet);
}

void outcome_overtaken(struct fleet *fleet, const struct service_local *service,
                       struct endpoint *endpoint)
{
    if (outlier_note_failure(endpoint, &service->policy->outlier))
        tell(fleet);
}

void outcome_answered(const struct back *back, unsigned status)
{
    struct fleet *fleet = back->fleet;
    if (status < 200 && status != 101)
        return; /* the answer proper is still to come */
    if (status < 500)
        outlier_note_success(back->endpoint);
    else if (back->is_request_sent &&
             outlier_note_error(back->endpoint, &back->service->policy->outlier))
        tell(fleet);
}
