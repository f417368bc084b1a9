/* Two streams over loopback in one loop, and what each end was told. */
#ifndef TESTS_UNIT_NET_STREAM_PAIR_H
#define TESTS_UNIT_NET_STREAM_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/text.h"
#include "lb/net/listener.h"
#include "lb/net/stream_tls.h"

/* One end, and what was told to it. */
struct end {
    struct stream stream;
    struct text got;
    unsigned connected_count, eof_count, drained_count, broken_count, closed_count;
    int status;              /* of on_connected or on_broken */
    size_t waiting_at_drain; /* the most that waited when on_drained came */
    bool closes_on_data, closes_on_drained, pauses_on_data;
    struct splice *splice; /* all that comes goes back through it */
    size_t echoed_bytes;
};

extern struct loop loop;
extern struct listener listener; /* that accepted `server` */
extern struct end client, server;
extern struct tls_server *pair_server; /* with these TLS is spoken; NULL: plain */
extern struct tls_client *pair_client;
extern const struct stream_handler end_handler; /* the owner is a struct end */

/* One test between two streams that are connected, neither of them reading. */
#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, pair_set_up, pair_tear_down)

int pair_set_up(void **state);

/* Closes both and checks that each end was told so once, and that nothing is kept. */
int pair_tear_down(void **state);

/* Turns the loop until `condition`; the test's time limit is the deadline. */
#define WAIT_FOR(condition)                                                                        \
    while (!(condition))                                                                           \
    uv_run(&loop.uv, UV_RUN_ONCE)

/* Some turns of the loop, for what must not happen. */
void turn(void);

/* Writes as `count` pieces of about the same size. */
enum stream_written write_pieces(struct end *end, struct view bytes, unsigned count);

/* Bytes without a pattern; ends with text_fini(). */
struct text noise(size_t len);

#endif
