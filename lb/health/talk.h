/* What is said to a server that does not speak HTTP, and what its answers mean: a row for each protocol, and
 * one for the bytes that a check gives. What comes is foreign: so much of it is looked at, and what of it
 * people are told is made printable. No input, no output. */
#ifndef LB_HEALTH_TALK_H
#define LB_HEALTH_TALK_H

#include "lb/contract/check.h"
#include "lb/health/finder.h"
#include "lb/health/verdict.h"

#define TALK_BYTES_MAX 65536u /* after so many without a verdict it is a failure */
#define TALK_KEPT_MAX  512u   /* of one message, or line */

struct talk {
    const struct talk_row *row;
    unsigned step;
    struct view words; /* to be said */
    size_t taken_bytes;
    unsigned kept_count;
    bool is_skipping; /* the rest of a line that was longer */
    struct finder finder;
    char kept[TALK_KEPT_MAX];
    char sent[CHECK_STRING_BYTES];
    char expected[CHECK_STRING_BYTES];
    char problem[128]; /* of VERDICT_BAD */
};

/* `mode`: neither CHECK_HTTP, CHECK_HTTPS nor one that does nothing. Copies. */
void talk_init(struct talk *talk, enum check_mode mode, const struct check *check);

/* Whether no answer is wanted: a connect, or that no datagram is refused, is all. */
bool talk_wants_nothing(enum check_mode mode, const struct check *check);

/* What is to be said now: at first, and after each VERDICT_OPEN; empty: nothing, or by UDP an empty
 * datagram. Borrowed. */
struct view talk_words(struct talk *talk);

/* Takes what has come, by UDP one datagram. Not after a verdict. */
enum verdict talk_take(struct talk *talk, struct view data);

/* Nothing more comes. Never VERDICT_OPEN. */
enum verdict talk_end(struct talk *talk);

#endif
