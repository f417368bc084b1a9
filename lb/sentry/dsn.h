/* Where events go, and by which key: {http|https}://PUBLIC[:SECRET]@HOST[:PORT][/PATH]/PROJECT (Sentry's "Parsing the
 * DSN"). The text is a secret: no sentence of this file quotes it, and who shows where events go shows `shown`. Pure. */
#ifndef LB_SENTRY_DSN_H
#define LB_SENTRY_DSN_H

#include <stdbool.h>

#include "lb/base/text.h"

#define DSN_BYTES_MAX     1024u
#define DSN_KEY_BYTES     129u /* with the NUL, as all of them */
#define DSN_PROJECT_BYTES 65u
#define DSN_URL_BYTES     (DSN_BYTES_MAX + 32u)

/* No pointers: it may be copied, and is to be forgotten in each copy. */
struct dsn {
    bool is_tls;
    char public_key[DSN_KEY_BYTES];
    char secret_key[DSN_KEY_BYTES]; /* "" where there is none, as with all newer servers */
    char project[DSN_PROJECT_BYTES];
    char endpoint
        [DSN_URL_BYTES]; /* of envelopes, without the keys: SCHEME://HOST[:PORT][/PATH]/api/PROJECT/envelope/ */
    char shown[DSN_URL_BYTES]; /* for people: SCHEME://HOST[:PORT][/PATH], project PROJECT */
};

/* Fails: false, and `problem` gets a sentence with what is accepted, which has nothing of `text` in it; `*out` is empty then. */
bool dsn_parse(struct view text, struct dsn *out, struct text *problem);

/* Overwrites it, so that no dump of memory has it. */
void dsn_forget(struct dsn *dsn);

#endif
