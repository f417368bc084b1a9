/* What is printed by hand: what is there, and what would be ordered. */
#ifndef ACME_LISTING_H
#define ACME_LISTING_H

#include "acme/keeper_base.h"

/* A line for each certificate on the disk. */
void listing_append_store(const struct keeper *keeper, struct text *out);

/* A line for each that was wished when lb-acme ran last: ordered or not, why, and when. */
void listing_append_plan(struct keeper *keeper, struct text *out);

#endif
