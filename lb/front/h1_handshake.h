/* What comes before the first request of a client that speaks TLS: hands are shaken. So many are at a time that options allow;
 * who is above that is not read, and waits for its turn. Who has waited for a second takes the place of the one that has been at it
 * for longest, where that waits for its client: so those who begin and do not go on keep nobody out. Thread: worker. */
#ifndef LB_FRONT_H1_HANDSHAKE_H
#define LB_FRONT_H1_HANDSHAKE_H

#include "lb/front/h1_client_state.h"

/* One that waits asks for another's place after so long, and gives none before. */
#define H1_HANDSHAKE_PATIENCE_MS 1000u

/* `early`: what was read of it by now, borrowed. With a `refusal` that is what it is told afterwards. */
void h1_handshake_begin(struct h1_client *client, struct view early, enum err refusal);

/* on_connected of its stream. */
void h1_handshake_over(void *owner, int status);

/* Its deadline, in the states of this module, is over. */
void h1_handshake_on_deadline(struct h1_client *client);

/* Counts it as ended so, tells whom it concerns, and closes it. */
void h1_handshake_fail(struct h1_client *client, enum handshake_end end);

/* The crowd's handshake_turn. */
void h1_handshake_take_turns(struct loop_task *task);

#endif
