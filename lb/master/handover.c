#include "lb/master/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/master/arrival.h"
#include "lb/master/master_state.h"
#include "lb/master/peer.h"
#include "lb/master/succession.h"

#define MESSAGES_A_TURN 64u
#define WORD_MS         10000u /* for who comes to say what it wants */

static void on_take(struct master *master, const struct channel_message *message)
{
    struct handover *handover = &master->handover;
    if (message->value != CHANNEL_VERSION) {
        peer_refuse(handover, "it speaks another version of the channel");
        return;
    }
    log_info("another lb (%.*s) takes over by %s",
             (int)strnlen(message->text, sizeof(message->text)), message->text,
             handover->door.path);
    if (!succession_begin_away(master)) {
        peer_refuse(handover, "another change of processes is under way there");
        return;
    }
    handover->stage = HANDOVER_GIVING;
    handover->due_ns = 0;
    int rc = peer_lend_all(master);
    if (rc < 0)
        succession_fail(master, strerror(-rc));
}

void handover_answer_door(struct master *master)
{
    struct handover *handover = &master->handover;
    int fd = door_accept(&handover->door, master->place.proxy_uid);
    if (fd < 0)
        return;
    if (handover->peer >= 0) {
        close(fd);
        return;
    }
    int size = 4 << 20; /* for as many messages as there are sockets */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    handover->peer = fd;
    handover->due_ns = master_in_ms(WORD_MS); /* to say what it wants */
}

static void hear_new(struct master *master, const struct channel_message *message)
{
    enum handover_stage stage = master->handover.stage;
    if (message->kind == CHANNEL_TAKE && stage == HANDOVER_NONE)
        on_take(master, message);
    else if (message->kind == CHANNEL_TAKEN && stage == HANDOVER_GIVING)
        succession_is_ready(master, NULL);
}

static void lose(struct master *master)
{
    struct handover *handover = &master->handover;
    if (arrival_is_under_way(master)) {
        arrival_go_on_alone(master, "is gone");
        return;
    }
    bool was_giving = handover->stage == HANDOVER_GIVING;
    peer_hang_up(handover, HANDOVER_NONE);
    if (was_giving)
        succession_away_is_gone(master);
}

void handover_read(struct master *master)
{
    struct handover *handover = &master->handover;
    struct channel_message message;
    int fds[PARCEL_FDS_MAX], rc;
    unsigned fd_count;
    for (unsigned turn = 0; turn < MESSAGES_A_TURN && handover->peer >= 0 && !master->is_over;
         turn++) {
        rc = parcel_receive(handover->peer, &message, sizeof(message), fds, &fd_count);
        if (rc == -EAGAIN)
            return;
        if (rc <= 0) {
            lose(master);
            return;
        }
        if (arrival_is_under_way(master))
            arrival_hear(master, &message, fds, &fd_count);
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
        peer_hang_up(handover, HANDOVER_NONE);
    else
        arrival_go_on_alone(master, "does not answer");
}
