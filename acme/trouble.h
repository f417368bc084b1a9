/* Why something did not work, as a sentence with what it is about and the remedy, and when it makes sense again. */
#ifndef ACME_TROUBLE_H
#define ACME_TROUBLE_H

#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define TROUBLE_SENTENCE_BYTES 800u

enum trouble_kind {
    TROUBLE_NONE,
    TROUBLE_AWAY, /* the server cannot be reached, is in trouble itself, or does not speak ACME */
    TROUBLE_REFUSED, /* it says no */
    TROUBLE_LIMITED, /* it says: not now */
    TROUBLE_HERE,    /* of this machine: disk, memory, settings */
    TROUBLE_STOPPED, /* this program was told to end */
};

struct trouble {
    enum trouble_kind kind;
    unsigned retry_after_s; /* as the server says; 0: it does not */
    char word[64];          /* of the server's problem, "badNonce"; "": none */
    char sentence[TROUBLE_SENTENCE_BYTES];
};

void trouble_say(struct trouble *trouble, enum trouble_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A sentence for who starts lb-acme by hand: its own flags in the place of lb's, --dir of --acme-dir. */
void trouble_append_by_hand(struct text *out, struct view sentence);

/* What an answer of 400 and above says (RFC 7807, RFC 8555 § 6.7); `what` was asked for of `host`. The body is foreign. */
void trouble_read(struct trouble *trouble, unsigned status, struct view body, const char *host,
                  const char *what);

/* The same of a problem inside of an answer: the "error" of an order or a challenge; NULL: it has none. */
struct json_t;
void trouble_read_object(struct trouble *trouble, const struct json_t *problem, const char *host,
                         const char *what);

#endif
