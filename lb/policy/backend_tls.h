/* How this thread speaks TLS to servers: a struct tls_client for each way that services say, made when it is first
 * needed, of the files of the picture at hand. Thread: the one that has it. */
#ifndef LB_POLICY_BACKEND_TLS_H
#define LB_POLICY_BACKEND_TLS_H

#include "lb/contract/upstream_tls.h"
#include "lb/policy/library.h"
#include "lb/tls/tls_client.h"

/* More ways than this are not kept at a time: each has memory for what it trusts. */
#define BACKEND_TLS_MAX 256u

struct backend_tls_way;

/* Zeroed memory is a good start. */
struct backend_tls {
    struct library *library;      /* one reference; NULL: no file is known */
    struct backend_tls_way *ways; /* latest used first */
    unsigned count;
    uint64_t version; /* of the files; what was made of others is looked at again */
};

/* The files are these now. Takes a reference. Ways whose files are the same stay as they are. */
void backend_tls_take_library(struct backend_tls *tls, struct library *library);

/* The one for servers of a service that says `said`; `host` is the name by which the operator has named this server
 * (NULL: none), and counts where the service names none. Equal ones are one object, until a file of theirs changes.
 * Borrowed: stays until the next call, see tls_client_ref. NULL: there is none, and `*problem` (which may be NULL) is a
 * sentence why, borrowed as long. */
struct tls_client *backend_tls_find(struct backend_tls *tls, const struct upstream_tls *said,
                                    const char *host, const char **problem);

void backend_tls_fini(struct backend_tls *tls);

#endif
