/* What stands in front of all else on connections of balancers that the operator named
 * (`--proxy-protocol-from`): a PROXY header, which tells whose they are. For every kind of listener.
 * Pure. Thread: worker. */
#ifndef LB_FRONT_PREFACE_H
#define LB_FRONT_PREFACE_H

#include "lb/front/front_options.h"
#include "lb/net/proxy_header.h"

enum preface_result {
    PREFACE_MORE,  /* it is not complete: ask again with what has come by then */
    PREFACE_WRONG, /* malformed or missing: to be refused with ERR_PROXY_HEADER */
    PREFACE_DONE,
};

struct preface {
    size_t len;             /* DONE: its bytes, not the client's; 0: there is none */
    struct address client;  /* DONE: who asks, from now on */
    struct address reached; /* DONE: where the client connected to; of family 0: not said */
    const char *problem;    /* WRONG: what is wrong with it. Static */
};

/* Who connects from there has to begin with one. The client, its deadlines and its share of connections
 * are to be taken by what that says. */
bool preface_is_expected(const struct front_options *options, const struct address *peer);

/* Reads all bytes that have come from such a peer, from the first on. A peer on a loopback address may
 * do without it, as probes of one's own do. */
enum preface_result preface_read(struct view bytes, const struct address *peer,
                                 struct preface *out);

#endif
