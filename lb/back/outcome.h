/* What becomes of attempts, noted on their endpoint for the detection of outliers. No lock, no
 * clock, no memory. */
#ifndef LB_BACK_OUTCOME_H
#define LB_BACK_OUTCOME_H

#include "lb/back/back.h"

/* `request`, here and below: that the endpoint was asked, so that people can be told which one was the
 * last straw; read only where it was. Borrowed. NULL: it was no request, or is not known. */

/* Whether the endpoint is to blame for an attempt that failed with `err`; `back` is NULL when
 * it could not be opened. Not for a connection that it ended while it waited for the rest of the
 * request, or for a client that did not read. Thread: worker. */
bool outcome_is_fault(const struct back *back, enum err err);

/* An attempt failed by the endpoint's fault. `was_reused`: on a connection that had served before;
 * its reset says nothing of the endpoint, which may have closed it while it was idle. Nor does it
 * alone that a connect took too long, as everything may be slow. Thread: worker. */
void outcome_failed(struct fleet *fleet, const struct service_local *service,
                    struct endpoint *endpoint, enum err err, bool was_reused,
                    const struct forwarded *request);

/* It had not accepted a connection while another endpoint did so at once. Thread: worker. */
void outcome_overtaken(struct fleet *fleet, const struct service_local *service,
                       struct endpoint *endpoint);

/* The head of a response came. An error says nothing of the endpoint while it has not got all of
 * the request. Thread: worker. */
void outcome_answered(const struct back *back, unsigned status, const struct forwarded *request);

#endif
