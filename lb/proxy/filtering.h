/* Takes a request through what its route asks for, in the order of lb/contract/route_option.h. Only
 * for rules that are not plain; whatever is asked here costs one that asks for nothing a look at a
 * pointer. Thread: worker. */
#ifndef LB_PROXY_FILTERING_H
#define LB_PROXY_FILTERING_H

#include "lb/proxy/exchange_state.h"

/* Before its target is touched: may it go on? From now on the exchange is treated so, whatever comes
 * of it. Fails: how lb answers; telling.h has what belongs to that answer. */
enum err filtering_admit(struct exchange *exchange, const struct treatment *treatment);

/* After it: the fields of the request. */
void filtering_edit_request(struct exchange *exchange);

/* The fields of its final answer, whose head was just collected. Those of interim answers, of 101, of
 * trailers and of lb's own answers stay. */
void filtering_edit_answer(const struct exchange *exchange);

/* Fields behind its body could say what those before it may not; nobody has to pass them on (RFC 9110
 * § 6.5.1). */
static inline bool filtering_drops_trailers(const struct exchange *exchange)
{
    const struct treatment *treatment = exchange_treatment(exchange);
    return treatment && (treatment->request_edits.are_given ||
                         (treatment->auth && treatment->auth->header.len > 0));
}

/* The request is to go by another route: nothing has been done to it. */
void filtering_forget(struct exchange *exchange);

/* Whether a body of that size is beyond what the route, or else the operator, allows. */
static inline bool filtering_is_too_large(const struct exchange *exchange, uint64_t body_bytes)
{
    const struct treatment *treatment = exchange_treatment(exchange);
    uint64_t max_bytes = treatment && treatment->has_max_body
                             ? treatment->max_body_bytes
                             : exchange->env->options.max_body_bytes;
    return max_bytes > 0 && body_bytes > max_bytes;
}

#endif
