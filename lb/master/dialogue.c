#include "lb/master/dialogue.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/master/arrival.h"
#include "lb/master/discovery.h"
#include "lb/master/master_state.h"
#include "lb/master/notify.h"
#include "lb/master/plan.h"
#include "lb/master/serving.h"
#include "lb/master/speech.h"
#include "lb/master/succession.h"

#define MESSAGES_A_TURN 64u
#define LAST_MS         5000u /* for one that has hung up to end by itself */

/* ---- answering -------------------------------------------------------------------------------- */

struct heard {
    struct master *master;
    struct process *process;
    const struct channel_message *message;
    const int *fds;
    unsigned fd_count;
};

static enum channel_start start_of(const struct heard *heard)
{
    if (heard->process->role == PROCESS_COMING)
        return CHANNEL_SUCCESSOR;
    return heard->master->has_served ? CHANNEL_AGAIN : CHANNEL_FIRST;
}

static const char *on_hello(const struct heard *heard)
{
    struct master *master = heard->master;
    struct process *process = heard->process;
    struct channel_message answer = {.kind = CHANNEL_WELCOME,
                                     .value = CHANNEL_VERSION,
                                     .status = start_of(heard),
                                     .history = master->history};
    int fds[CHANNEL_KEEPSAKE_COUNT];
    answer.history.heartbeat_ms = notify_watchdog_ms();
    if (heard->message->value != CHANNEL_VERSION)
        return "it speaks another version of the channel; lb and lb-proxy belong together";
    process->stage = PROCESS_GREETED;
    memcpy(fds, master->keepsakes.fds, sizeof(fds));
    fds[CHANNEL_GAUGES] = process->gauges;
    speech_say(process, &answer, fds, CHANNEL_KEEPSAKE_COUNT);
    return NULL;
}

static bool has_end(const char *text, size_t size)
{
    return memchr(text, '\0', size);
}

static const char *on_place(const struct heard *heard)
{
    struct process *process = heard->process;
    const struct channel_place *place = &heard->message->place;
    struct channel_message answer = {.kind = CHANNEL_PLACED, .value = start_of(heard)};
    if (process->has_place || !has_end(place->handover_path, sizeof(place->handover_path)) ||
        !has_end(place->discovery_path, sizeof(place->discovery_path)) ||
        place->discovery_group_count > CHANNEL_GROUPS_MAX || place->log_level > LOG_LEVEL_ERROR ||
        place->log_format > LOG_FORMAT_JSON)
        return "its PLACE is none";
    process->place = *place;
    process->has_place = true;
    if (process->role != PROCESS_SERVING || !arrival_ask(heard->master))
        speech_say(process, &answer, NULL, 0);
    return NULL;
}

/* The range of ports is of what lb-discovery tells. */
static int take_plan(struct process *process, enum channel_helper which, int fd)
{
    uint32_t low, high;
    int plan = plan_take(fd, &low, &high);
    if (plan < 0)
        return plan;
    if (which == CHANNEL_DISCOVERY) {
        process->port_low = low;
        process->port_high = high;
    }
    process->plans[which] = plan;
    return 0;
}

static const char *on_plan(const struct heard *heard)
{
    static const char *const programs[CHANNEL_HELPER_COUNT] = {"lb-discovery", "lb-report",
                                                               "lb-acme"};
    struct process *process = heard->process;
    uint64_t which = heard->message->value;
    if (which >= CHANNEL_HELPER_COUNT)
        return "its PLAN is of a program that is unknown";
    if (process->has_plans[which])
        return "it has told its PLAN before";
    process->has_plans[which] = true;
    if (heard->fd_count == 0)
        return NULL;
    int rc = take_plan(process, (enum channel_helper)which, heard->fds[0]);
    if (rc == -EBADMSG)
        return "its PLAN is none";
    if (rc == 0)
        return NULL;
    log_error("the plan of %s cannot be kept: %s", programs[which], strerror(-rc));
    return "its PLAN cannot be kept";
}

