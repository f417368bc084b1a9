/* Keeps certificates for what is wished: looks each second, orders one at a time, and tells what stands. */
#ifndef ACME_KEEPER_H
#define ACME_KEEPER_H

#include "acme/keeper_base.h"

/* Opens the folder and what is known. `wishes_fd`, `bulletin_fd`: borrowed; -1: none, then the wishes are those that were known last.
 * Fails: false, with `trouble`. keeper_close in either case. */
bool keeper_open(struct keeper *keeper, const struct options *options, struct exchange *exchange,
                 int wishes_fd, int bulletin_fd, struct trouble *trouble);
void keeper_close(struct keeper *keeper);

/* Until this program is told to end. */
void keeper_run(struct keeper *keeper);

#endif
