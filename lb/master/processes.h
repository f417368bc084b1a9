/* The table of the master's children. */
#ifndef LB_MASTER_PROCESSES_H
#define LB_MASTER_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lb/contract/channel.h"

#define PROCESSES_MAX         24u
#define PROCESSES_LEAVING_MAX 8u

enum process_role {
    PROCESS_NONE,
    PROCESS_SERVING, /* or to serve, at a start */
    PROCESS_COMING,  /* a successor that is not ready */
    PROCESS_LEAVING, /* has given way, and finishes what runs */
    PROCESS_TRIAL,   /* a new program that is asked for its version */
    PROCESS_DISCOVERY,
    PROCESS_DISCOVERY_LEAVING,
    PROCESS_REPORTER,
    PROCESS_ACME,
};

enum process_stage { PROCESS_STARTED, PROCESS_GREETED /* HELLO */, PROCESS_SEALED };

struct process {
    enum process_role role;
    enum process_stage stage;
    pid_t pid;
    uint64_t number; /* no two have the same */
    uint64_t started_ns,
        due_ns;          /* due: when it is to be ended by SIGTERM, or by SIGKILL; 0: never */
    int channel, gauges; /* -1: none */
    int plans[CHANNEL_HELPER_COUNT];
    uint32_t port_low, port_high;
    bool has_place, is_ready, has_yielded;
    bool has_plans[CHANNEL_HELPER_COUNT]; /* it has told that, though there may be none */
    uint64_t
        full_until_ns; /* it has not read what was said to it: it is not heard until it has, and
                               ended if it has not by then; 0: there is room */
    bool is_told;      /* to end: it is no crash */
    bool is_condemned; /* SIGTERM was sent, SIGKILL is next */
    struct channel_place place;
};

struct processes {
    struct process list[PROCESSES_MAX];
    uint64_t last_number;
};

void processes_init(struct processes *processes);

/* A row for one that was started; NULL: the table is full. */
struct process *processes_add(struct processes *processes, enum process_role role, pid_t pid);

/* Closes what belongs to it, and frees the row. */
void processes_remove(struct process *process);

struct process *processes_of_pid(struct processes *processes, pid_t pid);

/* The first, or the only one, with that role; NULL: none. */
struct process *processes_of_role(struct processes *processes, enum process_role role);
unsigned processes_count(const struct processes *processes, enum process_role role);

/* Whether it is a proxy process: serving, coming, leaving. */
bool processes_is_proxy(const struct process *process);

void processes_kill(const struct process *process, int number);

#endif
