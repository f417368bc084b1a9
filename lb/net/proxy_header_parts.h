/* What a PROXY header says, in either version. For proxy_header.h and what reads the versions. */
#ifndef LB_NET_PROXY_HEADER_PARTS_H
#define LB_NET_PROXY_HEADER_PARTS_H

#include "lb/base/address.h"

#define PROXY_HEADER_V1_BYTES_MAX      107u
#define PROXY_HEADER_BYTES_MAX         4096u /* of version 2, with all that it tells besides */
#define PROXY_HEADER_WRITTEN_BYTES_MAX PROXY_HEADER_V1_BYTES_MAX /* of either version */

enum proxy_header_result {
    PROXY_HEADER_MORE,    /* it is not complete: ask again with what has come by then */
    PROXY_HEADER_NOT_ONE, /* what stands here is no such header, as its first bytes tell */
    PROXY_HEADER_WRONG,   /* it begins like one, and is none */
    PROXY_HEADER_DONE,
};

struct proxy_header {
    size_t len;         /* DONE: its bytes; what follows them is the client's */
    bool has_addresses; /* DONE; else the sender asks for itself (LOCAL), or does not know */
    struct address source, destination; /* if it has them */
    const char *problem;                /* WRONG: what is wrong with it. Static */
};

#endif
