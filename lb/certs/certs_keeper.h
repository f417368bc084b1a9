/* All certificates of some directories, as they were read last. One thread at a time. What cannot be used is told in the log. */
#ifndef LB_CERTS_CERTS_KEEPER_H
#define LB_CERTS_CERTS_KEEPER_H

#include <stdatomic.h>

#include "lb/certs/certs_entry.h"
#include "lb/certs/certs_picture.h"

#define CERTS_KEEPER_CLASHES_MAX 256u

struct certs_blindness {
    char *path, *why;
    int64_t since_s;
};

/* Zeroed memory has none. */
struct certs_keeper {
    char **directories;
    unsigned directory_count;
    struct certs_entry *entries; /* in the order of their paths */
    size_t count;
    struct certs_blindness *blind; /* what could not be listed last time, and was told */
    size_t blind_count;
    bool was_cut;                               /* and that was told */
    uint64_t clashes[CERTS_KEEPER_CLASHES_MAX]; /* that were told: a hash of each */
    unsigned clash_count;
    uint64_t read_count;
    int64_t looked_s;    /* the last time */
    int64_t next_turn_s; /* when the next of the certificates is over, or valid; INT64_MAX: none */
    unsigned first_reader_count; /* threads that read at the first look; 0: it does so alone */
    bool has_looked;
    bool is_pending;            /* something is on its way */
    atomic_bool *is_called_off; /* NULL: never */
};

/* Copies. What was read in directories that are no more among them goes when it is looked next. */
void certs_keeper_follow(struct certs_keeper *keeper, char *const *directories, unsigned count);

/* Looks, and reads what has changed. Gives the next picture; NULL: all is as it was. */
struct certs_picture *certs_keeper_look(struct certs_keeper *keeper, int64_t now_s);

void certs_keeper_fini(struct certs_keeper *keeper);

#endif
