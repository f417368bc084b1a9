/* What shows that a name is ours: a file for HTTP-01 (RFC 8555 § 8.3), a certificate for TLS-ALPN-01 (RFC 8737). lb-proxy finds it in
 * the folders; with others beside it, it travels to theirs. */
#ifndef ACME_CHALLENGE_H
#define ACME_CHALLENGE_H

#include "acme/disk.h"
#include "acme/sharing.h"
#include "acme/trouble.h"

enum challenge_kind { CHALLENGE_HTTP, CHALLENGE_ALPN };

struct challenge_desk {
    char http_folder[DISK_PATH_BYTES], alpn_folder[DISK_PATH_BYTES];
    struct sharing *sharing; /* borrowed; NULL: nobody else answers */
};

/* "http-01" or "tls-alpn-01". */
const char *challenge_word(enum challenge_kind kind);

/* Letters, digits, "-" and "_" (RFC 8555 § 8.3), 8 to 200 of them: it becomes the name of a file. */
bool challenge_is_token(const char *token);

/* Fails: false, with `trouble`. */
bool challenge_put(const struct challenge_desk *desk, enum challenge_kind kind, const char *name,
                   const char *token, struct view authorization, struct trouble *trouble);
void challenge_remove(const struct challenge_desk *desk, enum challenge_kind kind, const char *name,
                      const char *token);

/* What an earlier process left. */
void challenge_sweep(const struct challenge_desk *desk);

#endif
