#include "lb/master/arrival.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/master/master_state.h"
#include "lb/master/peer.h"
#include "lb/master/serving.h"
#include "lb/master/speech.h"

#define SOCKETS_MS  10000u /* for the old one to give its sockets */
#define YIELDING_MS 10000u /* for its process to give way: it has half of that */

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
        speech_say(process, &answer, NULL, 0);
}

bool arrival_ask(struct master *master)
{
    struct handover *handover = &master->handover;
    const struct process *process = own_process(master);
    struct channel_message take = {
        .kind = CHANNEL_TAKE, .value = CHANNEL_VERSION, .text = LB_VERSION};
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
    if (peer_say(handover, &take, NULL, 0) == 0)
        return true;
    peer_hang_up(handover, HANDOVER_NONE);
    return false;
}

bool arrival_is_awaited(const struct master *master)
{
    return master->handover.stage == HANDOVER_HELD || master->handover.stage == HANDOVER_TAKEN;
}

static void serve(struct master *master)
{
    struct process *process = own_process(master);
    if (master->handover.keepsakes[0] >= 0)
        keepsakes_copy(&master->keepsakes, master->handover.keepsakes);
    peer_hang_up(&master->handover, HANDOVER_NONE);
    if (process && process->stage == PROCESS_SEALED)
        serving_let(master, process);
}

/* The old one is gone, or says nothing: there is what there is. */
void arrival_go_on_alone(struct master *master, const char *why)
{
    bool is_asked = master->handover.stage == HANDOVER_ASKED;
    if (!is_asked)
        log_warn("the lb that serves %s: this one goes on with the %u sockets that it has", why,
                 master->store.socket_count);
    else
        log_warn(
            "the lb that serves %s before it gave anything (it gives only to root, its own users "
            "and the owner of the folder): this one starts by itself",
            why);
    if (is_asked) {
        peer_hang_up(&master->handover, HANDOVER_NONE);
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
    peer_hang_up(&master->handover, HANDOVER_NONE);
    if (process)
        processes_kill(process, SIGKILL);
    master->exit_status = 1;
    master->is_over = true;
}

static void take_keepsakes(struct master *master, const struct channel_message *message, int *fds,
                           unsigned *fd_count)
{
    if (*fd_count != CHANNEL_OUTBOX || master->handover.keepsakes[0] >= 0)
        return;
    memcpy(master->handover.keepsakes, fds, CHANNEL_OUTBOX * sizeof(fds[0]));
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

void arrival_hear(struct master *master, const struct channel_message *message, int *fds,
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

void arrival_is_ready(struct master *master)
{
    struct channel_message message = {.kind = CHANNEL_TAKEN};
    if (master->handover.stage != HANDOVER_HELD)
        return;
    master->handover.stage = HANDOVER_TAKEN;
    master->handover.due_ns = master_in_ms(YIELDING_MS);
    if (peer_say(&master->handover, &message, NULL, 0) < 0)
        arrival_go_on_alone(master, "is gone");
}

bool arrival_is_under_way(const struct master *master)
{
    return master->handover.stage == HANDOVER_ASKED || arrival_is_awaited(master);
}
