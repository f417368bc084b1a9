/* What a backend is told of who asks and how: X-Forwarded-For, -Proto, -Host, -Port, where that was https -Ssl,
 * X-Real-IP, and Forwarded (RFC 7239). What a trusted client says is kept and appended to; X-Real-IP and Forwarded
 * that it leaves out, or makes unreadable, are made from its X-Forwarded-*. */
#ifndef LB_HTTP_IDENTITY_H
#define LB_HTTP_IDENTITY_H

#include "lb/http/forwarded_for.h"
#include "lb/http/head.h"
#include "lb/http/head_writer.h"

struct identity {
    struct view client_ip;
    bool is_trusted;     /* what the client says is believed */
    bool adds_forwarded; /* Forwarded is written too */
    struct trust trust;  /* who else is believed; asked only where the client is */
    struct view scheme;
    struct view host; /* what the client asked for */
};

/* Room that identity_put needs at most. */
size_t identity_bound(const struct head *head, const struct identity *identity);

/* Writes the lines. Gives the value of X-Forwarded-For where it was written; that of X-Forwarded-Proto
 * goes into `proto`. */
struct view identity_put(const struct head *head, const struct identity *identity,
                         struct head_writer *writer, struct view *proto);

#endif
