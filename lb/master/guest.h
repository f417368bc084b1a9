/* An lb-discovery that runs elsewhere and comes by itself (--discovery unix:PATH): its connection is the line of the proxy process
 * that serves. It tells the whole state at each connection, so one that was read by another process is shut. */
#ifndef LB_MASTER_GUEST_H
#define LB_MASTER_GUEST_H

struct guest;
struct master;

void guest_init(struct guest *guest);

/* A process serves from now on: listens where its settings say, and passes on who waits. */
void guest_follow(struct master *master);

/* The door has something. The newest one wins. */
void guest_answer_door(struct master *master);

#endif
