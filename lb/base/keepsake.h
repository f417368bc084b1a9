/* Bytes that outlive a process: a memfd that the next one is lent, with two places that are written in turns, so that
 * whatever ends a process in the middle of a write leaves what was kept before. Nothing of what is read is trusted: what
 * does not fit is not there. One process writes at a time; another one may read meanwhile. Thread: one at a time. */
#ifndef LB_BASE_KEEPSAKE_H
#define LB_BASE_KEEPSAKE_H

#include <stdbool.h>

#include "lb/base/text.h"

#define KEEPSAKE_BYTES_MAX ((size_t)16 << 20)

struct keepsake {
    int fd;       /* -1: none, nothing is kept and nothing is there */
    int place;    /* of what is whole now, 0 or 1; -1: nothing is */
    bool is_seen; /* the place is known */
};

/* Borrows `fd`, a file that can be written at any place; -1: none. */
void keepsake_open(struct keepsake *keepsake, int fd);

/* Gives what was kept last, in place of what `out` has. False: nothing is there, or nothing whole; `out` is empty. */
bool keepsake_read(struct keepsake *keepsake, struct text *out);

/* Keeps these in place of what was kept. Fails: false with errno (EFBIG: more than KEEPSAKE_BYTES_MAX; EBADF: there is no
 * keepsake); what was kept stays. */
bool keepsake_write(struct keepsake *keepsake, struct view bytes);

#endif
