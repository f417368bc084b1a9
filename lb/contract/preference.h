/* Which endpoints of a service requests go to before others: the values of a word that labels (lb.prefer),
 * files, lines and the flag --prefer share. Pure. Thread: any. */
#ifndef LB_CONTRACT_PREFERENCE_H
#define LB_CONTRACT_PREFERENCE_H

#include <stdbool.h>

#include "lb/base/view.h"

enum preference {
    PREFERENCE_NONE,  /* all alike */
    PREFERENCE_LOCAL, /* those of the host that lb runs on, as far as they are healthy */
};

#define PREFERENCE_ACCEPTED "none or local"

/* Fails: false, and `*out`, an enum preference, is as it was. */
bool preference_parse(struct view value, unsigned *out);

/* The word that it takes. Static. */
const char *preference_word(unsigned preference);

#endif
