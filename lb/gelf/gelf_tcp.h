/* A turn of the sender over TCP. */
#ifndef LB_GELF_GELF_TCP_H
#define LB_GELF_GELF_TCP_H

#include "lb/gelf/gelf_desk.h"

/* Connects, sends what waits until the socket takes no more, gives up who takes nothing. Never blocks. */
void gelf_tcp_turn(struct gelf_desk *desk, uint64_t now_ms);

#endif
