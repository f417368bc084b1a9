#include "lb/tls/tls_bio.h"

#include <assert.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "lb/base/memory.h"

static void send_to_wire(struct tls_session *session, const char *bytes, size_t len)
{
    if (session->write_status == 0)
        session->write_status = session->wire.send(session->wire.owner, bytes, len);
}

static void flush(struct tls_session *session)
{
    struct tls_buffers *buffers = session->wire.buffers;
    if (buffers->sending_len > 0)
        send_to_wire(session, buffers->sending, buffers->sending_len);
    buffers->sending_len = 0;
}

static int write_bio(BIO *bio, const char *bytes, size_t len, size_t *written)
{
    struct tls_session *session = BIO_get_data(bio);
    struct tls_buffers *buffers = session->wire.buffers;
    *written = len;
    if (len > TLS_SENDING_BYTES - buffers->sending_len)
        flush(session);
    if (len > TLS_SENDING_BYTES || (session->is_last_record && buffers->sending_len == 0)) {
        session->is_last_record = false;
        send_to_wire(session, bytes, len);
        return 1;
    }
    memcpy(buffers->sending + buffers->sending_len, bytes, len);
    buffers->sending_len += len;
    return 1;
}

/* The wire is asked once in a call: an event loop tells when it has more. */
static void receive(struct tls_session *session)
{
    struct tls_buffers *buffers = session->wire.buffers;
    if (!session->may_receive || session->has_wire_ended || session->read_status < 0)
        return;
    session->may_receive = false;
    ssize_t count =
        session->wire.receive(session->wire.owner, buffers->received, TLS_RECEIVED_BYTES);
    if (count > 0)
        session->input = view_of(buffers->received, (size_t)count);
    else if (count == 0)
        session->has_wire_ended = true;
    else if (count != -EAGAIN)
        session->read_status = (int)count;
}

static int read_bio(BIO *bio, char *bytes, size_t most, size_t *count)
{
    struct tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (session->input.len == 0)
        receive(session);
    *count = session->input.len < most ? session->input.len : most;
    if (*count == 0) {
        BIO_set_retry_read(bio);
        return 0;
    }
    memcpy(bytes, session->input.ptr, *count);
    session->input = view_skip(session->input, *count);
    return 1;
}

static long control_bio(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int create_bio(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *tls_bio_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | 0x7F, "wire");
    if (!method)
        return NULL;
    BIO_meth_set_write_ex(method, write_bio);
    BIO_meth_set_read_ex(method, read_bio);
    BIO_meth_set_ctrl(method, control_bio);
    BIO_meth_set_create(method, create_bio);
    return method;
}

bool tls_bio_attach(struct tls_session *session, const BIO_METHOD *method)
{
    BIO *bio = BIO_new(method);
    if (!bio)
        return false;
    BIO_set_data(bio, session);
    SSL_set_bio(session->ssl, bio, bio);
    return true;
}

void tls_bio_begin(struct tls_session *session)
{
    ERR_clear_error();
    assert(session->wire.buffers->sending_len == 0);
    session->may_receive = true;
    session->is_last_record = false;
}

static void count_held(struct tls_session *session, size_t before)
{
    size_t *held_bytes = session->wire.buffers->held_bytes;
    if (held_bytes)
        *held_bytes += session->kept_len - before;
}

static void keep(struct tls_session *session, struct view bytes)
{
    size_t before = session->kept_len;
    char *kept = bytes.len > 0 ? memory_copy(bytes.ptr, bytes.len) : NULL;
    free(session->kept);
    session->kept = kept;
    session->kept_len = bytes.len;
    session->input = view_of(kept, bytes.len);
    count_held(session, before);
}

void tls_bio_finish(struct tls_session *session)
{
    bool is_in_kept = session->kept && session->input.ptr >= session->kept &&
                      session->input.ptr < session->kept + session->kept_len;
    flush(session);
    if (session->input.len > 0 ? !is_in_kept : session->kept_len > 0)
        keep(session, session->input);
}

void tls_bio_feed(struct tls_session *session, struct view bytes)
{
    assert(session->input.len == 0);
    keep(session, bytes);
}

void tls_bio_forget(struct tls_session *session)
{
    keep(session, view_of(NULL, 0));
}
