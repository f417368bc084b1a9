/* What lb-acme has in its hands; for keeper.c, and for what that lets others do. */
#ifndef ACME_KEEPER_BASE_H
#define ACME_KEEPER_BASE_H

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

/* Reads what another process may have written since. */
void keeper_base_load_state(struct keeper *keeper);

/* Tells lb-proxy what stands. */
void keeper_base_tell(struct keeper *keeper);

int64_t keeper_base_now_s(const struct keeper *keeper);

/* The directory and the account, if they are not known yet. Fails: false, with `trouble`. */
bool keeper_base_meet_server(struct keeper *keeper, struct trouble *trouble);

#endif
