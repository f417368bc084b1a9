#include "lb/run/departure.h"

#include <stdio.h>
#include <unistd.h>

#include "lb/base/list.h"
#include "lb/base/log.h"

static void on_uv_timer(uv_timer_t *timer);

void departure_init(struct departure *departure, uv_loop_t *loop,
                    void (*on_phase)(void *owner, enum departure_phase phase), void *owner)
{
    *departure = (struct departure){.on_phase = on_phase, .owner = owner};
    uv_timer_init(loop, &departure->timer);
}

static void enter(struct departure *departure, enum departure_phase phase)
{
    departure->phase = phase;
    if (phase == DEPARTURE_DRAINING && departure->grace_ms > 0)
        uv_timer_start(&departure->timer, on_uv_timer, departure->grace_ms, 0);
    departure->on_phase(departure->owner, phase);
}

static void tell_grace(const char *words, unsigned grace_ms)
{
    if (grace_ms > 0)
        log_info("%s finishing what runs, for at most %u ms", words, grace_ms);
    else
        log_info("%s finishing what runs", words);
}

static void on_uv_timer(uv_timer_t *timer)
{
    struct departure *departure = list_entry(timer, struct departure, timer);
    if (departure->is_patient) {
        enter(departure, DEPARTURE_DRAINING);
    } else if (departure->phase == DEPARTURE_LEAVING) {
        tell_grace("no new connections;", departure->grace_ms);
        enter(departure, DEPARTURE_DRAINING);
    } else {
        log_warn("the shutdown grace is over: closing what still runs");
        enter(departure, DEPARTURE_CLOSING);
    }
}

void departure_begin(struct departure *departure, const char *signal_name, unsigned delay_ms,
                     unsigned grace_ms)
{
    char words[64];
    bool is_first = departure->phase == DEPARTURE_NONE || departure->is_patient;
    departure->grace_ms = grace_ms;
    snprintf(words, sizeof(words), "%s:", signal_name);
    if (!is_first) {
        enter(departure, DEPARTURE_CLOSING);
    } else if (delay_ms > 0 && !departure->is_patient) {
        log_info("%s: not ready any more, going on for %u ms", signal_name, delay_ms);
        uv_timer_start(&departure->timer, on_uv_timer, delay_ms, 0);
        enter(departure, DEPARTURE_LEAVING);
    } else {
        tell_grace(words, grace_ms);
        departure->is_patient = false;
        uv_timer_stop(&departure->timer);
        enter(departure, DEPARTURE_DRAINING);
    }
}

void departure_begin_alone(struct departure *departure, const char *why, unsigned grace_ms)
{
    if (departure->phase >= DEPARTURE_DRAINING && !departure->is_patient)
        return;
    departure->is_patient = departure->phase != DEPARTURE_NONE;
    departure_begin(departure, why, 0, grace_ms);
}

void departure_give_way(struct departure *departure, unsigned delay_ms)
{
    if (departure->phase != DEPARTURE_NONE)
        return;
    log_info("lb-proxy %d: another one serves; finishing what runs here", (int)getpid());
    departure->is_patient = true;
    uv_timer_start(&departure->timer, on_uv_timer, delay_ms, 0);
    enter(departure, DEPARTURE_LEAVING);
}

void departure_close(struct departure *departure)
{
    if (!uv_is_closing((uv_handle_t *)&departure->timer))
        uv_close((uv_handle_t *)&departure->timer, NULL);
}
