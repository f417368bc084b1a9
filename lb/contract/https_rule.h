/* What a route, or the operator for all routes, wants of https: the words "https", "https-status", "https-port", "hsts",
 * "certificate", "default-certificate", "missing-certificate" and "client-certificate". Borrows. Pure. Thread: any. */
#ifndef LB_CONTRACT_HTTPS_RULE_H
#define LB_CONTRACT_HTTPS_RULE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define HTTPS_RULE_HSTS_BYTES_MAX 256u
#define HTTPS_RULE_USUAL_STATUS   308u
#define HTTPS_RULE_USUAL_PORT     443u

/* What becomes of requests by http, and of those by https. */
enum https_method {
    HTTPS_UNSAID,
    HTTPS_REDIRECT,   /* by http: sent to https where there is a certificate, else served */
    HTTPS_NOREDIRECT, /* both are served */
    HTTPS_NOHTTP,     /* by http: 503 where there is a certificate, else served */
    HTTPS_NOHTTPS,    /* by https: 503, or no handshake where there is no default certificate */
};

/* Whether a client must show a certificate, where its host asks for one. */
enum https_client {
    HTTPS_CLIENT_UNSAID, /* as ON, but none has to be asked for */
    HTTPS_CLIENT_ON,
    HTTPS_CLIENT_OPTIONAL,       /* none, or a good one */
    HTTPS_CLIENT_OPTIONAL_NO_CA, /* whatever it is, the backend is told */
    HTTPS_CLIENT_OFF,
};

/* Zeroed: nothing is said. */
struct https_rule {
    enum https_method method;
    enum https_client client;
    unsigned status, other_status; /* of a redirect: for GET and HEAD, and for others */
    unsigned port;                 /* where clients find https; 0: unsaid */
    struct view hsts;              /* the field's value; a NULL pointer: unsaid; empty: none */
    struct view certificate;       /* the name of the one file it may have; empty: any */
    bool distrusts_default;        /* the default certificate is none of its own */
    bool refuses_missing; /* without a certificate, too: it is redirected, or refused by http */
};

/* Each reads the value of its word. Fails: false, `problem` gets what is wrong: "is no port". */
bool https_rule_take_method(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_status(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_port(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_hsts(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_certificate(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_default(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_missing(struct view value, struct https_rule *rule, struct text *problem);
bool https_rule_take_client(struct view value, struct https_rule *rule, struct text *problem);

/* "redirect" and so on. Static. */
const char *https_rule_method_word(enum https_method method);

/* What a route says, and what the operator says of all where it does not; NULL: the route says nothing. */
struct https_rule https_rule_over(const struct https_rule *route,
                                  const struct https_rule *defaults);

/* The status of a redirect for that method. */
unsigned https_rule_status(const struct https_rule *rule, struct view method);

#endif
