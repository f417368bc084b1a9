/* One client of the TCP or the UDP service: it asks for an echo, waits for it, compares it, and asks again. */
#ifndef TESTS_CHAOS_PASSAGES_LINK_H
#define TESTS_CHAOS_PASSAGES_LINK_H

#include "lb/base/address.h"

#define LINK_BYTES      20480
#define LINK_NAME_BYTES 64

enum link_kind {
    LINK_KEPT,  /* a connection that stays, with a small message now and then */
    LINK_FRESH, /* a connection for one message, which both sides end in order */
    LINK_FLOW,  /* datagrams of one client's port */
    LINK_KIND_COUNT,
};

/* Every ask ends as one of the other four. */
struct link_counts {
    uint64_t opened; /* connections, or flows */
    uint64_t asked;  /* messages; a connection that is to be greeted counts as one */
    uint64_t answered;
    uint64_t failed; /* told on standard error, one by one */
    uint64_t late;   /* answers that came after their time: these had failed */
    uint64_t wrong;  /* other bytes than were sent, or an answer for the second time */
};

struct link {
    enum link_kind kind;
    int fd, epoll; /* fd -1: to be opened */
    const struct address *to;
    struct link_counts *counts;
    uint64_t *next_number;
    char server[LINK_NAME_BYTES]; /* who answered last; "" while nobody has, since what was lost */
    bool is_waiting, is_greeted;
    uint64_t number, last_answered;
    uint64_t begun_ns, begun_wall_ns; /* of what it waits for */
    uint64_t due_ns;                  /* when it asks again */
    unsigned left;                    /* messages until it opens anew */
    size_t sent, wanted, got;
    char out[LINK_BYTES], in[LINK_BYTES + LINK_NAME_BYTES];
};

/* Asks, if it is due and does not wait; opens it where need be. */
void link_ask(struct link *link, uint64_t now_ns);

/* The descriptor is ready. */
void link_on_ready(struct link *link, uint64_t now_ns);

/* Fails what takes too long. */
void link_check_time(struct link *link, uint64_t now_ns);

const char *link_kind_name(enum link_kind kind);

#endif
