#include "lb/master/peer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/parcel.h"
#include "lb/master/master_state.h"
#include "lb/master/speech.h"

#define PATIENCE_MS 5000 /* until all is taken */

void peer_init(struct handover *handover)
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

void peer_hang_up(struct handover *handover, enum handover_stage stage)
{
    if (handover->peer >= 0)
        close(handover->peer);
    handover->peer = -1;
    handover->stage = stage;
    handover->due_ns = 0;
    forget_keepsakes(handover);
}

int peer_say(struct handover *handover, const struct channel_message *message, const int *fds,
             unsigned fd_count)
{
    return parcel_send(handover->peer, message, sizeof(*message), fds, fd_count);
}

void peer_refuse(struct handover *handover, const char *why)
{
    struct channel_message message = {.kind = CHANNEL_GIVEN, .status = -EBUSY};
    snprintf(message.text, sizeof(message.text), "%s", why);
    peer_say(handover, &message, NULL, 0);
    peer_hang_up(handover, HANDOVER_NONE);
}

/* Who comes may be slow, and has no room for all at once; it may not take for ever. */
static int give(const struct handover *handover, const struct channel_message *message,
                const int *fds, unsigned fd_count, uint64_t until_ns)
{
    int rc = speech_send(handover->peer, message, fds, fd_count, until_ns);
    return rc == -EAGAIN ? -ETIMEDOUT : rc;
}

static int give_group(struct master *master, unsigned group, uint64_t until_ns)
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
        rc = give(&master->handover, &message, fds, count, until_ns);
    }
    return rc;
}

int peer_lend_all(struct master *master)
{
    struct channel_message message = {.kind = CHANNEL_KEEPSAKES, .history = master->history};
    struct channel_message last = {.kind = CHANNEL_GIVE};
    uint64_t until_ns = master_in_ms(PATIENCE_MS);
    int rc = give(&master->handover, &message, master->keepsakes.fds, CHANNEL_OUTBOX, until_ns);
    for (unsigned i = 0; rc == 0 && i < master->store.group_count; i++)
        rc = give_group(master, i, until_ns);
    return rc < 0 ? rc : give(&master->handover, &last, NULL, 0, until_ns);
}

bool peer_give(struct master *master)
{
    struct handover *handover = &master->handover;
    struct channel_message message = {.kind = CHANNEL_GIVEN};
    door_close(&handover->door, 1);
    bool is_there = handover->peer >= 0 && peer_say(handover, &message, NULL, 0) == 0;
    if (is_there)
        log_info("another lb serves; this one ends when what runs in it is finished");
    peer_hang_up(handover, is_there ? HANDOVER_LEFT : HANDOVER_NONE);
    return is_there;
}
