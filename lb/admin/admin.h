/* The admin listener: small HTTP/1.1 answers about lb itself, one request a connection, on
 * control's loop; some go on as long as the peer follows. What the paths say is the business of
 * paths. */
#ifndef LB_ADMIN_ADMIN_H
#define LB_ADMIN_ADMIN_H

#include "lb/base/text.h"
#include "lb/http/date.h"
#include "lb/http/parser.h"
#include "lb/net/listener.h"

#define ADMIN_FOLLOWER_MAX 16u
#define ADMIN_TIMEOUT_MS   10000u
#define ADMIN_BUFFER_BYTES (8u << 20) /* of answers that wait to be read */

struct admin_answer {
    bool is_asked_from_here; /* by a loopback address; set for the handler */
    int status;
    const char *content_type; /* static */
    struct text body;
    struct text fields; /* more header lines, each with its CRLF */
    bool goes_on;       /* the peer follows: what admin_tell says comes after the body */
};

struct admin_options {
    struct loop *loop;
    /* Fills the answer to the request. `head` is borrowed; a body is not read. */
    void (*respond)(void *owner, const struct head *head, struct admin_answer *answer);
    void *owner;
    unsigned connection_max; /* the oldest gives way to one too many */
};

struct admin {
    struct admin_options options;
    struct listener listener;
    struct parser_setup setup;
    struct date date;        /* for its answers */
    struct list connections; /* oldest first */
    unsigned connection_count;
    unsigned follower_count; /* of these */
};

/* Accepts at the listening socket `fd`. Takes it. Fails: a negative libuv error. */
int admin_open(struct admin *admin, const struct admin_options *options, int fd);

/* Accepts no more, as another one does at the same socket; who follows has to ask that one, and others get their
 * answers. */
void admin_yield(struct admin *admin);

/* Closes the listener and all connections. Idempotent; the loop must run once more. */
void admin_close(struct admin *admin);

/* Says it to all that follow. Who has not taken yet all that was said before misses it, and is
 * dropped when that takes longer than ADMIN_TIMEOUT_MS; who has missed something is said what `append_all` appends instead,
 * which is called once at most. */
void admin_tell(struct admin *admin, struct view bytes,
                void (*append_all)(void *owner, struct text *out), void *owner);

/* Ends the connections of all that follow: they have to ask again. */
void admin_drop_followers(struct admin *admin);

/* Makes the answer an error: {"error":WORD,"message":SENTENCE}. */
void admin_refuse(struct admin_answer *answer, int status, const char *word, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));

#endif
