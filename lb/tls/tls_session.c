#include "lb/tls/tls_session.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/tls/tls_bio.h"
#include "lb/tls/tls_client_ca_state.h"
#include "lb/tls/tls_client_state.h"
#include "lb/tls/tls_facts.h"
#include "lb/tls/tls_problem.h"
#include "lb/tls/tls_server_state.h"

/* What a peer can make lb say by asking for it (new keys, alerts), while it may take nothing of it. */
#define ANSWERED_BYTES_MAX 65536u

static struct tls_session *new_session(const struct tls_wire *wire)
{
    struct tls_session *session = memory_new(sizeof(*session));
    session->wire = *wire;
    tls_buffers_need(wire->buffers);
    return session;
}

struct tls_session *tls_session_accept(struct tls_server *server, const struct tls_wire *wire)
{
    struct tls_session *session = new_session(wire);
    if (tls_server_enter(server, session)) {
        session->server = server;
        return session;
    }
    tls_session_free(session);
    return NULL;
}

struct tls_session *tls_session_connect(struct tls_client *client, struct view peer,
                                        const struct tls_wire *wire)
{
    struct tls_session *session = new_session(wire);
    session->client = tls_client_ref(client);
    if (tls_client_enter(client, session, peer))
        return session;
    tls_session_free(session);
    return NULL;
}

void tls_session_feed(struct tls_session *session, struct view bytes)
{
    if (bytes.len > 0)
        tls_bio_feed(session, bytes);
}

void tls_session_note_kind(struct tls_session *session, enum tls_failure failure)
{
    if (session->failure == TLS_FAILURE_NONE)
        session->failure = failure;
}

enum tls_failure tls_session_failure(const struct tls_session *session)
{
    return session->failure;
}

void tls_session_note(struct tls_session *session, const char *format, ...)
{
    va_list args;
    if (session->problem.len > 0)
        return;
    va_start(args, format);
    text_vappendf(&session->problem, format, args);
    va_end(args);
}

/* ---- the handshake ------------------------------------------------------------------------------ */

static enum tls_step note_failure(struct tls_session *session, int error)
{
    if (error != SSL_ERROR_WANT_READ)
        tls_problem_note(session);
    else if (session->read_status < 0 || session->write_status < 0)
        tls_session_note(session, "the connection broke in the middle of the handshake");
    else if (session->has_wire_ended)
        tls_session_note(session, "the peer went away in the middle of the handshake");
    else
        return TLS_STEP_WAITS;
    tls_session_note_kind(session, TLS_FAILURE_GONE);
    session->end = TLS_END_BROKEN;
    session->is_end_sent = true;
    if (session->read_status == 0)
        session->read_status = error == SSL_ERROR_WANT_READ ? -ECONNRESET : -EPROTO;
    return TLS_STEP_FAILED;
}

enum tls_step tls_session_shake_hands(struct tls_session *session)
{
    enum tls_step step = TLS_STEP_DONE;
    tls_bio_begin(session);
    int rc = SSL_do_handshake(session->ssl);
    if (rc != 1)
        step = note_failure(session, SSL_get_error(session->ssl, rc));
    tls_bio_finish(session);
    if (step == TLS_STEP_DONE) {
        session->is_shaken = true;
        if (session->client)
            tls_client_shaken(session);
        tls_facts_fill(session);
        SSL_certs_clear(session->ssl); /* nothing is signed any more */
    }
    return step;
}

/* ---- reading ------------------------------------------------------------------------------------ */

/* What the peer's bytes came to, once they give nothing more. */
static void note_end(struct tls_session *session, int error)
{
    if (error == SSL_ERROR_WANT_READ && session->read_status < 0)
        session->end = TLS_END_BROKEN;
    else if (error == SSL_ERROR_WANT_READ && session->has_wire_ended)
        session->end = TLS_END_CUT_OFF;
    else if (error == SSL_ERROR_ZERO_RETURN)
        session->end = TLS_END_SAID;
    else if (error != SSL_ERROR_WANT_READ)
        session->end = TLS_END_BROKEN;
    if (session->end != TLS_END_BROKEN || session->read_status < 0)
        return;
    session->read_status = -EPROTO;
    session->is_end_sent = true; /* an alert was it */
    tls_problem_note(session);
}

static ssize_t end_status(const struct tls_session *session)
{
    if (session->end == TLS_END_OPEN)
        return -EAGAIN;
    return session->end == TLS_END_BROKEN ? session->read_status : 0;
}

/* Before what was said because of it goes out. */
static void count_answers(struct tls_session *session)
{
    session->answered_bytes += session->wire.buffers->sending_len;
    if (session->answered_bytes <= ANSWERED_BYTES_MAX || session->end != TLS_END_OPEN)
        return;
    session->end = TLS_END_BROKEN;
    session->read_status = -EPROTO;
    tls_session_note(session, "the peer asks for new keys again and again");
}

static size_t read_records(struct tls_session *session, char *bytes, size_t most)
{
    size_t got = 0, count;
    while (got < most) {
        int rc = SSL_read_ex(session->ssl, bytes + got, most - got, &count);
        if (rc != 1) {
            note_end(session, SSL_get_error(session->ssl, rc));
            break;
        }
        got += count;
        session->may_receive = false; /* what is there goes to the reader first */
        if (session->input.len == 0 && SSL_pending(session->ssl) == 0)
            break;
    }
    return got;
}

