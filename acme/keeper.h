/* Keeps certificates for what is wished: looks each second, orders one at a time, and tells what stands. */
#ifndef ACME_KEEPER_H
#define ACME_KEEPER_H

#include "acme/account.h"
#include "acme/bulletin.h"
#include "acme/check.h"
#include "acme/copies.h"
#include "acme/options.h"
#include "acme/turn.h"
#include "lb/base/rng.h"

struct keeper {
    const struct options *options; /* borrowed */
    struct exchange *exchange;     /* borrowed */
    struct rng rng;
    struct consul consul;
    struct sharing sharing;
    struct challenge_desk challenges;
    struct store store;
    struct state state;
    struct turn turn;

    char accounts[DISK_PATH_BYTES]; /* the folder of their keys */
    struct client client;
    struct account account;
    bool is_known; /* the server, and the account there */
    int64_t known_s;
    unsigned server_failure_count;

    struct keepsake wishes_kept;
    struct text wishes_text;
    struct wishes wishes;
    int64_t wishes_changed_s, scanned_s;
    struct bulletin bulletin;
    const struct names *ordering; /* right now */
    char waits_for[TROUBLE_SENTENCE_BYTES];
};

/* Opens the folder and what is known. `wishes_fd`, `bulletin_fd`: borrowed; -1: none, then the wishes are those that were known last.
 * Fails: false, with `trouble`. keeper_close in either case. */
bool keeper_open(struct keeper *keeper, const struct options *options, struct exchange *exchange,
                 int wishes_fd, int bulletin_fd, struct trouble *trouble);
void keeper_close(struct keeper *keeper);

/* Until this program is told to end. */
void keeper_run(struct keeper *keeper);

/* Reads what another process may have written since. */
void keeper_load_state(struct keeper *keeper);

/* Tells lb-proxy what stands. */
void keeper_tell(struct keeper *keeper);

int64_t keeper_now_s(const struct keeper *keeper);

/* The directory and the account, if they are not known yet. Fails: false, with `trouble`. */
bool keeper_meet_server(struct keeper *keeper, struct trouble *trouble);

#endif
