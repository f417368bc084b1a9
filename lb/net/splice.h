/* Bytes on their way from one socket to another inside the kernel: a pipe that splice(2) fills from
 * the one and empties into the other, so that a large body is never copied. stream.h uses it. Pipes
 * are kept for reuse; there is one pool per loop and thread. */
#ifndef LB_NET_SPLICE_H
#define LB_NET_SPLICE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SPLICE_PIPE_BYTES 262144u /* what a pipe takes at most */
#define SPLICE_COUNT_MAX  128u    /* of a loop; the kernel lets a user have 64 MiB in pipes */
#define SPLICE_KEPT_MAX   16u     /* that wait to be used again */

/* So much of a body must be left for a pipe to be worth its system calls. */
#define SPLICE_WORTH_BYTES 131072u

struct splice {
    struct splice_pool *pool;
    struct splice *next; /* for the list of kept ones */
    int read_fd;
    int write_fd;
    size_t len;    /* bytes in the pipe */
    uint64_t left; /* bytes that the source may still put in */
};

/* Zeroed memory is an empty pool that has no pipes to give. */
struct splice_pool {
    struct splice *kept;
    unsigned kept_count;
    unsigned count;     /* all, kept or out */
    size_t *held_bytes; /* what is in all pipes is added to it; NULL: nobody counts */
    unsigned max_count; /* of these; at most SPLICE_COUNT_MAX is sensible */
};

/* Closes what is kept. All splices must have been given back. */
void splice_pool_fini(struct splice_pool *pool);

/* An empty pipe for `left` bytes. Gives: to be handed to splice_give. NULL: descriptors ran out, or
 * too many are in use, or the kernel grants no more memory for pipes; copy then. */
struct splice *splice_take(struct splice_pool *pool, uint64_t left);

/* Takes it back with all that is in it. NULL is allowed. */
void splice_give(struct splice_pool *pool, struct splice *splice);

/* Moves what is there, `most` bytes at most, from `fd` into the pipe, which must be empty, or from
 * the pipe into `fd`, or copies from the pipe to memory. Gives how many bytes; 0: the end of `fd`.
 * Fails: -errno, -EAGAIN where it would have to wait, or cannot move them into `fd`: splice_read
 * can. */
ssize_t splice_fill(struct splice *splice, int fd, size_t most);
ssize_t splice_empty(struct splice *splice, int fd);
ssize_t splice_read(struct splice *splice, char *bytes, size_t len);

#endif
