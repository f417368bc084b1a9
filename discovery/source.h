/* A source of endpoints is a few functions in a table: Docker is one, a file is one, Consul's catalog is one. The main program
 * knows no more of a source than this, and sources know nothing of each other. */
#ifndef DISCOVERY_SOURCE_H
#define DISCOVERY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/alive.h"
#include "discovery/report.h"
#include "discovery/set.h"

struct fetch_loop;
struct registrations;

struct source_kind {
    const char *word; /* "docker": as lines and sentences name it */
    bool asks_by_http;
    bool is_awaited; /* there is no line before it was read, however long that takes */

    /* `options` are the kind's own; they, and `loop` (NULL for a kind that does not ask by HTTP),
     * are borrowed until the close, `report` for the call. `*fd` becomes what to wait for besides
     * the loop, or -1. Does nothing yet. Gives: close(). */
    void *(*open)(const void *options, struct fetch_loop *loop, const struct report *report,
                  int *fd);

    /* Does what is due at `now_ms` of the monotonic clock, and takes what `fd` has. */
    void (*tick)(void *state, uint64_t now_ms);

    /* When to tick next, at the latest; UINT64_MAX: whenever something happens. */
    uint64_t (*next_tick_ms)(const void *state);

    /* Fills `set` (sorted), which borrows until the next tick or turn of the loop, when there may
     * be something new, or when `is_wanted` anyway. Gives false when it did not, which before all
     * was read once is always. */
    bool (*collect)(void *state, bool is_wanted, struct set *set);

    /* What was counted. Borrowed; it changes with ticks and turns. */
    const struct alive *(*alive)(const void *state);

    /* `state` is not NULL. */
    void (*close)(void *state);

    /* NULL where it has no use for it. What all sources tell together, after each collect: to which
     * services routes and listeners lead, wherever these come from. Borrowed for the call. */
    void (*look_at_whole)(void *state, const struct set *whole);

    /* NULL: it never does. Whether it has yet to read for the first time what the whole leads to: a line
     * without that must not take away what a line before, of another run, has told. */
    bool (*is_waiting)(const void *state);

    /* NULL: it has nothing to be registered. Fills `out` (registrations.h), which borrows until the
     * next tick or turn of the loop, when there may be something new. Gives false when it did not,
     * which before all was read once is always. */
    bool (*enlist)(void *state, struct registrations *out);
};

#endif
