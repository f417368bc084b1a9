#include "discovery/swarm/tempo.h"

/* While something moves, and so long afterwards: an update stops one task after the other, and tells
 * nobody when. The nodes hear of it 100 ms later. */
#define QUICK_MS       50
#define QUICK_AFTER_MS 10000
/* Something that takes long, as a task with a long grace period. */
#define PATIENT_MS 200
#define QUIET_MS   2000
/* What happens all the time is asked for no more often than that. */
#define REST_MS 20

#define WHOLE_MS           5000
#define WHOLE_IN_MOTION_MS 1000

void tempo_ring(struct tempo *tempo, uint64_t now_ms)
{
    tempo->was_rung = true;
    tempo->due_at_ms = tempo->rest_ms;
    tempo->whole_at_ms = 0;
    tempo->moved_at_ms = now_ms;
}

bool tempo_begin(struct tempo *tempo, uint64_t now_ms)
{
    tempo->was_rung = false;
    tempo->begun_at_ms = now_ms;
    tempo->is_whole = now_ms >= tempo->whole_at_ms;
    return tempo->is_whole;
}

/* Even in a storm of events it has twice as long for other things. */
static uint64_t rest_ms(const struct tempo *tempo, uint64_t now_ms)
{
    uint64_t twice_ms = 2 * (now_ms - tempo->begun_at_ms);
    return now_ms + (twice_ms > REST_MS ? twice_ms : REST_MS);
}

/* So that the manager has ten times as long for other things; while something moves, twice. */
static uint64_t wait_ms(const struct tempo *tempo, const struct tempo_found *found, uint64_t now_ms)
{
    uint64_t took_ms = now_ms - tempo->begun_at_ms;
    bool is_quick = tempo->moved_at_ms > 0 && now_ms < tempo->moved_at_ms + QUICK_AFTER_MS;
    bool is_patient = !is_quick && !found->is_in_motion;
    uint64_t wait_ms = is_quick ? QUICK_MS : found->is_in_motion ? PATIENT_MS : QUIET_MS;
    uint64_t least_ms = took_ms * (is_patient ? 10 : 2);
    return wait_ms > least_ms ? wait_ms : least_ms;
}

void tempo_end(struct tempo *tempo, const struct tempo_found *found, uint64_t now_ms)
{
    if (found->has_moved)
        tempo->moved_at_ms = now_ms;
    tempo->rest_ms = rest_ms(tempo, now_ms);
    if (tempo->was_rung) {
        tempo->due_at_ms = tempo->rest_ms;
        return;
    }
    if (tempo->is_whole)
        tempo->whole_at_ms =
            tempo->begun_at_ms + (found->is_in_motion ? WHOLE_IN_MOTION_MS : WHOLE_MS);
    if (found->lacks_service)
        tempo->whole_at_ms = 0;
    tempo->due_at_ms = now_ms + wait_ms(tempo, found, now_ms);
}
