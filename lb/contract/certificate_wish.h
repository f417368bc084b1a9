/* That somebody wants a certificate for some names, by ACME: the same for labels (lb.tls=auto, LETSENCRYPT_HOST), files
 * and lines of discovery. Borrows all of its bytes. Pure. Thread: any. */
#ifndef LB_CONTRACT_CERTIFICATE_WISH_H
#define LB_CONTRACT_CERTIFICATE_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define CERTIFICATE_WISHES_MAX           1000u      /* of a line */
#define CERTIFICATE_WISHES_NAME_BYTES    (1u << 20) /* of all of them */
#define CERTIFICATE_WISH_NAMES_MAX       100u       /* of one, as authorities have it */
#define CERTIFICATE_WISH_NAME_BYTES_MAX  253u       /* RFC 1035 § 2.3.4, without the root */
#define CERTIFICATE_WISH_EMAIL_BYTES_MAX 254u       /* RFC 5321 § 4.5.3.1.3 */

struct certificate_wish {
    const struct view *names; /* one at least, each once; the first one is what it is called */
    unsigned name_count;
    struct view email; /* whom the authority may write to; empty: the operator */

    /* Where it comes from, as of a route; each may be empty. */
    struct view dialect;
    struct view label;
    struct view container;
    struct view container_name;
    uint64_t created_ns;
};

/* Reads a name that a certificate can have and a challenge by HTTP or TLS can prove, in lower case and without a dot
 * at its end. Fails: false, `problem` gets what is wrong and the remedy. */
bool certificate_wish_read_name(struct view text, char room[CERTIFICATE_WISH_NAME_BYTES_MAX],
                                struct view *out, struct text *problem);

/* Fails as above: one @, and no blanks, quotes or control characters. */
bool certificate_wish_check_email(struct view text, struct text *problem);

#endif
