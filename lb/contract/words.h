/* Text that is words with white space between, as the values of labels and flags are. Pure; borrows. */
#ifndef LB_CONTRACT_WORDS_H
#define LB_CONTRACT_WORDS_H

#include "lb/base/view.h"

/* Cuts the next word off `*rest`; empty: there is none. */
struct view words_next(struct view *rest);

/* Whether it can be the name of a field or of a cookie: a token, RFC 9110 § 5.6.2. */
bool words_is_token(struct view word);

/* Copies it with a NUL into `field`, whose `size` bytes are zeroed. Fails: false, it is empty or too
 * long. */
bool words_keep(struct view word, char *field, size_t size);

#endif
