/* The door to libcurl: one envelope to one server, and what came of it. http or https, as the DSN says, no redirect, and no more of
 * an answer is read than a little. Thread: one, but for sentry_post_hurry. */
#ifndef LB_SENTRY_SENTRY_POST_H
#define LB_SENTRY_SENTRY_POST_H

#include <stdint.h>

#include "lb/sentry/dsn.h"
#include "lb/sentry/sentry_limits.h"

#define SENTRY_POST_PROBLEM_BYTES 400u

struct sentry_post;

struct sentry_post_result {
    bool is_sent;                       /* 2xx */
    bool is_away;                       /* no answer, or 5xx: it is better left alone for a while */
    struct sentry_limits_answer answer; /* status 0: none. Borrowed until the next one */
    char problem
        [SENTRY_POST_PROBLEM_BYTES]; /* a sentence with the remedy, without the keys; "": it is sent */
};

/* Prepares libcurl. Thread: the first, before others. Fails: false. */
bool sentry_post_begin(void);
void sentry_post_end(void);
const char *sentry_post_library_version(void);

/* Copies all. Gives: sentry_post_close(). Fails: NULL, libcurl has no memory. */
struct sentry_post *sentry_post_open(const struct dsn *dsn, const char *ca_file,
                                     const char *ca_folder, uint32_t timeout_ms);
void sentry_post_close(struct sentry_post *post);

/* Returns after the time that open was given at the latest, whatever the server or the resolver does. */
void sentry_post_run(struct sentry_post *post, struct view envelope,
                     struct sentry_post_result *result);

/* From then on (monotonic clock) nothing is waited for any more. Thread: any. */
void sentry_post_hurry(struct sentry_post *post, uint64_t until_ns);

#endif
