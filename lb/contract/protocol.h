/* What an endpoint speaks, and as what lb serves it. Pure. Thread: any. */
#ifndef LB_CONTRACT_PROTOCOL_H
#define LB_CONTRACT_PROTOCOL_H

#include <stdbool.h>

#include "lb/base/view.h"
#include "lb/contract/service_kind.h"

/* XX(name, word): the words are those of labels, files and lines. */
#define PROTOCOL_MAP(XX)                                                                           \
    XX(HTTP, "http")                                                                               \
    XX(HTTPS, "https")                                                                             \
    XX(H2C, "h2c")                                                                                 \
    XX(TCP, "tcp")                                                                                 \
    XX(UDP, "udp")

enum protocol {
#define XX(name, word) PROTOCOL_##name,
    PROTOCOL_MAP(XX)
#undef XX
        PROTOCOL_COUNT
};

/* "http" and so on. Static. */
const char *protocol_word(enum protocol protocol);

/* PROTOCOL_COUNT for other words. */
enum protocol protocol_parse(struct view word);

/* Whether an endpoint that speaks it can be a server of such a service: bytes of a connection are passed on
 * whatever they say. */
bool protocol_serves(enum protocol protocol, enum service_kind kind);

/* What is known of an endpoint that spoke the one is known of it when it speaks the other: its connections can be used. */
static inline bool protocol_is_kin(enum protocol one, enum protocol other)
{
    return (one == PROTOCOL_HTTPS) == (other == PROTOCOL_HTTPS);
}

#endif
