#include "lb/master/handover.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/master/dialogue.h"
#include "lb/master/master.h"

#define SOCKETS_MS  10000u /* for the old one to give its sockets */
#define YIELDING_MS 10000u /* for its process to give way: it has half of that */

void handover_init(struct handover *handover)
{
    *handover = (struct handover){
        .door = {.fd = -1, .type = SOCK_SEQPACKET}, .stage = HANDOVER_NONE, .peer = -1};
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        handover->keepsakes[i] = -1;
}

static void forget_keepsakes(struct handover *handover)
{
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++) {
        if (handover->keepsakes[i] >= 0)
            close(handover->keepsakes[i]);
        handover->keepsakes[i] = -1;
    }
}

static void hang_up(struct handover *handover, enum handover_stage stage)
{
    if (handover->peer >= 0)
        close(handover->peer);
    handover->peer = -1;
    handover->stage = stage;
    handover->due_ns = 0;
    forget_keepsakes(handover);
}

static int say(struct handover *handover, const struct channel_message *message, const int *fds,
               unsigned fd_count)
{
    return parcel_send(handover->peer, message, sizeof(*message), fds, fd_count);
}

/* ---- the new one ------------------------------------------------------------------------------ */

static struct process *own_process(struct master *master)
{
    return processes_of_role(&master->processes, PROCESS_SERVING);
}

static void answer_place(struct master *master)
{
    struct process *process = own_process(master);
    bool is_successor = master->handover.stage != HANDOVER_NONE;
    struct channel_message answer = {.kind = CHANNEL_PLACED,
                                     .value = is_successor ? CHANNEL_SUCCESSOR : CHANNEL_FIRST};
    if (process)
        dialogue_say(process, &answer, NULL, 0);
}

bool handover_ask(struct master *master)
{
    struct handover *handover = &master->handover;
    const struct process *process = own_process(master);
    struct channel_message take = {.kind = CHANNEL_TAKE, .value = CHANNEL_VERSION, .text = LB_VERSION};
    const char *path = process->place.handover_path;
    if (path[0] == '\0' || master->has_served)
        return false;
    int fd = door_knock(path, SOCK_SEQPACKET);
    if (fd < 0) {
        if (fd != -ECONNREFUSED && fd != -ENOENT)
            log_warn("no hand-over by %s: %s", path, strerror(-fd));
        return false;
    }
    handover->peer = fd;
    handover->stage = HANDOVER_ASKED;
    handover->due_ns = master_in_ms(SOCKETS_MS);
    if (say(handover, &take, NULL, 0) == 0)
        return true;
    hang_up(handover, HANDOVER_NONE);
    return false;
}

bool handover_is_awaited(const struct master *master)
{
    return master->handover.stage == HANDOVER_HELD || master->handover.stage == HANDOVER_TAKEN;
}

static void serve(struct master *master)
{
    struct process *process = own_process(master);
    if (master->handover.keepsakes[0] >= 0)
        keepsakes_copy(&master->keepsakes, master->handover.keepsakes);
    hang_up(&master->handover, HANDOVER_NONE);
    if (process && process->stage == PROCESS_SEALED)
        master_let_serve(master, process);
}

/* The old one is gone, or says nothing: there is what there is. */
static void go_on_alone(struct master *master, const char *why)
{
    bool is_asked = master->handover.stage == HANDOVER_ASKED;
    log_warn("the lb that serves %s: this one goes on with the %u sockets that it has", why,
             master->store.socket_count);
    if (is_asked) {
        hang_up(&master->handover, HANDOVER_NONE);
        answer_place(master);
    } else {
        serve(master);
    }
}

static void give_up(struct master *master, const struct channel_message *message)
{
    struct process *process = own_process(master);
    log_error("the lb that serves goes on, and this one ends: %.*s",
              (int)strnlen(message->text, sizeof(message->text)), message->text);
    hang_up(&master->handover, HANDOVER_NONE);
    if (process)
        processes_kill(process, SIGKILL);
    master->exit_status = 1;
    master->is_over = true;
}

