/* What one dialect says of a container, as it was found: what is unset it does not say. */
#ifndef DISCOVERY_DIALECT_STATEMENT_H
#define DISCOVERY_DIALECT_STATEMENT_H

#include <jansson.h>

#include "discovery/dialect/claims.h"
#include "discovery/dialect/offers.h"
#include "lb/base/view.h"

#define STATEMENT_PORTS_MAX  16
#define STATEMENT_FROM_BYTES 32

/* Where a dialect looks; all is borrowed, and of any type: wrong ones hold nothing. */
struct statement_source {
    const json_t *labels;      /* an object, or NULL */
    const json_t *environment; /* an array of "NAME=value", or NULL */
    const json_t *exposed;     /* {"80/tcp":{}}, or NULL */
    const char *name;          /* of the container; NULL: not known */
    bool is_of_tags;           /* of an entry of a catalog: the labels were made of its tags */
    bool is_registered;        /* a catalog gets it, too: words for that are told about elsewhere */
    /* NULL: as without any. */
    const struct nginx_proxy_settings *nginx_proxy;
    const struct traefik_settings *traefik;
};

/* The name of a service, as it is written. */
struct statement_name {
    char *text;                      /* owned; not empty; NULL: none */
    char from[STATEMENT_FROM_BYTES]; /* the word that says so */
};

struct statement {
    bool lets_in;      /* asks not to be left out, whatever later dialects say */
    char *disabled_by; /* asks to be left out, with this; or NULL */
    struct statement_port {
        uint16_t number;
        const char *from;         /* "the label lb.port"; a constant */
    } ports[STATEMENT_PORTS_MAX]; /* that it offers; none: whichever there are */
    size_t port_count;
    const char *protocol; /* that its own ports speak: a constant; NULL: not said */
    char *port_problem;   /* a sentence when a port given is none, else NULL */
    struct statement_name service;
    bool has_options;
    struct offer_options options;
    char *problem; /* a sentence about the first other word that cannot be used, or NULL */
    char *remark;  /* a sentence about words that are not known, or NULL */
    struct claims claims;
};

/* What it says of one port. */
struct statement_of_port {
    struct statement_name service;
    char ignored_by[STATEMENT_FROM_BYTES]; /* the word that leaves it out, or "" */
};

/* Says nothing. */
void statement_init(struct statement *statement);
void statement_fini(struct statement *statement);
void statement_of_port_fini(struct statement_of_port *statement);

/* Sets it, unless `value`, cut from spaces, is empty: `SERVICE_NAME=${UNSET}` is a common way to
 * write nothing. */
void statement_set_name(struct statement_name *name, const char *value, const char *from);

/* Adds a port by its number as text; what is no number from 1 to 65535 is the port problem, empty
 * text is nothing. `word` is for the problem, `from` for the port. */
void statement_add_port(struct statement *statement, struct view text, const char *word,
                        const char *from);

/* `word=value` as it stands on the container, made fit to be shown. Gives: free it. */
char *statement_quote(const char *word, struct view value);

/* `word="value" cannot be used: accepted`. Gives: free it. */
char *statement_complain(const char *word, struct view value, const char *accepted);

/* The same, told as a remark. */
void statement_remark(struct claims *claims, const char *word, struct view value,
                      const char *accepted);

#endif
