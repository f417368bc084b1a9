/* What lb-discovery says: read line by line from the pipe that the master lends, while the master starts it, ends it and
 * starts it again. Thread: control. */
#ifndef LB_FOLLOW_CHILD_H
#define LB_FOLLOW_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "lb/base/text.h"
#include "lb/net/loop.h"

#define CHILD_PATH_BYTES 4160u

struct child_options {
    char program[CHILD_PATH_BYTES];
    /* A line, borrowed, without its newline. Whether it is one that such a program writes. */
    bool (*on_line)(void *owner, struct view line);
    /* The first good line since it was started. */
    void (*on_sound)(void *owner);
    /* It was ended, or could not be started; a sentence, and what would change it ("": unknown). */
    void (*on_trouble)(void *owner, const char *what, const char *remedy);
    /* It is to be ended and started again. */
    void (*on_hung)(void *owner, const char *why);
    unsigned silence_ms; /* after which one that is watched is taken for hung */
    void *owner;
};

struct child {
    struct loop *loop;
    struct child_options options;
    uv_pipe_t *output; /* NULL: there is none */
    struct deadline watchdog;
    struct text line; /* what of a line is here */
    unsigned start_count;
    bool is_cut; /* the bytes up to the next newline are the rest of a line */
    bool is_sound;
    bool is_over; /* it has written all that it is going to */
    bool has_ended;
    bool is_watched;
    bool is_closed;
    char read_buffer[65536];
};

/* Copies the options. */
void child_init(struct child *child, struct loop *loop, const struct child_options *options);

/* Reads from `fd` from now on, in place of what it read before. Takes it. `is_cut`: up to the first newline it is the rest
 * of a line. `start_count`: how often lb-discovery was started. */
void child_read(struct child *child, int fd, unsigned start_count, bool is_cut);

/* It has ended, with that exit status, or by a signal unless that is 0; or it could not be started (-errno). Says so. */
void child_end(struct child *child, int status, int signal);
void child_fail(struct child *child, int error);

/* From now on, over all restarts, it must write something at least every `silence_ms`; else it is taken for hung. For
 * programs that give signs of life. Idempotent. */
void child_watch(struct child *child);

/* Reads no more; the loop must run once more. Idempotent. */
void child_close(struct child *child);

/* Frees what it owns, after the loop has run. */
void child_fini(struct child *child);

#endif