static void take_keepsakes(struct master *master, const struct channel_message *message, int *fds,
                           unsigned *fd_count)
{
    if (*fd_count != CHANNEL_KEEPSAKE_COUNT || master->handover.keepsakes[0] >= 0)
        return;
    memcpy(master->handover.keepsakes, fds, sizeof(master->handover.keepsakes));
    *fd_count = 0;
    keepsakes_copy(&master->keepsakes, master->handover.keepsakes);
    uint32_t own_starts = master->history.start_count;
    master->history = message->history;
    master->history.start_count += own_starts;
    master->history.upgrade_count++;
}

static void take_sockets(struct master *master, const struct channel_message *message,
                         const int *fds, unsigned *fd_count)
{
    if (*fd_count == 0) {
        log_info("%u listening sockets came from the lb that serves", master->store.socket_count);
        master->handover.stage = HANDOVER_HELD;
        master->handover.due_ns = 0;
        answer_place(master);
        return;
    }
    if (!store_is_sound(&message->socket))
        return;
    for (unsigned i = 0; i < *fd_count; i++)
        store_adopt(&master->store, &message->socket, fds[i]);
    *fd_count = 0;
}

static void hear_old(struct master *master, const struct channel_message *message, int *fds,
                     unsigned *fd_count)
{
    enum handover_stage stage = master->handover.stage;
    if (message->kind == CHANNEL_KEEPSAKES && stage == HANDOVER_ASKED)
        take_keepsakes(master, message, fds, fd_count);
    else if (message->kind == CHANNEL_GIVE && stage == HANDOVER_ASKED)
        take_sockets(master, message, fds, fd_count);
    else if (message->kind == CHANNEL_GIVEN && message->status < 0)
        give_up(master, message);
    else if (message->kind == CHANNEL_GIVEN && stage == HANDOVER_TAKEN)
        serve(master);
}

void handover_is_ready(struct master *master)
{
    struct channel_message message = {.kind = CHANNEL_TAKEN};
    if (master->handover.stage != HANDOVER_HELD)
        return;
    master->handover.stage = HANDOVER_TAKEN;
    master->handover.due_ns = master_in_ms(YIELDING_MS);
    if (say(&master->handover, &message, NULL, 0) < 0)
        go_on_alone(master, "is gone");
}

/* ---- the old one ------------------------------------------------------------------------------ */

void handover_listen(struct master *master)
{
    int rc = door_open(&master->handover.door, master->place.handover_path);
    if (rc < 0)
        log_warn("nobody can take over by %s: %s", master->place.handover_path, strerror(-rc));
}

static int give_group(struct master *master, unsigned group)
{
    const struct store_group *row = &master->store.groups[group];
    struct channel_message message = {.kind = CHANNEL_GIVE, .socket = row->key};
    int fds[CHANNEL_FDS_MAX], rc = 0;
    if (!row->is_used || row->key.role[0] == '\0')
        return 0;
    for (unsigned from = 0, count; rc == 0 && from < row->key.count; from += count) {
        count = store_lend(&master->store, group, from, fds, CHANNEL_FDS_MAX);
        if (count == 0)
            break;
        message.value = row->key.count - from;
        rc = say(&master->handover, &message, fds, count);
    }
    return rc;
}

static int give_all(struct master *master)
{
    struct channel_message message = {.kind = CHANNEL_KEEPSAKES, .history = master->history};
    struct channel_message last = {.kind = CHANNEL_GIVE};
    int rc = say(&master->handover, &message, master->keepsakes.fds, CHANNEL_KEEPSAKE_COUNT);
    for (unsigned i = 0; rc == 0 && i < master->store.group_count; i++)
        rc = give_group(master, i);
    return rc < 0 ? rc : say(&master->handover, &last, NULL, 0);
}

static void refuse(struct handover *handover, const char *why)
{
    struct channel_message message = {.kind = CHANNEL_GIVEN, .status = -EBUSY};
    snprintf(message.text, sizeof(message.text), "%s", why);
    say(handover, &message, NULL, 0);
    hang_up(handover, HANDOVER_NONE);
}

