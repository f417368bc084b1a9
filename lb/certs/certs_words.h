/* What the log says of one file of a directory of certificates. Thread: the keeper's. */
#ifndef LB_CERTS_CERTS_WORDS_H
#define LB_CERTS_CERTS_WORDS_H

#include "lb/base/text.h"
#include "lb/certs/certs_entry.h"

/* Its certificate is not valid yet; clients are warned of it where it is shown. */
void certs_words_tell_early(const struct certs_entry *entry);

/* It is used from now on. */
void certs_words_tell_read(const struct certs_entry *entry);

void certs_words_tell_refused(const struct certs_entry *entry);
void certs_words_tell_gone(const struct certs_entry *entry);

/* That its revocation list is over, once until there is a newer one. */
void certs_words_tell_list_end(struct certs_entry *entry, int64_t now_s);

/* The same as a sentence. */
void certs_words_append_list_end(struct text *out, int64_t end_s);

#endif
