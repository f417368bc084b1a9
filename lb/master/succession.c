#include "lb/master/succession.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/acme.h"
#include "lb/master/attendant.h"
#include "lb/master/crashes.h"
#include "lb/master/discovery.h"
#include "lb/master/master_state.h"
#include "lb/master/peer.h"
#include "lb/master/serving.h"
#include "lb/master/speech.h"
#include "lb/master/upgrade.h"

#define TIMEOUT_MS 60000u        /* until the new one is ready, where nothing else is said */
#define YIELD_MS   5000u         /* for the old one to give way */
#define GRACE_MS   (10 * 60000u) /* for what runs in it */

void succession_init(struct succession *succession)
{
    *succession = (struct succession){.kind = SUCCESSION_NONE, .next.fd = -1};
}

static struct process *serving(struct master *master)
{
    return processes_of_role(&master->processes, PROCESS_SERVING);
}

static struct process *coming(struct master *master)
{
    return processes_of_role(&master->processes, PROCESS_COMING);
}

static const char *word_of(enum succession_kind kind)
{
    return kind == SUCCESSION_UPGRADE ? "upgrade" : "renewal";
}

static void tell_news(struct master *master, enum succession_kind kind, bool is_good,
                      const char *text)
{
    static const int32_t news[2][2] = {{CHANNEL_NOT_RENEWED, CHANNEL_RENEWED},
                                       {CHANNEL_NOT_UPGRADED, CHANNEL_UPGRADED}};
    struct channel_message message = {.kind = CHANNEL_NEWS,
                                      .status = news[kind == SUCCESSION_UPGRADE][is_good]};
    struct process *process = serving(master);
    snprintf(message.text, sizeof(message.text), "%s", text);
    if (process && kind != SUCCESSION_AWAY)
        speech_mention(process, &message);
}

static void forget(struct master *master)
{
    program_close(&master->succession.next);
    succession_init(&master->succession);
}

/* ---- beginning -------------------------------------------------------------------------------- */

/* One that crashes again and again is what an upgrade may be for. */
static bool can_be_replaced(struct master *master, enum succession_kind kind)
{
    const struct process *process = serving(master);
    if (kind == SUCCESSION_UPGRADE)
        return master->has_served;
    return process && process->stage == PROCESS_SEALED;
}

static bool may_begin(struct master *master, enum succession_kind kind)
{
    const char *why = NULL;
    if (master->succession.kind != SUCCESSION_NONE || master->handover.stage != HANDOVER_NONE)
        why = "another change of processes is under way";
    else if (master->is_next_due)
        why = "lb itself is just being replaced";
    else if (!can_be_replaced(master, kind))
        why = "no lb-proxy serves yet";
    else if (master->is_ending)
        why = "lb is ending";
    if (!why)
        return true;
    log_warn("the %s is left out: %s", kind == SUCCESSION_AWAY ? "hand-over" : word_of(kind), why);
    tell_news(master, kind, false, why);
    return false;
}

static void enter(struct master *master, enum succession_kind kind, enum succession_stage stage)
{
    uint32_t timeout_ms = master->place.upgrade_timeout_ms;
    master->succession.kind = kind;
    master->succession.stage = stage;
    master->succession.due_ns = master_in_ms(timeout_ms > 0 ? timeout_ms : TIMEOUT_MS);
}

static void start_coming(struct master *master, const struct program *program)
{
    master->succession.stage = SUCCESSION_COMING;
    if (!serving_start_proxy(master, PROCESS_COMING, program))
        succession_fail(master, "no process could be started");
}

void succession_begin_renewal(struct master *master, const char *why)
{
    if (!may_begin(master, SUCCESSION_RENEWAL))
        return;
    log_info("the settings want an lb-proxy that is started anew (%.*s); it serves as soon as it "
             "is ready",
             (int)strnlen(why, CHANNEL_TEXT_BYTES), why);
    enter(master, SUCCESSION_RENEWAL, SUCCESSION_COMING);
    start_coming(master, &master->proxy);
}

static void fail_at(struct master *master, const char *path, int rc)
{
    char why[CHANNEL_TEXT_BYTES];
    snprintf(why, sizeof(why), "%.160s cannot be started: %s", path, strerror(-rc));
    succession_fail(master, why);
}

void succession_begin_upgrade(struct master *master)
{
    if (!may_begin(master, SUCCESSION_UPGRADE))
        return;
    log_info("upgrade: %s on disk is tried, and serves as soon as it is ready", master->own_path);
    enter(master, SUCCESSION_UPGRADE, SUCCESSION_TRIAL);
    int rc = upgrade_start_trial(master, master->succession.due_ns);
    if (rc < 0)
        fail_at(master, master->own_path, rc);
}

