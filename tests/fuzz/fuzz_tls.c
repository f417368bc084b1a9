/* What a client says to a server of TLS, before and while hands are shaken. What holds: it is told the same way however the
 * bytes come; a failure has a kind and a sentence, and one alert at most follows what was said before; the name that certificates are
 * chosen by is one that a host can have; what is kept is no more than what came, and nothing is left behind. */
#include <errno.h>

#include "lb/tls/tls_session.h"
#include "tests/fuzz/support/target.h"
#include "tests/unit/support/made_certificate.h"

/* ServerHello to Finished of a certificate of a test, or as much in plain bytes, and an alert. */
#define SAID_BYTES_MAX 4096u

struct client {
    struct view bytes;
    size_t piece;
    size_t said_bytes; /* by the server */
};

struct outcome {
    enum tls_step step;
    enum tls_failure failure;
    char name[256];
    char problem[256];
};

static struct tls_server *server;
static struct tls_host host;
static struct tls_buffers buffers;
static size_t held_bytes;

static ssize_t receive(void *owner, char *bytes, size_t most)
{
    struct client *client = owner;
    size_t len = client->bytes.len < client->piece ? client->bytes.len : client->piece;
    if (len > most)
        len = most;
    if (len == 0)
        return -EAGAIN;
    memcpy(bytes, client->bytes.ptr, len);
    client->bytes = view_skip(client->bytes, len);
    return (ssize_t)len;
}

static int send_all(void *owner, const char *bytes, size_t len)
{
    (void)bytes;
    ((struct client *)owner)->said_bytes += len;
    return 0;
}

static struct tls_choice choose(void *owner, struct view name)
{
    (void)owner;
    TARGET_CHECK(name.len <= 253 && (name.len == 0 || name.ptr[name.len - 1] != '.'));
    for (size_t i = 0; i < name.len; i++)
        TARGET_CHECK((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || name.ptr[i] == '-' ||
                     (name.ptr[i] >= '0' && name.ptr[i] <= '9') || name.ptr[i] == '.' ||
                     name.ptr[i] == '_');
    return (struct tls_choice){.host = view_ends_with(name, VIEW("nobody")) ? NULL : &host};
}

static void set_up(void)
{
    struct text problem = TEXT_INIT;
    struct made_certificate made = made_certificate_new((struct made_wish){.subject = "a.test"});
    host.identities[TLS_KEY_ECDSA] =
        tls_identity_read(text_view(&made.pem), text_view(&made.key_pem), time(NULL), &problem);
    host.client_ca = tls_client_ca_read(text_view(&made.pem), VIEW(""), &problem, &(bool){false});
    server = tls_server_new(&(struct tls_server_options){.choose = choose}, &problem);
    TARGET_CHECK(server && host.client_ca && host.identities[TLS_KEY_ECDSA]);
    buffers.held_bytes = &held_bytes;
    made_certificate_free(&made);
}

static void copy(char out[256], struct view bytes)
{
    size_t len = bytes.len < 255 ? bytes.len : 255;
    memset(out, 0, 256);
    if (len > 0)
        memcpy(out, bytes.ptr, len);
}

static struct outcome run(struct view bytes, size_t piece)
{
    struct client client = {.bytes = bytes, .piece = piece};
    struct tls_wire wire = {
        .receive = receive, .send = send_all, .owner = &client, .buffers = &buffers};
    struct tls_session *session = tls_session_accept(server, &wire);
    struct outcome outcome = {.step = TLS_STEP_WAITS};
    size_t left = bytes.len + 1;
    while (outcome.step == TLS_STEP_WAITS && client.bytes.len < left) {
        left = client.bytes.len;
        outcome.step = tls_session_shake_hands(session);
        TARGET_CHECK(held_bytes <= bytes.len);
    }
    outcome.failure = tls_session_failure(session);
    copy(outcome.name, tls_session_facts(session)->server_name);
    copy(outcome.problem, tls_session_problem(session));
    TARGET_CHECK(outcome.step != TLS_STEP_DONE); /* it would have to know a key */
    TARGET_CHECK(client.said_bytes <= SAID_BYTES_MAX);
    if (outcome.step == TLS_STEP_FAILED)
        TARGET_CHECK(outcome.failure != TLS_FAILURE_NONE && outcome.problem[0] != '\0');
    tls_session_free(session);
    TARGET_CHECK(held_bytes == 0);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view bytes = view_of((const char *)data, size);
    if (!server)
        set_up();
    struct outcome whole = run(bytes, size + 1), pieces = run(bytes, size % 7 + 1);
    TARGET_CHECK(whole.step == pieces.step && whole.failure == pieces.failure);
    TARGET_CHECK(strcmp(whole.name, pieces.name) == 0);
    TARGET_CHECK(strcmp(whole.problem, pieces.problem) == 0);
    return 0;
}
