/* Accepts the connections of a listening socket that was opened elsewhere (listening.h). */
#ifndef LB_NET_LISTENER_H
#define LB_NET_LISTENER_H

#include <stdbool.h>

#include "lb/base/address.h"
#include "lb/net/loop.h"

/* In one turn of the loop, so that connections that are served already do not wait for long. */
#define LISTENER_ACCEPTS_MAX 64u

struct listener {
    uv_poll_t poll;
    int fd;
    int accepted_fd;     /* -1: taken */
    struct address peer; /* of the connection that was accepted last */
    /* A connection was accepted from `peer`: take it with stream_accept. */
    void (*on_connection)(void *owner, struct listener *listener);
    void *owner;
    /* Descriptors or memory ran out; a negative libuv error. NULL: nobody wants to know. */
    void (*on_own_fault)(int status);
    /* It was closed, and its memory may go. NULL: nobody waits for that. */
    void (*on_closed)(struct listener *listener);
    struct loop *loop;
    uint64_t turn;        /* of the loop, in which it accepted last */
    struct deadline rest; /* until it accepts again after descriptors ran out */
    bool is_open;         /* between listener_open and listener_close */
    bool has_ttl_min;     /* handshakes are stopped without a filter */
    /* Others listen on when lb is gone, and who waits then is theirs: nothing is done to the socket itself. For its
     * owner to set, after listener_open. */
    bool is_lasting;
};

/* Accepts from now on. Takes the listening socket, also when it fails: with a negative libuv error.
 * When descriptors run out it rests for 100 ms and what comes waits in the backlog. */
int listener_open(struct listener *listener, struct loop *loop, int fd,
                  void (*on_connection)(void *owner, struct listener *listener), void *owner);

/* For stream_accept: the connection at hand. Gives: its descriptor, -1 when it was taken. */
int listener_take(struct listener *listener);

/* How long a client may take for the rest of its handshake, a round trip. */
#define LISTENER_HANDSHAKE_MS 250u

/* From now on the kernel passes over who asks for a connection, who asks again in a second then. Who
 * was answered already is on the way: LISTENER_HANDSHAKE_MS later listener_finish resets nobody. Where the kernel has no
 * room for a filter (net.core.bpf_jit_limit, in containers) what they send is too old for the listener (IP_MINTTL), and the
 * first bytes of those who are accepted by then may have to be sent again. */
void listener_stop_handshakes(struct listener *listener);

/* Takes all connections that wait, and ends the listening of the socket, whoever else has copies of it: closing alone
 * would reset who waits. Of a lasting one as listener_close. Idempotent; the memory must stay until the loop has run once more. */
void listener_finish(struct listener *listener);

/* Accepts no more. Where others have copies of the socket it goes on listening, and who waits is theirs; else who waits
 * is reset. As listener_finish. */
void listener_close(struct listener *listener);

#endif
