/* A Consul agent: its KV store and its sessions. API: Consul's HTTP API, /v1/kv and /v1/session. */
#ifndef ACME_CONSUL_H
#define ACME_CONSUL_H

#include <jansson.h>

#include "acme/exchange.h"
#include "acme/trouble.h"

#define CONSUL_DEFAULT_URL   "http://127.0.0.1:8500"
#define CONSUL_PREFIX        "lb/acme/"
#define CONSUL_SESSION_BYTES 64u
#define CONSUL_VALUE_MAX     524288u /* as Consul has it */
#define CONSUL_TOKEN_BYTES   4096u

struct consul {
    struct exchange *exchange; /* borrowed */
    char url[EXCHANGE_URL_BYTES];
    char socket_path[108];               /* "": none */
    char field[CONSUL_TOKEN_BYTES + 32]; /* X-Consul-Token: ...; "": none */
    const char *ca_file;                 /* borrowed from the environment; NULL: the system's */
};

/* http://, https://, unix://, consul://, consul-tls://, consul-unix:// or HOST:PORT; "": the default, or CONSUL_HTTP_ADDR. The token
 * comes from CONSUL_HTTP_TOKEN or the file of CONSUL_HTTP_TOKEN_FILE, authorities from CONSUL_CACERT. Fails: false, `problem` says
 * what is wrong. */
bool consul_open(struct consul *consul, struct exchange *exchange, const char *url,
                 struct text *problem);

/* A request to `path`, such as "kv/lb/acme/x?recurse". Fails: false, with `trouble`: no answer, or neither 200 nor 404. */
bool consul_ask(struct consul *consul, const char *method, const char *path, struct view body,
                struct exchange_answer *answer, struct trouble *trouble);

/* The same of which the answer is true or false. */
bool consul_ask_truth(struct consul *consul, const char *method, const char *path, struct view body,
                      bool *is_true, struct trouble *trouble);

/* Gives a session that ends a minute after it was last renewed. Fails: false, with `trouble`. */
bool consul_make_session(struct consul *consul, const char *name, char out[CONSUL_SESSION_BYTES],
                         struct trouble *trouble);

#endif
