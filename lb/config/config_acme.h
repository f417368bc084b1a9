/* Certificates that lb gets by itself. */
#ifndef LB_CONFIG_CONFIG_ACME_H
#define LB_CONFIG_CONFIG_ACME_H

#include <stdbool.h>

#include "lb/base/text.h"

enum config_acme_challenge { CONFIG_ACME_HTTP, CONFIG_ACME_ALPN };
enum config_acme_key { CONFIG_ACME_ECDSA, CONFIG_ACME_RSA };

struct config_acme {
    char *email;     /* NULL: none are got */
    char *directory; /* a URL, or "production" or "staging" */
    char *folder;
    enum config_acme_challenge challenge;
    unsigned checks; /* 1: only for names that lead here */
    char *eab_kid, *eab_key_file;
    char *ca_file;
    enum config_acme_key key;
    char *consul; /* URL of an agent, "": lb-acme's default; NULL: nothing is shared */
};

/* Whether its settings make sense together. Fails: false and a problem. Pure. Thread: any. */
bool config_acme_check(const struct config_acme *acme, struct text *problem);

#endif
