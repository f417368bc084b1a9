/* A libuv of pretend: the functions that lb/net calls, without sockets and with a clock that only
 * the script moves, so that a script can be client, backend, network and time. It keeps to libuv's
 * contract: call backs come from uv_run only, a write is partial, a request is cancelled before its
 * handle is closed, and the read buffer is overwritten as soon as the callback returns. */
#ifndef TESTS_SIM_PRETEND_UV_H
#define TESTS_SIM_PRETEND_UV_H

#include <sys/uio.h>
#include <uv.h>

#include "lb/base/address.h"
#include "lb/base/list.h"
#include "lb/base/text.h"

/* Connections have the numbers above it. */
#define PRETEND_UV_LISTENER_FD 1000

#define PRETEND_UV_WORK_MAX   64
#define PRETEND_UV_HANDLE_MAX 4 /* timers, and asyncs */

enum pretend_uv_kind { PRETEND_UV_CLIENT, PRETEND_UV_UPSTREAM };
enum pretend_uv_connect { PRETEND_UV_CONNECTING, PRETEND_UV_CONNECTED, PRETEND_UV_NOT_CONNECTED };

/* One TCP connection, seen from its far end. It stays until pretend_uv_fini. */
struct pretend_uv_wire {
    struct list node; /* in pretend_uv.wires, oldest first */
    enum pretend_uv_kind kind;
    struct address peer;
    void *owner; /* the script's */

    /* what the far end did */
    struct text sent;
    size_t read_at; /* lb has read up to here */
    bool has_shut;
    bool has_reset;
    bool is_lost; /* has_reset is the own kernel's, which asked in vain */
    bool is_over; /* the kernel has noticed that it is gone */
    size_t room;  /* bytes that it takes before lb has to wait */

    /* what the kernel tells of it */
    int unacknowledged_bytes; /* SIOCOUTQ */
    uint64_t acknowledged_bytes;
    unsigned char retransmits;
    unsigned ack_age_ms; /* since it acknowledged anything */

    /* what lb did */
    bool was_shut;        /* FIN */
    bool was_closed;      /* the descriptor is gone */
    bool was_reset;       /* closed in a way that the far end notices */
    struct text got;      /* by the far end, where a hook keeps it */
    unsigned write_count; /* calls that gave it some */
    size_t heard;         /* of it, by the script */
    bool is_held_back;    /* the last bytes wait for more, or for the FIN (MSG_MORE) */

    /* lb's handle and what it waits for */
    uv_tcp_t *tcp; /* NULL: not accepted yet, or closed */
    enum pretend_uv_connect connect;
    int connect_status;
    bool is_reading;
    bool is_closing;
    bool is_reset_told;
    uv_connect_t *connecting;
    uv_write_t *writing;
    uv_buf_t bufs[16];
    unsigned buf_count;
    int write_status;
};

struct pretend_uv_hooks {
    /* lb is about to read these bytes, or an end (0 or a negative libuv error). */
    void (*on_read)(struct pretend_uv_wire *wire, struct view bytes);
    void (*on_read_end)(struct pretend_uv_wire *wire, int status);
    /* The far end got these bytes, or the end of them. */
    void (*on_written)(struct pretend_uv_wire *wire, struct view bytes);
    void (*on_write_end)(struct pretend_uv_wire *wire);
    void (*on_connect)(struct pretend_uv_wire *wire); /* lb asks for a connection */
};

struct pretend_uv {
    uv_loop_t *loop;
    const struct pretend_uv_hooks *hooks;
    struct list wires;
    uv_poll_t *listener;
    uv_timer_t *timers[PRETEND_UV_HANDLE_MAX]; /* NULL: free */
    uv_async_t *asyncs[PRETEND_UV_HANDLE_MAX];
    uv_prepare_t *before_poll;
    uv_check_t *after_poll;                /* while it is started */
    uv_handle_t *closing;                  /* by next_closing */
    uv_work_t *works[PRETEND_UV_WORK_MAX]; /* for the pool of threads; NULL: free */
    bool is_pool_busy;                     /* none of them begins */
    size_t segment_bytes;                  /* of one read at most */
    struct iovec last_read;                /* spoilt when the callback that read it returns */
    unsigned wire_count;
    bool connects_at_once; /* every connection to a backend succeeds by itself */
    bool fails_accept;     /* the next one */
    bool fails_connect;    /* the next one, at once, by connect_fault or UV_EADDRNOTAVAIL */
    int connect_fault;
    bool has_pipes; /* bodies can be spliced */
};

/* The one world; only the pretended functions and the script look at it. */
extern struct pretend_uv pretend_uv;

void pretend_uv_init(const struct pretend_uv_hooks *hooks);

/* Forgets all connections. Every handle must be closed. */
void pretend_uv_fini(void);

static inline struct pretend_uv_wire *pretend_uv_wire_of(const void *handle)
{
    return ((const uv_handle_t *)handle)->u.reserved[0];
}

/* There are bytes, an end or a reset that lb has not read. */
static inline bool pretend_uv_is_readable(const struct pretend_uv_wire *wire)
{
    return wire->read_at < wire->sent.len || wire->has_reset || wire->has_shut;
}

/* The connection with that descriptor, or NULL. */
struct pretend_uv_wire *pretend_uv_wire_at(int fd);

/* Hands the far end what it has room for. Gives the count, UV_EAGAIN, or an error. */
int pretend_uv_put(struct pretend_uv_wire *wire, const uv_buf_t *bufs, unsigned count);

/* The next client that lb has not accepted yet, or NULL. */
struct pretend_uv_wire *pretend_uv_waiting_client(void);

/* A client comes; lb is told in the next turn. Borrowed from the world. */
struct pretend_uv_wire *pretend_uv_new_client(const struct address *peer, size_t room);

/* The next bytes for lb, `most` at the most. Gives the count, 0 for the end, or a negative error.
 */
ssize_t pretend_uv_take(struct pretend_uv_wire *wire, void *bytes, size_t most);

/* Lets the loop turn until nothing happens any more. */
void pretend_uv_settle(void);

/* The same, `ms` later. */
void pretend_uv_pass(uint64_t ms);

#endif
