/* Delivers events by a thread of its own, one at a time: nobody waits for it. What waits is bounded; what
 * could not be delivered is dropped and counted, not sent again. While the server is away it is left alone for longer and
 * longer, up to five minutes, and while it wants nothing (429, X-Sentry-Rate-Limits) for as long as it says. It speaks
 * http or https, as the DSN says, follows no redirect, and reads no more than a little of an answer.
 *
 *     sentry_sender_begin();                            once, before threads and a jail
 *     sender = sentry_sender_open(&options, &problem);
 *     sentry_event_init(&event); event.message = …;
 *     sentry_sender_put(sender, &event);                from any thread, as often as wanted
 *     sentry_sender_close(sender, 2000);
 *     sentry_sender_end(); */
#ifndef LB_SENTRY_SENTRY_SENDER_H
#define LB_SENTRY_SENTRY_SENDER_H

#include "lb/sentry/dsn.h"
#include "lb/sentry/sentry_event.h"

struct sentry_sender;

enum sentry_sender_end {
    SENTRY_SENDER_SENT,
    SENTRY_SENDER_DROPPED_QUEUE,      /* too many waited */
    SENTRY_SENDER_DROPPED_RATE_LIMIT, /* the server wants none now */
    SENTRY_SENDER_DROPPED_ERROR, /* it could not be reached, refused it, or it was time to end */
};

/* How one event ended. */
struct sentry_sender_news {
    enum sentry_sender_end end;
    const char
        *problem; /* a sentence, of DROPPED_ERROR and of a 429; else NULL. Borrowed for the call */
    uint64_t limited_until_ns; /* wall clock; 0: no limit */
};

/* All is borrowed for the call of open, but the owner and the count for as long as the sender. */
struct sentry_sender_options {
    const struct dsn *dsn;
    const char *ca_file;       /* the authorities to trust, instead of the system's; NULL: those */
    const char *ca_folder;     /* a folder of more authorities, a file each; NULL: none */
    size_t queue_count_max;    /* 0: 100 */
    size_t queue_bytes_max;    /* 0: 4 MiB */
    uint32_t timeout_ms;       /* for one event, from connecting to the answer's end; 0: 5000 */
    uint32_t backoff_first_ms; /* 0: 1000. For tests */
    _Atomic uint64_t
        *waiting; /* how many wait, for others to read at any time; NULL: nobody does */
    void *owner;
    /* Of each event once: from the thread that puts it, or from the sender's own, never two at a time. It must not call this
     * file, nor wait. NULL: nobody wants to know. */
    void (*tell)(void *owner, const struct sentry_sender_news *news);
};

/* Prepares libcurl. Thread: the first, before others. Fails: false. */
bool sentry_sender_begin(void);
void sentry_sender_end(void);

/* The version of libcurl. */
const char *sentry_sender_library_version(void);

/* Gives: sentry_sender_close(). Fails: NULL, and a sentence. Thread: any, as all below. */
struct sentry_sender *sentry_sender_open(const struct sentry_sender_options *options,
                                         struct text *problem);

/* Writes it down and leaves it to the thread; never waits. False: it is dropped already, and told. */
bool sentry_sender_put(struct sentry_sender *sender, const struct sentry_event *event);

/* Lets it deliver what waits for at most that long, and ends it; what is left then is dropped, and told. A thread that hangs in
 * the system's resolver, or still reads the system's authorities, is left behind, with what it has. False: it was; the program
 * ends by _exit() then, as exit() would take OpenSSL from under it. */
bool sentry_sender_close(struct sentry_sender *sender, uint32_t patience_ms);

#endif