static const char *on_sealed(const struct heard *heard)
{
    heard->process->stage = PROCESS_SEALED;
    if (heard->process->role == PROCESS_COMING)
        succession_is_sealed(heard->master, heard->process);
    else if (heard->process->role == PROCESS_SERVING && !arrival_is_awaited(heard->master))
        serving_let(heard->master, heard->process);
    return NULL;
}

static void lend(struct master *master, struct process *process, unsigned group)
{
    const struct channel_socket *key = &master->store.groups[group].key;
    struct channel_message answer = {.kind = CHANNEL_SOCKETS, .socket = *key};
    int fds[CHANNEL_FDS_MAX];
    for (unsigned from = 0, count; from < key->count; from += count) {
        count = store_lend(&master->store, group, from, fds, CHANNEL_FDS_MAX);
        if (count == 0)
            return;
        answer.value = key->count - from;
        speech_say(process, &answer, fds, count);
    }
}

static const char *on_want(const struct heard *heard)
{
    struct process *process = heard->process;
    const struct channel_socket *wanted = &heard->message->socket;
    struct store_asker asker = {.number = process->number,
                                .is_sealed = process->stage == PROCESS_SEALED,
                                .port_low = process->port_low,
                                .port_high = process->port_high};
    if (!store_is_sound(wanted))
        return "it wants a socket that is none";
    int rc = process->role == PROCESS_LEAVING ? -EACCES /* they are its successor's */
                                              : store_want(&heard->master->store, wanted, &asker);
    if (rc >= 0) {
        lend(heard->master, process, (unsigned)rc);
        return NULL;
    }
    struct channel_message answer = {.kind = CHANNEL_SOCKETS, .status = rc, .socket = *wanted};
    speech_say(process, &answer, NULL, 0);
    return NULL;
}

static const char *on_drop(const struct heard *heard)
{
    if (!store_is_sound(&heard->message->socket))
        return "it drops a socket that is none";
    if (heard->process->role == PROCESS_SERVING)
        store_drop(&heard->master->store, &heard->message->socket);
    return NULL;
}

static const char *on_ready(const struct heard *heard)
{
    heard->process->is_ready = true;
    if (heard->process->role == PROCESS_COMING)
        succession_is_ready(heard->master, heard->process);
    else if (heard->process->role == PROCESS_SERVING && arrival_is_awaited(heard->master))
        arrival_is_ready(heard->master);
    else if (heard->process->role == PROCESS_SERVING)
        store_sweep(&heard->master->store, heard->process->number, true);
    return NULL;
}

static const char *on_sound(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING)
        discovery_is_sound(heard->master);
    return NULL;
}

static const char *on_hung(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING)
        discovery_is_hung(heard->master, heard->message->text);
    return NULL;
}

static const char *on_yielded(const struct heard *heard)
{
    succession_has_yielded(heard->master, heard->process);
    return NULL;
}

static const char *on_renew(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING)
        succession_begin_renewal(heard->master, heard->message->text);
    return NULL;
}

static const char *on_upgrade(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING)
        succession_begin_upgrade(heard->master);
    return NULL;
}

static const char *on_settled(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING)
        notify_ready();
    return NULL;
}

static const char *on_status(const struct heard *heard)
{
    char text[CHANNEL_TEXT_BYTES];
    if (heard->process->role != PROCESS_SERVING)
        return NULL;
    memcpy(text, heard->message->text, sizeof(text));
    text[sizeof(text) - 1] = '\0';
    notify_status(text);
    return NULL;
}

static const char *on_heartbeat(const struct heard *heard)
{
    if (heard->process->role == PROCESS_SERVING && notify_watchdog_ms() > 0)
        notify_watchdog();
    return NULL;
}

