/* A lender for a start: an lb whose master was killed still finishes who is at its door (LISTENER_HANDSHAKE_MS, and
 * FLOW_LAST_ANSWER_MS of UDP) when the next lb is started at once for the same addresses. So one that is in use is asked for
 * again, for as long as patience lasts, which is one for all addresses. Thread: control, which waits. */
#ifndef LB_RUN_PATIENT_LENDER_H
#define LB_RUN_PATIENT_LENDER_H

#include <stdint.h>

#include "lb/run/lender.h"

struct patient_lender {
    struct lender lender; /* which is asked; borrowed */
    uint64_t until_ns;    /* of the monotonic clock; 0: there is no patience */
    bool has_told;
};

/* Without patience. */
void patient_lender_init(struct patient_lender *patient, struct lender lender);

/* From now on; 0: no more. */
void patient_lender_wait(struct patient_lender *patient, unsigned patience_ms);

/* As which it is handed on; `patient` must stay where it is. */
struct lender patient_lender_as_lender(struct patient_lender *patient);

#endif