ssize_t tls_session_read(struct tls_session *session, char *bytes, size_t most)
{
    assert(session->is_shaken && most > 0);
    if (session->end != TLS_END_OPEN)
        return end_status(session);
    tls_bio_begin(session);
    size_t got = read_records(session, bytes, most);
    count_answers(session);
    tls_bio_finish(session);
    return got > 0 ? (ssize_t)got : end_status(session);
}

bool tls_session_has_pending(const struct tls_session *session)
{
    return session->input.len > 0 || session->end != TLS_END_OPEN || SSL_pending(session->ssl) > 0;
}

bool tls_session_is_quiet(struct tls_session *session)
{
    char byte;
    size_t count;
    if (!session->is_shaken || session->end != TLS_END_OPEN || SSL_pending(session->ssl) > 0)
        return false;
    tls_bio_begin(session);
    int rc = SSL_peek_ex(session->ssl, &byte, 1, &count);
    if (rc != 1)
        note_end(session, SSL_get_error(session->ssl, rc));
    count_answers(session);
    tls_bio_finish(session);
    return rc != 1 && session->end == TLS_END_OPEN;
}

bool tls_session_has_ended(const struct tls_session *session)
{
    return session->end != TLS_END_OPEN;
}

bool tls_session_was_cut_off(const struct tls_session *session)
{
    return session->end == TLS_END_CUT_OFF;
}

/* ---- writing ------------------------------------------------------------------------------------ */

/* Pieces, as they become records. */
struct cursor {
    const struct iovec *pieces;
    unsigned count;
    size_t skip; /* of the first, already written */
};

static void advance(struct cursor *cursor, size_t len)
{
    cursor->skip += len;
    if (cursor->skip == cursor->pieces->iov_len) {
        cursor->pieces++;
        cursor->count--;
        cursor->skip = 0;
    }
}

static struct view front(const struct cursor *cursor, size_t most)
{
    size_t left = cursor->pieces->iov_len - cursor->skip;
    return view_of((const char *)cursor->pieces->iov_base + cursor->skip,
                   left < most ? left : most);
}

/* What goes into the next record: from where it lies, or put together. */
static struct view next_record(struct cursor *cursor, char *gathered)
{
    struct view piece = front(cursor, TLS_RECORD_BYTES);
    advance(cursor, piece.len);
    if (piece.len == TLS_RECORD_BYTES || cursor->count == 0)
        return piece;
    size_t len = piece.len;
    memcpy(gathered, piece.ptr, len);
    while (cursor->count > 0 && len < TLS_RECORD_BYTES) {
        piece = front(cursor, TLS_RECORD_BYTES - len);
        if (piece.len > 0)
            memcpy(gathered + len, piece.ptr, piece.len);
        len += piece.len;
        advance(cursor, piece.len);
    }
    return view_of(gathered, len);
}

/* OpenSSL never has to wait to write here: the wire takes all. */
static bool write_records(struct tls_session *session, struct cursor *cursor, bool end_follows)
{
    size_t written;
    while (cursor->count > 0) {
        struct view record = next_record(cursor, session->wire.buffers->gathered);
        session->is_last_record = cursor->count == 0 && !end_follows;
        if (record.len > 0 && (SSL_write_ex(session->ssl, record.ptr, record.len, &written) != 1 ||
                               written != record.len))
            return false;
    }
    return true;
}

static void say_end(struct tls_session *session)
{
    session->is_end_sent = true;
    SSL_shutdown(session->ssl);
}

int tls_session_write(struct tls_session *session, const struct iovec *pieces, unsigned count,
                      bool end_follows)
{
    struct cursor cursor = {.pieces = pieces, .count = count};
    if (session->is_end_sent || session->write_status < 0)
        return session->write_status < 0 ? session->write_status : -EPIPE;
    tls_bio_begin(session);
    bool is_good = write_records(session, &cursor, end_follows);
    if (is_good && end_follows)
        say_end(session);
    tls_bio_finish(session);
    if (!is_good && session->write_status == 0)
        session->write_status = -EPROTO;
    return session->write_status;
}

void tls_session_end(struct tls_session *session)
{
    if (session->is_end_sent || !session->is_shaken || session->write_status < 0)
        return;
    tls_bio_begin(session);
    say_end(session);
    tls_bio_finish(session);
}

/* ---- the rest ----------------------------------------------------------------------------------- */

void tls_session_free(struct tls_session *session)
{
    if (!session)
        return;
    if (session->ssl &&
        session->is_shaken) /* else OpenSSL holds its ticket for bad (SSL_clear(3)) */
        SSL_set_shutdown(session->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(session->ssl);
    tls_bio_forget(session);
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        tls_identity_unref(session->identities[i]);
    tls_identity_unref(session->challenge);
    tls_client_ca_unref(session->client_ca);
    if (session->server)
        tls_server_leave(session->server);
    tls_client_unref(session->client);
    free(session->server_name);
    text_fini(&session->words);
    text_fini(&session->problem);
    free(session);
}

const struct tls_session_facts *tls_session_facts(const struct tls_session *session)
{
    return &session->facts;
}

bool tls_session_covers(const struct tls_session *session, struct view host)
{
    for (unsigned i = 0; i < TLS_KEY_TYPE_COUNT; i++)
        if (session->identities[i] && tls_identity_covers(session->identities[i], host))
            return true;
    return false;
}

bool tls_session_is_judged_by(const struct tls_session *session, const struct tls_client_ca *ca)
{
    const struct tls_client_ca *judge = session->client_ca;
    return judge == ca ||
           (judge && ca && memcmp(judge->digest, ca->digest, sizeof(ca->digest)) == 0);
}

struct view tls_session_problem(const struct tls_session *session)
{
    return text_view(&session->problem);
}
