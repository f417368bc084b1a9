/* Tells what was found: the state when it has changed, signs of life, and all of it again for whoever has missed
 * some. On standard output, or to the lb at a Unix socket. */
#ifndef DISCOVERY_TELLER_H
#define DISCOVERY_TELLER_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/dialer.h"
#include "discovery/emit.h"
#include "discovery/outlet.h"
#include "discovery/ration.h"
#include "discovery/sources.h"

struct teller_options {
    const char *to_path; /* of a socket; NULL: it is `fd`. Borrowed */
    int fd;              /* not owned */
    bool is_once;        /* one state, and nothing else */
    bool is_silent;      /* nothing at all */
    struct report report;
};

struct teller {
    struct teller_options options;
    struct sources *sources;
    struct text source_words;
    struct ration ration;
    struct emit emit;
    struct outlet outlet;
    struct dialer dialer;
    bool has_line;        /* there is a state to tell */
    bool was_connected;   /* when it last said that it is alive */
    uint64_t alive_at_ms; /* when it says so again */
    uint64_t print_at_ms; /* the earliest time of the next state; 0: at once */
};

/* `sources`, which are listed already, are borrowed until the end. */
void teller_init(struct teller *teller, const struct teller_options *options,
                 struct sources *sources);
void teller_fini(struct teller *teller);

/* Tells what there is to tell, as far as it is read: it never waits. */
void teller_tick(struct teller *teller);
uint64_t teller_next_tick_ms(const struct teller *teller);

/* There is another reader: ends the line that the last one may have read in part, and tells all again, also
 * where nothing has changed. */
void teller_tell_again(struct teller *teller);

/* Nobody reads any more, and nobody will. */
bool teller_is_over(const struct teller *teller);

/* The state is told, and read up to what the system keeps for the reader. */
bool teller_is_through(const struct teller *teller);

#endif
