/* A turn of the sender over UDP. */
#ifndef LB_GELF_GELF_UDP_H
#define LB_GELF_GELF_UDP_H

#include "lb/gelf/gelf_desk.h"

/* Sends what waits until the socket takes no more or something fails. Never blocks. */
void gelf_udp_turn(struct gelf_desk *desk, uint64_t now_ms);

#endif
