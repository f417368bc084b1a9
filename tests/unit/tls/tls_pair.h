/* Two sessions over wires of memory: what each end leaves for the other, in pieces of any size. */
#ifndef TESTS_UNIT_TLS_TLS_PAIR_H
#define TESTS_UNIT_TLS_TLS_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/tls/tls_session.h"
#include "tests/unit/support/made_certificate.h"

/* One end, and the bytes on their way to it. */
struct pair_end {
    struct tls_session *session;
    struct text inbox;
    size_t taken;      /* of inbox */
    size_t piece;      /* a receive gives so many bytes at most; 0: all */
    bool is_over;      /* nothing comes any more */
    bool is_deaf;      /* sending to it fails */
    unsigned receives; /* that gave bytes */
    unsigned sends;
    enum tls_step step;
    struct pair_end *other;
};

extern struct pair_end near_end, far_end; /* the server, the client */
extern struct tls_buffers pair_buffers;
extern size_t pair_held_bytes;

/* Opens both ends; no byte has gone. */
void pair_open(struct tls_server *server, struct tls_client *client);

/* Shakes hands until neither end goes on. */
void pair_shake(void);

/* Closes both and checks that nothing is kept. */
void pair_close(void);

/* Writes, and reads all that is there. */
void pair_write(struct pair_end *end, struct view bytes);
ssize_t pair_read(struct pair_end *end, struct text *out);

#endif
