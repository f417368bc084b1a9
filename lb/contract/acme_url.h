/* URLs of an ACME server: of its directory, and what it answers with. Pure. Thread: any. */
#ifndef LB_CONTRACT_ACME_URL_H
#define LB_CONTRACT_ACME_URL_H

#include <stdbool.h>

#include "lb/base/view.h"

#define ACME_URL_BYTES           2048u /* with its end */
#define ACME_URL_DIRECTORY_BYTES 500u  /* of a directory's, with its end */

/* https, or http to loopback; printable. What a server or an operator gives as the URL of an ACME server's. */
bool acme_url_is_safe(struct view url);

/* One that an operator gives for a directory: "production" and "staging" of Let's Encrypt too. */
bool acme_url_is_directory(struct view text);

#endif
