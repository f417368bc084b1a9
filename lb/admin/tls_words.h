/* What people are told of endpoints by https: who is believed to be them. Pure. */
#ifndef LB_ADMIN_TLS_WORDS_H
#define LB_ADMIN_TLS_WORDS_H

#include "lb/base/json_writer.h"
#include "lb/base/text.h"
#include "lb/pool/endpoint.h"

/* "its certificate is not verified"; nothing for one that gets its requests otherwise. */
void tls_words_append(const struct endpoint *endpoint, struct text *out);

/* The same as a member "tls". */
void tls_words_write(const struct endpoint *endpoint, struct json_writer *json);

#endif
