/* What the master (lb) and its proxy processes (lb-proxy) say to each other, and two masters at a hand-over: fixed
 * messages over a pair of SOCK_SEQPACKET sockets, some with descriptors (SCM_RIGHTS; lb/base/parcel.h). Both come from one
 * build but for upgrades, when a master meets the next proxy: HELLO and WELCOME have the version, and nothing in this
 * file changes without it. Who reads checks kind, lengths and families; a text ends with its first NUL, or with its field. */
#ifndef LB_CONTRACT_CHANNEL_H
#define LB_CONTRACT_CHANNEL_H

#include <stdint.h>

#include "lb/base/address.h"
#include "lb/contract/service_kind.h"

#define CHANNEL_VERSION 3u

/* Where a proxy process finds its end, and the environment's word that says so. */
#define CHANNEL_FD          3
#define CHANNEL_ENVIRONMENT "LB_MASTER_FD"

#define CHANNEL_FDS_MAX    64u /* in one message */
#define CHANNEL_TEXT_BYTES 512u
#define CHANNEL_PATH_BYTES 108u /* of sun_path, with its NUL */
#define CHANNEL_REASON_MAX 8u
#define CHANNEL_GROUPS_MAX 4u

enum channel_kind {
    /* ---- proxy process → master, before it is sealed ------------------------------------------- */
    CHANNEL_HELLO =
        1,         /* value: CHANNEL_VERSION; text: the program's version. Answered by WELCOME */
    CHANNEL_PLACE, /* place: what the master itself needs of the settings. Answered by PLACED, as a hand-over may take a while */
    CHANNEL_PLAN, /* value: enum channel_helper; one descriptor: that program as it is to be started (channel_plan); none: there is
                     * none of it */
    CHANNEL_SEALED, /* it is in its jail, and reads from outside from now on */

    /* ---- proxy process → master, at any time ---------------------------------------------------- */
    CHANNEL_WANT, /* socket: answered by SOCKETS. Sealed: ports from 1024 up, or of the plan's range */
    CHANNEL_DROP,  /* socket: nobody wants it any more, the master closes its copies */
    CHANNEL_READY, /* its pool is there: /readyz would say yes, or nothing is to be had */
    CHANNEL_YIELDED, /* it has closed its copies of the listening sockets, reads no lines and takes no orders */
    CHANNEL_RENEW,           /* text: why; SIGHUP's settings want a process that is started anew */
    CHANNEL_SETTLED,         /* SIGHUP was dealt with; status: 0, or -EINVAL where it was refused */
    CHANNEL_UPGRADE,         /* lb ctl upgrade; the same as SIGUSR2 to the master */
    CHANNEL_STATUS,          /* text: one line for systemctl status */
    CHANNEL_HEARTBEAT,       /* all its threads go round */
    CHANNEL_DISCOVERY_SOUND, /* a line of this lb-discovery was good: its back-off begins anew */
    CHANNEL_DISCOVERY_HUNG,  /* text: why; it is to be ended (SIGKILL) and started again */

    /* ---- master → proxy process ----------------------------------------------------------------- */
    CHANNEL_WELCOME =
        64, /* history; value: CHANNEL_VERSION; status: enum channel_start; descriptors: the keepsakes */
    CHANNEL_PLACED, /* status: 0, or -errno with a sentence in text; then it ends. value: enum channel_start, as in WELCOME, but
                           * CHANNEL_SUCCESSOR where another master serves and has lent its sockets and keepsakes */
    CHANNEL_SOCKETS, /* status: 0 or -errno; socket: as asked, with the address that is bound; value: how many are in this
                           * and the messages to come; descriptors: all of them over so many messages */
    CHANNEL_SERVE,   /* accept from now on; it is answered by nothing */
    CHANNEL_LINE, /* one descriptor: read lines from it from now on, after its first newline where status is 1; the one
                           * before is to be closed. value: how often lb-discovery was started */
    CHANNEL_DISCOVERY_ENDED,  /* status: its exit status; value: the signal, or 0 */
    CHANNEL_DISCOVERY_FAILED, /* status: -errno, it could not be started */
    CHANNEL_YIELD,            /* give way to a successor; answered by YIELDED */
    CHANNEL_NEWS, /* status: enum channel_news; text: what became of an upgrade or of RENEW */

    /* ---- between masters, over the socket of --handover ------------------------------------------ */
    CHANNEL_TAKE = 128, /* new → old. value: CHANNEL_VERSION; text: version */
    CHANNEL_GIVE, /* old → new. socket with its descriptors, as SOCKETS; value 0 and no descriptor: these were all */
    CHANNEL_KEEPSAKES, /* old → new. history; descriptors: the keepsakes before CHANNEL_OUTBOX. Comes first */
    CHANNEL_TAKEN, /* new → old: its proxy process is ready; the old one yields */
    CHANNEL_GIVEN, /* old → new: it has yielded, and drains */
};