bool succession_begin_away(struct master *master)
{
    if (!may_begin(master, SUCCESSION_AWAY))
        return false;
    enter(master, SUCCESSION_AWAY, SUCCESSION_COMING);
    return true;
}

void succession_trial_has_ended(struct master *master, int status)
{
    char how[CRASHES_TEXT_BYTES], why[CRASHES_TEXT_BYTES + 64];
    struct program *next = &master->succession.next;
    if (master->succession.kind != SUCCESSION_UPGRADE ||
        master->succession.stage != SUCCESSION_TRIAL)
        return;
    if (status != 0) {
        snprintf(why, sizeof(why), "the new lb ended by %s at lb --version",
                 crashes_describe(status, how));
        succession_fail(master, why);
        return;
    }
    memcpy(next->path, master->proxy.path, sizeof(next->path));
    int rc = program_open(next);
    if (rc < 0)
        fail_at(master, next->path, rc);
    else
        start_coming(master, next);
}

/* ---- the change ------------------------------------------------------------------------------- */

/* The one that has been at it for longest is ended, when there are too many. */
static void cut_oldest(struct master *master)
{
    struct process *oldest = NULL;
    for (unsigned i = 0; i < PROCESSES_MAX; i++) {
        struct process *process = &master->processes.list[i];
        if (process->role == PROCESS_LEAVING && !process->is_condemned &&
            (!oldest || process->number < oldest->number))
            oldest = process;
    }
    if (oldest)
        oldest->due_ns = clock_mono_ns();
}

static void let_leave(struct master *master, struct process *process)
{
    uint32_t grace_ms = master->place.handover_grace_ms;
    if (processes_count(&master->processes, PROCESS_LEAVING) >= PROCESSES_LEAVING_MAX)
        cut_oldest(master);
    bool has_served = process->stage == PROCESS_SEALED && process->channel >= 0;
    process->role = PROCESS_LEAVING;
    if (!has_served)
        processes_kill(process, SIGKILL);
    process->due_ns = master_in_ms(grace_ms > 0 ? grace_ms : GRACE_MS);
}

static void count(struct master *master, enum succession_kind kind)
{
    if (kind == SUCCESSION_UPGRADE)
        master->history.upgrade_count++;
    else
        master->history.renewal_count++;
}

static void keep_next(struct master *master)
{
    program_close(&master->proxy);
    master->proxy = master->succession.next;
    master->succession.next.fd = -1;
}

/* The old one has been told to give way, and cannot take that back. */
static void start_over(struct master *master, const char *why)
{
    enum succession_kind kind = master->succession.kind;
    struct process *old = serving(master);
    log_error("%s, and the one that served has given way: another one is started", why);
    forget(master);
    if (old)
        let_leave(master, old);
    if (kind != SUCCESSION_AWAY)
        tell_news(master, kind, false, why);
    if (!master->is_ending)
        master->restart_at_ns = clock_mono_ns();
}

/* Another master serves. */
static void go_away(struct master *master)
{
    forget(master);
    discovery_stop(master);
    attendant_stop(master, &acme_attendant);
    if (!peer_give(master)) {
        start_over(master, "the lb that was to take over is gone");
        return;
    }
    serving_begin_to_end(master);
    master->exit_status = 0;
}

static void complete(struct master *master)
{
    enum succession_kind kind = master->succession.kind;
    struct process *old = serving(master), *process = coming(master);
    pid_t old_pid = old ? old->pid : 0;
    master->restart_at_ns = 0;
    if (old)
        let_leave(master, old);
    if (kind == SUCCESSION_AWAY) {
        go_away(master);
        return;
    }
    bool is_stale = master->succession.is_stale;
    count(master, kind);
    if (kind == SUCCESSION_UPGRADE)
        keep_next(master);
    forget(master);
    serving_let(master, process);
    if (old)
        log_info("%s: lb-proxy %d serves, and %d finishes what runs in it", word_of(kind),
                 (int)process->pid, (int)old_pid);
    else
        log_info("%s: lb-proxy %d serves", word_of(kind), (int)process->pid);
    tell_news(master, kind, true, "");
    if (is_stale)
        processes_kill(process, SIGHUP);
    master->is_next_due = kind == SUCCESSION_UPGRADE;
}

static void ask_to_yield(struct master *master)
{
    struct channel_message message = {.kind = CHANNEL_YIELD};
    struct process *old = serving(master);
    if (!old || old->stage != PROCESS_SEALED || old->channel < 0) {
        complete(master);
        return;
    }
    master->succession.stage = SUCCESSION_YIELDING;
    master->succession.due_ns = master_in_ms(YIELD_MS);
    speech_say(old, &message, NULL, 0);
}

