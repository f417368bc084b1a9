/* What a client's connection begins with, where that has to be known before its bytes are passed on: a PROXY
 * header, which is lb's, and a ClientHello, which is not. Thread: worker. */
#ifndef LB_PROXY_PASSAGE_OPENING_H
#define LB_PROXY_PASSAGE_OPENING_H

#include "lb/net/proxy_header.h"
#include "lb/proxy/passage_state.h"

/* So many bytes are read at the most before it is decided. */
#define PASSAGE_OPENING_BYTES_MAX (PROXY_HEADER_BYTES_MAX + CLIENT_HELLO_BYTES_MAX)

/* Keeps what came, behind what is kept. */
void passage_opening_keep(struct passage *passage, struct view bytes);

/* Looks at all that has come. False: more has to come first. Fails: why the client is to be sent away. */
bool passage_opening_read(struct passage *passage, enum err *err);

/* Nothing more is waited for: it is late, or the client has said its last. Fails as above. */
enum err passage_opening_give_up(struct passage *passage);

#endif
