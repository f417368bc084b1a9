/* How lb-discovery, or lb-report, is to be started: what the master is told, which starts it; and what is the same for both: where
 * they are, and what of the environment they are given. Thread: control. */
#ifndef LB_FOLLOW_HELPER_PLAN_H
#define LB_FOLLOW_HELPER_PLAN_H

#include <stdint.h>

#include "lb/config/config.h"
#include "lb/follow/child.h"
#include "lb/follow/helper_words.h"

struct helper_plan {
    char program[CHILD_PATH_BYTES];
    struct helper_words arguments;   /* but for the program's name */
    struct helper_words environment; /* but for the secrets that only the master knows */
};

/* Gives a memfd with the plan, as the channel has it (struct channel_plan). `port_low`, `port_high`: where containers may
 * have listeners; 0: nowhere. Fails: -errno; -E2BIG: it is longer than CHANNEL_PLAN_BYTES_MAX. */
int helper_plan_write(const struct helper_plan *plan, uint16_t port_low, uint16_t port_high);

bool helper_plan_is_same(const struct helper_plan *one, const struct helper_plan *other);

/* Harmless on zeroed memory. */
void helper_plan_fini(struct helper_plan *plan);

/* The one of that name beside this program, else the name alone. */
void helper_plan_find(const char *name, char program[CHILD_PATH_BYTES]);

/* Whether a word of the environment is one that each of them gets: what libraries and sanitizers want, and neither lb's own
 * secrets nor those of another one. */
bool helper_plan_passes_on(struct view entry);

/* As --jail has it. */
const char *helper_plan_jail_word(enum config_jail jail);

#endif
