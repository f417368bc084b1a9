/* What a tls_session is made of: for lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_SESSION_STATE_H
#define LB_TLS_TLS_SESSION_STATE_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/tls/tls_failure.h"
#include "lb/tls/tls_identity.h"
#include "lb/tls/tls_session_facts.h"
#include "lb/tls/tls_wire.h"

struct tls_client;
struct tls_client_ca;
struct tls_server;

enum tls_end {
    TLS_END_OPEN,
    TLS_END_SAID,    /* close_notify */
    TLS_END_CUT_OFF, /* the wire's end, without it */
    TLS_END_BROKEN,
};

struct tls_session {
    SSL *ssl;
    struct tls_wire wire;
    struct tls_server *server; /* one of the two */
    struct tls_client *client;
    uint64_t peer; /* whose sessions are taken up again, as a number */
    /* That came and OpenSSL has not taken: in `kept`, or in the buffers while a call runs. */
    struct view input;
    char *kept;
    size_t kept_len;
    size_t answered_bytes; /* that went out because of what was read */
    enum tls_end end;      /* of what the peer says */
    int read_status;       /* -errno of what cannot be read any more; 0 */
    int write_status;      /* -errno of what cannot be written any more; 0 */
    bool may_receive;      /* the wire is asked once in a call */
    bool has_wire_ended;
    bool is_last_record; /* of this call: it need not be gathered */
    bool is_shaken;
    bool is_end_sent;                                    /* nothing more is written */
    struct tls_identity *identities[TLS_KEY_TYPE_COUNT]; /* of the host that was chosen */
    struct tls_identity *challenge;
    struct tls_client_ca *client_ca;
    int client_verdict; /* the first that speaks against the client's certificate; X509_V_OK: none */
    bool is_chosen;
    struct tls_session_facts facts;
    char *server_name; /* these and `words` are what views of facts lead to */
    struct text words; /* of the client's certificate */
    struct text problem;
    enum tls_failure failure;
};

/* The first one stays. */
void tls_session_note_kind(struct tls_session *session, enum tls_failure failure);

/* The first sentence stays. */
void tls_session_note(struct tls_session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
