/* The request that was the last straw for an endpoint: what control tells of an ejection. Written on that rare path
 * alone. Nobody waits for the other: while one writes or takes, another one leaves it alone, as what stands there is as
 * fresh then. Zeroed memory says nothing. */
#ifndef LB_POOL_WITNESS_H
#define LB_POOL_WITNESS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "lb/base/view.h"

/* Texts, each with its NUL; what is longer is cut. Bytes of a client: nobody has made UTF-8 of them yet. */
struct witness_words {
    char url[256];     /* "http://host/path?query"; "": there was no request */
    char trace_id[33]; /* "": it had none */
};

struct witness {
    atomic_bool is_busy;
    struct witness_words words;
};

/* Replaces what is there; borrows. No host: there was no request. A target that is no path is left out. Thread: any. */
void witness_note(struct witness *witness, struct view scheme, struct view host, struct view target,
                  struct view trace_id);

/* Moves what is there to `words`, so that nothing is told twice. Thread: any. */
void witness_take(struct witness *witness, struct witness_words *words);

#endif