static void on_take(struct master *master, const struct channel_message *message)
{
    struct handover *handover = &master->handover;
    if (message->value != CHANNEL_VERSION) {
        refuse(handover, "it speaks another version of the channel");
        return;
    }
    log_info("another lb (%.*s) takes over by %s",
             (int)strnlen(message->text, sizeof(message->text)), message->text,
             handover->door.path);
    if (!succession_begin_away(master)) {
        refuse(handover, "another change of processes is under way there");
        return;
    }
    handover->stage = HANDOVER_GIVING;
    handover->due_ns = 0;
    int rc = give_all(master);
    if (rc < 0)
        succession_fail(master, strerror(-rc));
}

void handover_answer_door(struct master *master)
{
    struct handover *handover = &master->handover;
    int fd = door_accept(&handover->door, master->place.proxy_uid);
    if (fd == -EACCES)
        log_warn("a stranger came to %s, and was sent away", handover->door.path);
    if (fd < 0)
        return;
    if (handover->peer >= 0) {
        close(fd);
        return;
    }
    int size = 4 << 20; /* for as many messages as there are sockets */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    handover->peer = fd;
    handover->due_ns = master_in_ms(SOCKETS_MS); /* to say what it wants */
}

void handover_has_yielded(struct master *master)
{
    struct handover *handover = &master->handover;
    struct channel_message message = {.kind = CHANNEL_GIVEN};
    door_close(&handover->door, 1);
    discovery_stop(master);
    int rc = handover->peer < 0 ? -EPIPE : say(handover, &message, NULL, 0);
    if (rc < 0) {
        hang_up(handover, HANDOVER_NONE);
        succession_away_is_gone(master);
        return;
    }
    log_info("another lb serves; this one ends when what runs in it is finished");
    hang_up(handover, HANDOVER_LEFT);
    master_begin_to_end(master);
    master->exit_status = 0;
}

void handover_has_failed(struct master *master, const char *why)
{
    log_warn("another lb did not take over: %s", why);
    if (master->handover.peer >= 0)
        refuse(&master->handover, why);
    master->handover.stage = HANDOVER_NONE;
}

static void hear_new(struct master *master, const struct channel_message *message)
{
    enum handover_stage stage = master->handover.stage;
    if (message->kind == CHANNEL_TAKE && stage == HANDOVER_NONE)
        on_take(master, message);
    else if (message->kind == CHANNEL_TAKEN && stage == HANDOVER_GIVING)
        succession_is_ready(master, NULL);
}

/* ---- both ------------------------------------------------------------------------------------- */

static bool is_new(const struct handover *handover)
{
    return handover->stage == HANDOVER_ASKED || handover->stage == HANDOVER_HELD ||
           handover->stage == HANDOVER_TAKEN;
}

static void lose(struct master *master)
{
    struct handover *handover = &master->handover;
    if (is_new(handover)) {
        go_on_alone(master, "is gone");
        return;
    }
    bool was_giving = handover->stage == HANDOVER_GIVING;
    hang_up(handover, HANDOVER_NONE);
    if (was_giving)
        succession_away_is_gone(master);
}

void handover_read(struct master *master)
{
    struct handover *handover = &master->handover;
    struct channel_message message;
    int fds[PARCEL_FDS_MAX], rc;
    unsigned fd_count;
    while (handover->peer >= 0 && !master->is_over) {
        rc = parcel_receive(handover->peer, &message, sizeof(message), fds, &fd_count);
        if (rc == -EAGAIN)
            return;
        if (rc <= 0) {
            lose(master);
            return;
        }
        if (is_new(handover))
            hear_old(master, &message, fds, &fd_count);
        else
            hear_new(master, &message);
        for (unsigned i = 0; i < fd_count; i++)
            close(fds[i]);
    }
}

void handover_tick(struct master *master, uint64_t now_ns)
{
    struct handover *handover = &master->handover;
    if (handover->due_ns == 0 || now_ns < handover->due_ns)
        return;
    if (handover->stage == HANDOVER_NONE)
        hang_up(handover, HANDOVER_NONE);
    else
        go_on_alone(master, "does not answer");
}
