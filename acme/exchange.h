/* The door to libcurl: one request and its whole answer, while this thread waits. Who is told to end waits no more. */
#ifndef ACME_EXCHANGE_H
#define ACME_EXCHANGE_H

#include <stdint.h>

#include "lb/base/text.h"

#define EXCHANGE_URL_BYTES   2048u
#define EXCHANGE_FIELD_BYTES 512u

struct exchange;

/* All borrowed for the call. Zeroed memory: a GET without a body. */
struct exchange_request {
    const char *method, *url;
    struct view body;
    const char *content_type, *accept;
    const char *field;       /* one more line of its head, "X-Consul-Token: ..." */
    const char *socket_path; /* AF_UNIX instead of TCP; NULL: none */
    const char *ca_file;     /* of authorities to trust instead of the exchange's; NULL: those */
    size_t bytes_max;        /* of the answer's body; 0: 1 MiB */
    unsigned timeout_ms;     /* of the whole; 0: half a minute */
    bool follows;            /* redirects, a few */
    bool is_unverified;      /* any certificate will do */
    bool is_direct;          /* by no proxy of the environment */
};

struct exchange_answer {
    unsigned status;
    struct text body;
    char location[EXCHANGE_URL_BYTES];
    char nonce[EXCHANGE_FIELD_BYTES]; /* Replay-Nonce */
    char type[EXCHANGE_FIELD_BYTES];  /* Content-Type */
    char index[EXCHANGE_FIELD_BYTES]; /* X-Consul-Index */
    unsigned retry_after_s;           /* 0: not said */
};

bool exchange_begin(void);
void exchange_end(void);
const char *exchange_library_version(void);

/* Borrows `stop_fd`, which can be read once this program is to end (-1: none), and `ca_file` of authorities that are trusted instead
 * of the system's (NULL: those). Fails: NULL, without memory. */
struct exchange *exchange_open(int stop_fd, const char *ca_file);
void exchange_close(struct exchange *exchange);

/* Fails: false, `problem` gets why, without whom it is about; the answer is empty then. Frees nothing: exchange_answer_fini. */
bool exchange_run(struct exchange *exchange, const struct exchange_request *request,
                  struct exchange_answer *answer, struct text *problem);

void exchange_answer_fini(struct exchange_answer *answer);

/* Waits so long. False: this program is to end. */
bool exchange_wait(struct exchange *exchange, unsigned ms);
bool exchange_is_stopped(const struct exchange *exchange);

/* From now on that it is to end counts no more, and no request takes longer than `ms`: what is said at the very end. */
void exchange_say_farewell(struct exchange *exchange, unsigned ms);

/* "HOST[:PORT]" of a URL, for people. */
void exchange_host(const char *url, char out[EXCHANGE_FIELD_BYTES]);

#endif
