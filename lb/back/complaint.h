/* Answers that cannot be passed on: the operator is told what is wrong with them, once for each
 * endpoint and kind, as a client learns no more than 502. Thread: worker. */
#ifndef LB_BACK_COMPLAINT_H
#define LB_BACK_COMPLAINT_H

#include "lb/back/fleet_state.h"

enum complaint {
    COMPLAINT_STATUS_LINE,
    COMPLAINT_FIELD,
    COMPLAINT_OPTIONS,
    COMPLAINT_LENGTH,
    COMPLAINT_CODING,
    COMPLAINT_CHUNK,
    COMPLAINT_HEAD_BYTES,
    COMPLAINT_HEAD_FIELDS,
    COMPLAINT_HEAD_CUT, /* the connection ended within it */
    COMPLAINT_SWITCH,   /* 101 that nobody asked for */
    COMPLAINT_UNASKED,  /* bytes that belong to no answer */
    COMPLAINT_TLS,      /* no connection that is trusted */
};

/* Which one it is that stopped a parser of answers. */
enum complaint complaint_of(const struct parser *parser);

/* What is wrong with its TLS, unless that was told since it was well. `problem` is foreign, in part; borrowed. */
void complaint_make_of_tls(struct fleet *fleet, struct endpoint *endpoint, struct view problem);

/* Its TLS is well. */
static inline void complaint_forget_tls(struct endpoint *endpoint)
{
    unsigned bit = 1u << COMPLAINT_TLS;
    if (atomic_load_explicit(&endpoint->complaints, memory_order_relaxed) & bit)
        atomic_fetch_and_explicit(&endpoint->complaints, ~bit, memory_order_relaxed);
}

/* Tells it if it is new. `sample`: bytes of the answer, where it goes wrong; may be empty;
 * borrowed. */
void complaint_make(struct fleet *fleet, struct endpoint *endpoint, enum complaint complaint,
                    struct view sample);

#endif
