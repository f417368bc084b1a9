/* The proxy process's end of the channel to its master (lb/contract/channel.h). What it asks for it waits for; what the
 * master says by itself is told by a table of handlers, once the loop runs. Thread: control. */
#ifndef LB_RUN_LINK_H
#define LB_RUN_LINK_H

#include <uv.h>

#include "lb/base/list.h"
#include "lb/base/text.h"
#include "lb/contract/channel.h"
#include "lb/net/loop.h"
#include "lb/run/lender.h"

/* All of them are called from the loop; none is NULL. */
struct link_handler {
    void (*on_serve)(void *owner);
    /* Gives the descriptor. `is_cut`: what comes up to the first newline is the rest of a line. */
    void (*on_line)(void *owner, int fd, unsigned start_count, bool is_cut);
    void (*on_discovery_ended)(void *owner, int status, int signal);
    void (*on_discovery_failed)(void *owner, int error); /* -errno */
    void (*on_yield)(void *owner);
    void (*on_news)(void *owner, enum channel_news news, const char *why);
    void (*on_lost)(void *owner); /* the master is gone; nothing is said or heard any more */
};

struct link {
    int fd; /* -1: there is none any more */
    uv_poll_t poll;
    struct loop *loop;
    struct loop_task waiting; /* to be told of */
    struct list queue;        /* struct heard: what came while something else was waited for */
    const struct link_handler *handler;
    void *owner;
    struct channel_history history; /* as WELCOME had it */
    enum channel_start start;
    int keepsakes[CHANNEL_KEEPSAKE_COUNT]; /* its own; -1: not lent */
    bool is_followed;
};

/* The descriptor that the environment names, from now on closed at exec, and its word is gone. -1: lb has not started
 * this process. Before there are threads. */
int link_find(void);

/* Takes the descriptor, says HELLO and waits for WELCOME. Fails: false, said in the log. */
bool link_open(struct link *link, int fd, const char *version);

/* What the master needs. Waits, perhaps for a hand-over. Fails: false, said in the log. */
bool link_place(struct link *link, const struct channel_place *place);

/* How that program is to be started (borrowed; -1: not at all). */
void link_plan(struct link *link, enum channel_helper helper, int fd);

/* One message without more than that; `text` NULL: "". What cannot be said because nobody is there is lost: on_lost tells. */
void link_say(struct link *link, enum channel_kind kind, int status, const char *text);

/* Listening sockets by this link; `link` must stay where it is. */
struct lender link_lender(struct link *link);

/* Tells the handlers from now on, also what came before. Borrows the table. Fails: a negative libuv error. */
int link_follow(struct link *link, struct loop *loop, const struct link_handler *handler,
                void *owner);

/* Ends it; the loop must run once more where it was followed. Idempotent. */
void link_close(struct link *link);

#endif
