/* A connection or a datagram that somebody asks about: "tcp://0.0.0.0:443/a.test#h2", "udp://:53". */
#ifndef LB_ADMIN_LISTENER_QUESTION_H
#define LB_ADMIN_LISTENER_QUESTION_H

#include "lb/base/text.h"
#include "lb/contract/listener_rule.h"

struct listener_question {
    enum service_kind kind;
    struct address at; /* of family 0: any address with that port */
    uint16_t port;
    struct view server_name; /* in lower case; empty: none is asked for */
    struct view alpn;
    struct text url;
};

/* Whether it is one: its URL, percent-encoded in "url=…", begins with tcp:// or udp://. */
bool listener_question_is(struct view query);

/* Reads it. What it borrows lies in `out`. To be handed to listener_question_fini either way. Fails: false,
 * `problem` gets a sentence with the remedy, in which what was given is escaped. */
bool listener_question_read(struct listener_question *out, struct view query, struct text *problem);

void listener_question_fini(struct listener_question *question);

#endif
