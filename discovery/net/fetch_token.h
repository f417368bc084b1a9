/* A header that shows each request's server who asks: "X-Consul-Token: …", from memory or from a file that is
 * read again whenever it changes. Thread: the loop's. */
#ifndef DISCOVERY_NET_FETCH_TOKEN_H
#define DISCOVERY_NET_FETCH_TOKEN_H

#include <stdint.h>
#include <time.h>

#define FETCH_TOKEN_BYTES_MAX 4096u

/* All borrowed. Zeroed memory: nothing is shown. */
struct fetch_token_options {
    const char *header; /* its name */
    const char *token;  /* NULL or "": none; what the file has comes first */
    const char *file;   /* NULL: none */
};

struct fetch_token {
    struct fetch_token_options options;
    struct timespec changed_at; /* of the file, as it was last read */
    uint64_t inode;
    int64_t size;
    char line[FETCH_TOKEN_BYTES_MAX + 128]; /* "Name: token"; "": none */
    char problem[256];                      /* a sentence on the file or the token, or "" */
};

void fetch_token_init(struct fetch_token *token, const struct fetch_token_options *options);

/* Looks whether the file has changed. Gives the header to send, NULL: none; borrowed until the next call. A
 * file that cannot be read, or holds no token, leaves what was read last; `problem` tells it. */
const char *fetch_token_look(struct fetch_token *token);

#endif
