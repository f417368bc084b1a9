/* The certificates that containers and files wish for, as lines of lb-discovery tell them (discovery/FORMAT.md): posted for
 * lb-acme, which orders them, whenever they change. Thread: control. */
#ifndef LB_FOLLOW_CERTIFICATE_WISHES_H
#define LB_FOLLOW_CERTIFICATE_WISHES_H

#include <jansson.h>

#include "lb/base/keepsake.h"
#include "lb/base/text.h"

/* To be opened before it is used. */
struct certificate_wishes {
    struct keepsake keepsake;
    /* {"version":1,"certificates":[{"names":["a.test"],"email":""}]}; empty: nothing yet. */
    struct text posted;
    unsigned count;       /* that are wished for */
    unsigned wrong_count; /* of the latest line's, that were passed over */
    bool is_lost;         /* the latest could not be posted, said in the log */
};

/* Borrows `fd`, where CHANNEL_WISHES (lb/contract/channel.h) is kept; -1: there is none, and nothing is posted. */
void certificate_wishes_open(struct certificate_wishes *wishes, int fd);

/* Takes a state, in place of the one before. What is wrong in it, or beyond CERTIFICATE_WISHES_MAX, is passed over, and
 * said in the log. */
void certificate_wishes_take(struct certificate_wishes *wishes, const json_t *line);

void certificate_wishes_fini(struct certificate_wishes *wishes);

#endif
