/* A connection to /events of the admin listener, and what it has told. After a loss another one is
 * opened from time to time. */
#ifndef LB_CONSOLE_FOLLOWER_H
#define LB_CONSOLE_FOLLOWER_H

#include "lb/config/config.h"
#include "lb/console/feed.h"
#include "lb/console/world.h"
#include "lb/http/parser.h"

#define FOLLOWER_PAUSE_MS  1000u /* between two tries */
#define FOLLOWER_SILENT_MS 5000u /* it tells something each second */

struct follower {
    const struct config *config;
    int fd; /* -1: there is no connection */
    struct parser_setup setup;
    struct parser parser;
    struct feed feed;
    struct world world;
    struct text refusal; /* the body of an answer that is not 200 */
    struct text problem; /* why there is no connection; empty: there is one */
    uint64_t heard_ms, lost_ms;
    unsigned status;
};

/* Borrows the settings, which say whom to ask (lb/admin/ask.h). Gives: follower_fini(). */
void follower_init(struct follower *follower, const struct config *config);
void follower_fini(struct follower *follower);

/* Tries to connect where there is no connection and the pause is over; notes a silence. Waits two seconds at most. */
void follower_tick(struct follower *follower, uint64_t now_ms);

/* Reads what there is, at most a megabyte of it. Gives whether the world has changed. */
bool follower_read(struct follower *follower, uint64_t now_ms);

#endif
