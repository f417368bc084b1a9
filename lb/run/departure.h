/* How lb leaves: first /readyz says no while everything goes on, then nothing new is accepted and
 * what runs is finished, then what still runs is cut off. */
#ifndef LB_RUN_DEPARTURE_H
#define LB_RUN_DEPARTURE_H

#include <stdbool.h>
#include <uv.h>

enum departure_phase {
    DEPARTURE_NONE,
    DEPARTURE_LEAVING,  /* --shutdown-delay: accepts; each answer closes its connection */
    DEPARTURE_DRAINING, /* --shutdown-grace */
    DEPARTURE_CLOSING,
};

struct departure {
    uv_timer_t timer;
    enum departure_phase phase;
    unsigned grace_ms;
    bool
        is_patient; /* nobody has asked for the end yet: others serve, and what runs takes its time */
    void (*on_phase)(void *owner, enum departure_phase phase);
    void *owner;
};

/* Borrows the loop. `on_phase` is told of each phase as it begins. Thread: control. */
void departure_init(struct departure *departure, uv_loop_t *loop,
                    void (*on_phase)(void *owner, enum departure_phase phase), void *owner);

/* `signal_name` asks for the end; the second time, for the end at once. */
void departure_begin(struct departure *departure, const char *signal_name, unsigned delay_ms,
                     unsigned grace_ms);

/* Who could ask for the end is gone: as the first departure_begin without a delay, also while one runs. */
void departure_begin_alone(struct departure *departure, const char *why, unsigned grace_ms);

/* Others serve: it leaves at once, and drains `delay_ms` later, as long as that takes; until departure_begin, whose grace
 * counts then. */
void departure_give_way(struct departure *departure, unsigned delay_ms);

/* Closes the timer. Idempotent; the loop must run once more. */
void departure_close(struct departure *departure);

#endif
