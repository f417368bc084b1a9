/* On which terms a worker speaks TLS with clients. Thread: worker, or before it. */
#ifndef LB_PROXY_TLS_TERMS_H
#define LB_PROXY_TLS_TERMS_H

#include "lb/base/text.h"
#include "lb/proxy/env.h"

/* Copies the options, and makes env->tls_server where it has to be another one. Fails: false with `problem`, and all stays. */
bool tls_terms_take(struct env *env, const struct env_tls_options *options, struct text *problem);

#endif
