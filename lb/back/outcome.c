#include "lb/back/outcome.h"

#include "lb/policy/outlier.h"

/* It was one too many. */
static void tell(const struct fleet *fleet, const struct endpoint *endpoint,
                 const struct forwarded *request)
{
    static const struct forwarded none;
    const struct forwarded *said = request ? request : &none;
    witness_note(&endpoint->places->last_straw, said->scheme, said->host, said->target,
                 said->trace_id);
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
                    struct endpoint *endpoint, enum err err, bool was_reused,
                    const struct forwarded *request)
{
    if ((was_reused && err == ERR_UPSTREAM_RESET) || err == ERR_CONNECT_TIMEOUT)
        return;
    if (outlier_note_failure(endpoint, &service->policy->outlier))
        tell(fleet, endpoint, request);
}

void outcome_overtaken(struct fleet *fleet, const struct service_local *service,
                       struct endpoint *endpoint)
{
    if (outlier_note_failure(endpoint, &service->policy->outlier))
        tell(fleet, endpoint, NULL);
}

void outcome_answered(const struct back *back, unsigned status, const struct forwarded *request)
{
    struct fleet *fleet = back->fleet;
    if (status < 200 && status != 101)
        return; /* the answer proper is still to come */
    if (status < 500)
        outlier_note_success(back->endpoint);
    else if (back->is_request_sent &&
             outlier_note_error(back->endpoint, &back->service->policy->outlier))
        tell(fleet, back->endpoint, request);
}
