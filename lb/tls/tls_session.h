/* One connection's TLS, over bytes that somebody else reads and writes: OpenSSL (SSL_*) behind one door. It asks for
 * ciphertext by `receive` and leaves ciphertext by `send`, which takes all of it; so it never waits for a socket to take
 * bytes. It keeps buffers only while bytes are in them. Thread: worker. */
#ifndef LB_TLS_TLS_SESSION_H
#define LB_TLS_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "lb/tls/tls_client.h"
#include "lb/tls/tls_client_ca.h"
#include "lb/tls/tls_failure.h"
#include "lb/tls/tls_server.h"
#include "lb/tls/tls_session_facts.h"
#include "lb/tls/tls_wire.h"

struct tls_session;

/* Copies the wire; borrows server or client, which stay at least as long as their memory is needed. `peer`: whose sessions may be
 * taken up again: bytes that stand for it, such as its address. NULL: out of memory. */
struct tls_session *tls_session_accept(struct tls_server *server, const struct tls_wire *wire);
struct tls_session *tls_session_connect(struct tls_client *client, struct view peer,
                                        const struct tls_wire *wire);

/* Bytes of the wire that somebody has read already, before the first call. Copies. */
void tls_session_feed(struct tls_session *session, struct view bytes);

enum tls_step {
    TLS_STEP_DONE,
    TLS_STEP_WAITS,  /* for bytes of the peer */
    TLS_STEP_FAILED, /* tls_session_problem says why; the alert was sent */
};

/* Bytes that came behind the handshake may be pending when it is done. */
enum tls_step tls_session_shake_hands(struct tls_session *session);

/* As socket_recv, of plain bytes, once hands were shaken: what came before an end or a failure is given first. 0: the peer's
 * end, by close_notify or, where tls_session_was_cut_off says so, without. -EPROTO: what came is no TLS, or an alert;
 * tls_session_problem says which. Reads and writes are strangers to each other's end. */
ssize_t tls_session_read(struct tls_session *session, char *bytes, size_t most);

/* Writes all pieces, and close_notify behind them where `end_follows`: 0. Fails: -errno, and nothing can be
 * written any more. */
int tls_session_write(struct tls_session *session, const struct iovec *pieces, unsigned count,
                      bool end_follows);

/* Bytes, or an end, can be read though the socket is silent. */
bool tls_session_has_pending(const struct tls_session *session);

/* Whether there is anything for tls_session_read, by now: the wire is asked too, and what is not for the reader
 * (tickets) is dealt with. */
bool tls_session_is_quiet(struct tls_session *session);

/* The peer's end, or its failure, was read. */
bool tls_session_has_ended(const struct tls_session *session);

/* The peer's end came without close_notify: what has no end of its own may not be whole. */
bool tls_session_was_cut_off(const struct tls_session *session);

/* Says close_notify; nothing is written after it. Idempotent; before hands were shaken: nothing. */
void tls_session_end(struct tls_session *session);

void tls_session_free(struct tls_session *session); /* NULL is allowed */

/* Of a handshake that is over. Views are the session's. */
const struct tls_session_facts *tls_session_facts(const struct tls_session *session);

/* Whether the certificate that was shown is good for this host too. */
bool tls_session_covers(const struct tls_session *session, struct view host);

/* Whether these CAs, with the same revocations, judged the client; NULL: whether none did. */
bool tls_session_is_judged_by(const struct tls_session *session, const struct tls_client_ca *ca);

/* Of which kind its failure was. */
enum tls_failure tls_session_failure(const struct tls_session *session);

/* Why it failed, for a log: "the client does not offer TLS 1.2 or later". Static, or the session's. */
struct view tls_session_problem(const struct tls_session *session);

#endif
