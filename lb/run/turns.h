/* Whose turn it is: a proxy process waits until the master lets it serve, yields to its successor, and leaves when the
 * master is gone. Thread: control. */
#ifndef LB_RUN_TURNS_H
#define LB_RUN_TURNS_H

#include "lb/run/control_state.h"

/* Before anything else. */
void turns_init(struct control *control);

/* Hears the master from now on. Fails: false, said in the log. */
bool turns_follow(struct control *control);

/* Takes over the world as the process before knew it. */
void turns_remember(struct control *control);

/* Another snapshot is published: perhaps it is ready now. */
void turns_look(struct control *control);

/* A worker has rung: perhaps all have yielded. */
void turns_note_yielded(struct control *control);

#endif
