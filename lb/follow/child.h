/* The discovery process: started, read line by line, started again when it ends. */
#ifndef LB_FOLLOW_CHILD_H
#define LB_FOLLOW_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "lb/base/rng.h"
#include "lb/base/text.h"
#include "lb/follow/child_words.h"
#include "lb/net/loop.h"

#define CHILD_PATH_BYTES 4160u

struct child_options {
    char program[CHILD_PATH_BYTES];
    struct child_words arguments;   /* but for the program's name */
    struct child_words environment; /* all that it gets */
    /* A line, borrowed, without its newline. Whether it is one that such a program writes; one that
     * writes none is started again later and later. */
    bool (*on_line)(void *owner, struct view line);
    /* It cannot be started, or was ended; a sentence, and what would change it ("": unknown). */
    void (*on_trouble)(void *owner, const char *what, const char *remedy);
    unsigned silence_ms; /* after which a child that is watched is taken for hung */
    void *owner;
};

struct child {
    struct loop *loop;
    struct child_options options;
    uv_process_t process;
    uv_pipe_t output;
    uv_timer_t restart;
    struct deadline watchdog;
    struct text line; /* what of a line is here */
    struct rng rng;
    unsigned failures_in_a_row;
    unsigned start_count;
    bool is_running; /* process and output are open */
    bool has_exited;
    bool is_stopping;
    bool is_replaced; /* it is to end, and to be started with other arguments at once */
    bool is_watched;
    char read_buffer[65536];
};

/* Takes what the options own. */
void child_init(struct child *child, struct loop *loop, const struct child_options *options);

/* Starts it now; from then on it is started again with back-off (100 ms to 5 s, jittered) whenever
 * it ends or cannot be started. Thread: control. */
void child_start(struct child *child);

/* From now on, over all restarts, it must write something at least every `silence_ms`; else it is
 * ended with SIGKILL and started again. For programs that give signs of life. Idempotent. */
void child_watch(struct child *child);

/* From now on it is another program, with these arguments and this environment, which are taken: the one that
 * runs is ended with SIGTERM, a few seconds later with SIGKILL, and no trouble. What it has told stays as it is meanwhile. Does nothing where
 * nothing is different; gives whether it did. */
bool child_replace(struct child *child, struct child_options *options);

/* Ends it with SIGTERM and closes the handles; the loop must run on until they are closed. */
void child_stop(struct child *child);

/* Frees what it owns, after the loop has run. */
void child_fini(struct child *child);

#endif