/* The keepsakes, in this order: memfds that outlive a proxy process, which writes them and trusts nothing in them. */
enum channel_keepsake {
    CHANNEL_WORLD,  /* the last line of the world */
    CHANNEL_ORDERS, /* the operator's orders */
    CHANNEL_GAUGES, /* one page: what runs at this moment (struct channel_gauges) */
    CHANNEL_CRASH,  /* what a crash left: a text of at most 4 KiB */
    CHANNEL_COUNTS, /* one page: what lb-report has delivered (struct report_counts); only read here */
    CHANNEL_WISHES, /* which certificates are wished for (lb/contract/acme.h): lb-acme reads them */
    CHANNEL_ORDERED, /* what became of them: lb-acme writes it; only read here */
    CHANNEL_OUTBOX, /* no memfd: the socket by which lb-report is told (lb/contract/report.h). Last; not lent to another master */
    CHANNEL_KEEPSAKE_COUNT,
};

/* What the master starts besides lb-proxy, each by a plan of its own. */
enum channel_helper { CHANNEL_DISCOVERY, CHANNEL_REPORTER, CHANNEL_ACME, CHANNEL_HELPER_COUNT };

enum channel_start {
    CHANNEL_FIRST,     /* nobody served before */
    CHANNEL_AGAIN,     /* the one before has ended without being told to */
    CHANNEL_SUCCESSOR, /* another one serves, until this one is READY */
};

enum channel_news { CHANNEL_UPGRADED, CHANNEL_NOT_UPGRADED, CHANNEL_RENEWED, CHANNEL_NOT_RENEWED };

/* Who a listening socket is: what is asked for twice is the same socket, if all of this is equal. */
struct channel_socket {
    uint32_t kind;    /* enum service_kind: SERVICE_UDP, else TCP */
    uint32_t ordinal; /* of those that ask for the same address (port 0) */
    char role[16];    /* "listen", "listen-tls", "admin", "tcp", "udp" */
    uint32_t
        count; /* how many sockets with SO_REUSEPORT there are to be, at least; the group never shrinks */
    uint32_t is_lasting; /* of answers: systemd has it, too, and goes on listening whatever ends */
    struct address wanted;
    struct address bound; /* of answers */
};

/* What the master needs of the settings. Paths: empty where there is none. */
struct channel_place {
    char handover_path[CHANNEL_PATH_BYTES];  /* --handover */
    char discovery_path[CHANNEL_PATH_BYTES]; /* --discovery unix:PATH */
    uint32_t upgrade_timeout_ms, handover_grace_ms;
    uint32_t is_dumpable;        /* --jail off: the master may be looked at */
    uint32_t has_discovery_user; /* lb-discovery runs as another user than root */
    uint32_t discovery_uid, discovery_gid;
    uint32_t discovery_groups[CHANNEL_GROUPS_MAX], discovery_group_count;
    uint32_t
        proxy_uid; /* who may come to the sockets of the paths, besides root and the master's own user; and who lb-report and lb-acme are */
    uint32_t proxy_gid;
    uint32_t log_level, log_format;
};

/* What has been, over all processes. */
struct channel_history {
    uint32_t start_count;      /* of proxy processes */
    uint32_t crashes_in_a_row; /* each within seconds of its start */
    uint32_t is_crash_loop;
    uint64_t upgrade_count, renewal_count;
    uint64_t lost_request_count; /* that ran in a process when it crashed */
    uint64_t last_crash_ns;      /* wall clock; 0: never */
    uint32_t heartbeat_ms;       /* of WELCOME: how often HEARTBEAT is wanted; 0: never */
    char last_crash[128];        /* in words: "signal 11 (SIGSEGV)" */
    struct {
        char word[16]; /* "SIGSEGV", "exit" */
        uint64_t count;
    } crashes[CHANNEL_REASON_MAX];
};

struct channel_message {
    uint32_t kind; /* enum channel_kind */
    int32_t status;
    uint64_t value;
    union {
        struct channel_socket socket;
        struct channel_place place;
        struct channel_history history;
        char text[CHANNEL_TEXT_BYTES];
    };
};

/* The memfd of PLAN: this head, then that many strings, each with its NUL: the program's path, its arguments (without a
 * name of its own), its environment (NAME=VALUE). A head that does not fit its strings is refused. */
struct channel_plan {
    uint32_t argument_count, environment_count;
    uint32_t port_low, port_high; /* --dynamic-ports; 0: none */
    uint64_t strings_bytes;
};

#define CHANNEL_PLAN_BYTES_MAX (4u << 20)

/* The page of CHANNEL_GAUGES: requests that run, for each worker. A reader bounds what it finds. */
#define CHANNEL_WORKERS_MAX 256u
struct channel_gauges {
    _Alignas(64) _Atomic uint32_t running[CHANNEL_WORKERS_MAX];
};

#endif