static bool is_coming(const struct master *master)
{
    return master->succession.kind != SUCCESSION_NONE &&
           master->succession.stage == SUCCESSION_COMING;
}

void succession_is_sealed(struct master *master, struct process *process)
{
    const struct process *old = serving(master);
    bool is_served = old && old->stage == PROCESS_SEALED;
    if (process->role != PROCESS_COMING || !is_coming(master))
        return;
    if (!is_served)
        complete(master);
    else if (!old->is_ready) /* which has no pool either */
        ask_to_yield(master);
    else
        discovery_begin_early(master, process);
}

void succession_is_ready(struct master *master, struct process *process)
{
    if (is_coming(master) &&
        (process ? process->role == PROCESS_COMING : master->succession.kind == SUCCESSION_AWAY))
        ask_to_yield(master);
}

void succession_has_yielded(struct master *master, struct process *process)
{
    process->has_yielded = true;
    if (process->role == PROCESS_SERVING && master->succession.kind != SUCCESSION_NONE &&
        master->succession.stage == SUCCESSION_YIELDING)
        complete(master);
}

/* ---- ends ------------------------------------------------------------------------------------- */

static void stay(struct master *master, const char *why)
{
    log_warn("another lb did not take over: %s", why);
    if (master->handover.peer >= 0)
        peer_refuse(&master->handover, why);
    master->handover.stage = HANDOVER_NONE;
}

void succession_fail(struct master *master, const char *why)
{
    enum succession_kind kind = master->succession.kind;
    struct process *process = coming(master);
    struct process *trial = processes_of_role(&master->processes, PROCESS_TRIAL);
    bool is_urgent = master->succession.is_urgent, is_stale = master->succession.is_stale;
    if (kind == SUCCESSION_NONE)
        return;
    if (kind != SUCCESSION_AWAY)
        log_error("%s failed: %s; the lb-proxy that serves goes on", word_of(kind), why);
    if (process) {
        process->role = PROCESS_LEAVING; /* it is killed, and no crash of who serves */
        process->is_told = true;
        processes_kill(process, SIGKILL);
        store_give_back(&master->store, process->number);
    }
    if (trial)
        processes_kill(trial, SIGKILL);
    forget(master);
    discovery_end_early(master);
    tell_news(master, kind, false, why);
    if (kind == SUCCESSION_AWAY)
        stay(master, why);
    process = serving(master);
    if (is_stale && process) /* what they said then was left out */
        processes_kill(process, SIGHUP);
    if (is_urgent && !master->is_ending && !process)
        master->restart_at_ns = clock_mono_ns();
}

void succession_coming_has_ended(struct master *master, int status)
{
    char how[CRASHES_TEXT_BYTES], why[CRASHES_TEXT_BYTES + 64];
    if (master->succession.kind == SUCCESSION_NONE)
        return;
    snprintf(why, sizeof(why), "the new lb-proxy ended by %s before it served",
             crashes_describe(status, how));
    if (master->succession.stage == SUCCESSION_YIELDING)
        start_over(master, why);
    else
        succession_fail(master, why);
}

void succession_away_is_gone(struct master *master)
{
    static const char why[] = "the lb that was to take over is gone";
    bool has_yielded = master->succession.kind == SUCCESSION_NONE ||
                       master->succession.stage == SUCCESSION_YIELDING;
    if (has_yielded)
        start_over(master, why);
    else
        succession_fail(master, why);
}

bool succession_serving_has_ended(struct master *master)
{
    struct process *process = coming(master);
    if (master->succession.kind == SUCCESSION_AWAY) {
        if (master->succession.stage == SUCCESSION_YIELDING)
            complete(master);
        return master->handover.stage == HANDOVER_LEFT;
    }
    if (!process)
        return false; /* a trial: one is started as after each crash */
    master->succession.is_urgent = true;
    if (process->stage == PROCESS_SEALED)
        complete(master);
    return true;
}

static void on_late(struct master *master)
{
    if (master->succession.stage == SUCCESSION_YIELDING) {
        log_warn("the lb-proxy that is to give way did not say that it has, in %u ms", YIELD_MS);
        complete(master);
    } else if (master->succession.stage == SUCCESSION_TRIAL) {
        succession_fail(master, "the new lb did not tell its version in time");
    } else {
        succession_fail(master, "the new lb-proxy was not ready in time (--upgrade-timeout)");
    }
}

void succession_tick(struct master *master, uint64_t now_ns)
{
    if (master->succession.kind == SUCCESSION_NONE)
        return;
    if (master->is_ending && master->succession.stage != SUCCESSION_YIELDING)
        succession_fail(master, "lb is ending");
    else if (now_ns >= master->succession.due_ns)
        on_late(master);
}