/* At which stages it may come, and with how many descriptors at the most. */
static const struct rule {
    enum channel_kind kind;
    enum process_stage first, last;
    unsigned fds_max;
    const char *(*act)(const struct heard *heard); /* gives what is wrong with it, or NULL */
} rules[] = {
    {CHANNEL_HELLO, PROCESS_STARTED, PROCESS_STARTED, 0, on_hello},
    {CHANNEL_PLACE, PROCESS_GREETED, PROCESS_GREETED, 0, on_place},
    {CHANNEL_PLAN, PROCESS_GREETED, PROCESS_GREETED, 1, on_plan},
    {CHANNEL_SEALED, PROCESS_GREETED, PROCESS_GREETED, 0, on_sealed},
    {CHANNEL_WANT, PROCESS_GREETED, PROCESS_SEALED, 0, on_want},
    {CHANNEL_DROP, PROCESS_GREETED, PROCESS_SEALED, 0, on_drop},
    {CHANNEL_READY, PROCESS_SEALED, PROCESS_SEALED, 0, on_ready},
    {CHANNEL_YIELDED, PROCESS_SEALED, PROCESS_SEALED, 0, on_yielded},
    {CHANNEL_RENEW, PROCESS_SEALED, PROCESS_SEALED, 0, on_renew},
    {CHANNEL_SETTLED, PROCESS_SEALED, PROCESS_SEALED, 0, on_settled},
    {CHANNEL_UPGRADE, PROCESS_SEALED, PROCESS_SEALED, 0, on_upgrade},
    {CHANNEL_STATUS, PROCESS_SEALED, PROCESS_SEALED, 0, on_status},
    {CHANNEL_HEARTBEAT, PROCESS_SEALED, PROCESS_SEALED, 0, on_heartbeat},
    {CHANNEL_DISCOVERY_SOUND, PROCESS_SEALED, PROCESS_SEALED, 0, on_sound},
    {CHANNEL_DISCOVERY_HUNG, PROCESS_SEALED, PROCESS_SEALED, 0, on_hung},
};

static const char *obey(const struct heard *heard)
{
    enum process_stage stage = heard->process->stage;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].kind != heard->message->kind)
            continue;
        if (stage < rules[i].first || stage > rules[i].last)
            return "it said something out of turn";
        if (heard->fd_count > rules[i].fds_max)
            return "it sent descriptors that nobody asked for";
        return rules[i].act(heard);
    }
    return "it said something that is unknown";
}

/* ---- hearing ---------------------------------------------------------------------------------- */

static void hear(struct master *master, struct process *process,
                 const struct channel_message *message, const int *fds, unsigned fd_count)
{
    struct heard heard = {
        .master = master, .process = process, .message = message, .fds = fds, .fd_count = fd_count};
    const char *fault = obey(&heard);
    for (unsigned i = 0; i < fd_count; i++)
        close(fds[i]);
    if (fault)
        speech_end(process, fault);
}

/* It has ended, which is told by another way; or it has closed its end, and is to end. */
static void hang_up(struct process *process)
{
    close(process->channel);
    process->channel = -1;
    process->full_until_ns = 0;
    if (process->stage != PROCESS_STARTED && process->due_ns == 0)
        process->due_ns = master_in_ms(LAST_MS);
}

/* Who reads no answers asks for none: the master does not wait for it. */
static bool has_room(struct process *process)
{
    struct pollfd wish = {.fd = process->channel, .events = POLLOUT};
    if (poll(&wish, 1, 0) != 0)
        process->full_until_ns = 0;
    else if (process->full_until_ns == 0)
        process->full_until_ns = master_in_ms(SPEECH_PATIENCE_MS);
    return process->full_until_ns == 0;
}

void dialogue_read(struct master *master, struct process *process)
{
    struct channel_message message;
    int fds[PARCEL_FDS_MAX];
    unsigned fd_count;
    for (unsigned i = 0; i < MESSAGES_A_TURN && process->channel >= 0 && has_room(process); i++) {
        int rc = parcel_receive(process->channel, &message, sizeof(message), fds, &fd_count);
        if (rc == -EAGAIN)
            return;
        if (rc > 0)
            hear(master, process, &message, fds, fd_count);
        else if (rc == -EBADMSG)
            speech_end(process, "it said something of a wrong size");
        else
            hang_up(process);
    }
}
