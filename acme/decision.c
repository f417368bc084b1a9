#include "acme/decision.h"

#include "acme/schedule.h"

/* As the authority proposes, else when two thirds of its life are over. */
static int64_t renewal_s(const struct names *names, const struct store_entry *entry,
                         const struct state_entry *state)
{
    const struct certificate *certificate = &entry->certificate;
    if (state && state->proposed_s > 0 && strcmp(state->id, certificate->id) == 0)
        return schedule_window_s(state->proposed_s, state->proposed_s, certificate->not_before_s,
                                 certificate->not_after_s, names_salt(names));
    return schedule_renewal_s(certificate->not_before_s, certificate->not_after_s,
                              names_salt(names));
}

struct decision decision_make(const struct names *names, const struct store_entry *entry,
                              const struct state_entry *state, int64_t pause_until_s, int64_t now_s)
{
    int64_t due_s = entry ? renewal_s(names, entry, state) : 0;
    int64_t earliest_s = state ? state->next_s : 0;
    struct decision decision = {.word = DECISION_ORDER, .is_renewal = entry != NULL};
    if (entry && due_s > now_s) {
        decision.word = DECISION_VALID;
        decision.next_s = due_s;
        decision.cause = "it is on the disk and valid";
        return decision;
    }
    decision.cause = !entry ? "there is none" : "it is time to renew it";
    decision.next_s = due_s > now_s ? due_s : now_s;
    if (earliest_s > now_s || pause_until_s > now_s) {
        decision.word = DECISION_WAIT;
        decision.next_s = earliest_s > pause_until_s ? earliest_s : pause_until_s;
        decision.cause = earliest_s >= pause_until_s ? "the last try failed"
                                                     : "the authority wants to be asked later";
    }
    return decision;
}
