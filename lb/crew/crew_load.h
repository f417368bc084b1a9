/* How busy the workers are, for people. Each worker says it when it is asked, so it is as old as that. Thread: control. */
#ifndef LB_CREW_CREW_LOAD_H
#define LB_CREW_CREW_LOAD_H

#include "lb/crew/crew.h"

#define CREW_LOAD_WORKER_MAX 256u /* of more only the sums are told */

struct crew_load {
    uint64_t client_count, client_max;
    uint64_t buffer_bytes, buffer_max_bytes;
    unsigned worker_count;
    uint64_t cpu_ns[CREW_LOAD_WORKER_MAX]; /* that each worker has used */
};

/* As they said it last; asks them for the next time. */
void crew_load_ask(struct crew *crew, struct crew_load *load);

#endif
