/* Base64 for URLs, without padding (RFC 4648 § 5, RFC 7515 § 2). Pure. */
#ifndef ACME_BASE64URL_H
#define ACME_BASE64URL_H

#include "lb/base/text.h"

void base64url_append(struct text *out, struct view bytes);

/* Appends what `text` stands for; "=" at the end is let pass. Fails: false where it is none, and `out` may have a part. */
bool base64url_decode(struct view text, struct text *out);

#endif
