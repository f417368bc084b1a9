/* What the master knows: all of it in one struct, for the files that deal with it. */
#ifndef LB_MASTER_MASTER_STATE_H
#define LB_MASTER_MASTER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/clock.h"
#include "lb/base/rng.h"
#include "lb/master/bells.h"
#include "lb/master/door.h"
#include "lb/master/helper.h"
#include "lb/master/keepsakes.h"
#include "lb/master/processes.h"
#include "lb/master/program.h"
#include "lb/master/store.h"

#define MASTER_MS 1000000ull /* in nanoseconds */

/* See discovery.h, and so on. */
struct discovery {
    struct helper helper;
    int pipe;      /* -1: none */
    bool is_early; /* it runs for the proxy process that comes, as the one that serves has none */
};

struct guest {
    struct door door;
    int connection; /* -1: none */
    bool is_read;   /* it was passed on */
};

enum succession_kind {
    SUCCESSION_NONE,
    SUCCESSION_RENEWAL,
    SUCCESSION_UPGRADE,
    SUCCESSION_AWAY /* to another master */
};

enum succession_stage {
    SUCCESSION_TRIAL,   /* the new lb is asked for its version */
    SUCCESSION_COMING,  /* the new process prepares itself */
    SUCCESSION_YIELDING /* the old one gives way */
};

struct succession {
    enum succession_kind kind;
    enum succession_stage stage;
    uint64_t due_ns;     /* of its stage */
    bool is_stale;       /* SIGHUP came meanwhile: who serves then reads the settings again */
    bool is_urgent;      /* nobody serves: the new one serves before it is ready */
    struct program next; /* of an upgrade: the new lb-proxy */
};

enum handover_stage {
    HANDOVER_NONE,
    HANDOVER_ASKED,  /* new: waits for sockets */
    HANDOVER_HELD,   /* new: has them, and waits for its own proxy process */
    HANDOVER_TAKEN,  /* new: ready, and waits for the old one to give way */
    HANDOVER_GIVING, /* old: has given sockets */
    HANDOVER_LEFT,   /* old: what runs ends, and it, too */
};

struct handover {
    struct door door;
    enum handover_stage stage;
    int peer;                              /* the other master; -1: none */
    int keepsakes[CHANNEL_KEEPSAKE_COUNT]; /* the old one's; -1: none */
    uint64_t due_ns;                       /* of ASKED and of TAKEN; else 0 */
};

struct master {
    char *const *own_arguments;
    char *const *environment;
    char **arguments, **words_of_proxy; /* what a proxy process gets */
    char **words_for_exec;              /* room for an environment of another lb */
    size_t words_room;
    char own_path[PROGRAM_PATH_BYTES]; /* of lb */
    struct program proxy;
    struct bells bells;
    struct rng rng;
    struct store store;
    struct keepsakes keepsakes;
    struct processes processes;
    struct channel_history history;
    struct channel_place place;
    struct discovery discovery;
    struct helper reporter, acme;
    struct guest guest;
    struct succession succession;
    struct handover handover;
    uint64_t restart_at_ns; /* of the proxy process; 0: it is not waited for */
    bool has_served;        /* some process was sealed */
    bool is_next_due;       /* an upgrade has come so far that lb itself is to be replaced */
    bool is_ending;
    bool is_over;
    int exit_status;
};

/* Time in nanoseconds from which on `ms` have passed. */
static inline uint64_t master_in_ms(uint64_t ms)
{
    return clock_mono_ns() + ms * MASTER_MS;
}

#endif
