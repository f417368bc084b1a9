/* A turn of the sender over UDP. */
#ifndef LB_GELF_GELF_UDP_H
#define LB_GELF_GELF_UDP_H

#include "lb/gelf/gelf_sender_state.h"

/* Sends what waits until the socket takes no more or something fails. Never blocks. */
void gelf_udp_turn(struct gelf_sender *sender, uint64_t now_ms);

#endif
