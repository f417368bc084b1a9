/* The listening sockets: the master binds them, lends copies to proxy processes, and keeps its own, so that what waits in
 * them outlives each process. Sockets of one address are a group, over which the kernel spreads connections
 * (SO_REUSEPORT). */
#ifndef LB_MASTER_STORE_H
#define LB_MASTER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/contract/channel.h"

#define STORE_SOCKETS_MAX 4096u

struct store_group {
    struct channel_socket key; /* count: how many there are; role "": nobody has asked for it yet */
    uint64_t asked_by;         /* the number of the process that has asked for it last */
    struct {
        uint64_t asked_by; /* 0: nobody */
        char role[16];
        struct address wanted;
        uint32_t ordinal;
        bool is_static;
    } before; /* and how it was when that one came */
    bool is_used;
    bool is_inherited; /* was there before the master: it is never closed */
    bool is_static;    /* of the settings, and not of what a world tells */
};

struct store_socket {
    int fd;
    unsigned group;
};

struct store {
    struct store_group groups[STORE_SOCKETS_MAX];
    struct store_socket sockets[STORE_SOCKETS_MAX];
    unsigned group_count, socket_count; /* of groups: as far as any was ever used */
};

/* Who asks, and what it may have. */
struct store_asker {
    uint64_t number; /* of the process */
    bool is_sealed;  /* only ports from 1024 up, or of the range */
    uint32_t port_low, port_high;
};

/* Whether what came makes sense at all: a text that ends, an address of IP, a count within bounds. */
bool store_is_sound(const struct channel_socket *wanted);

/* Finds that group, or opens it, and makes it as large as asked for. Gives its number. Fails: -errno, as bind(2)
 * does; -EACCES: a sealed process may not have it; -EMFILE: there are too many. */
int store_want(struct store *store, const struct channel_socket *wanted,
               const struct store_asker *asker);

/* Copies at most `most` of a group's descriptors, after the first `from` of them. Borrowed. Gives how many. */
unsigned store_lend(const struct store *store, unsigned group, unsigned from, int *fds,
                    unsigned most);

/* Closes the group of that name. Nothing where there is none. */
void store_drop(struct store *store, const struct channel_socket *wanted);

/* That process serves now (its sockets of the settings), or is ready (those of its world, too): closes what it has
 * not asked for. */
void store_sweep(struct store *store, uint64_t number, bool is_ready);

/* That process never came to serve: what it has asked for is again that one's who had it before, and closed where that is
 * nobody. */
void store_give_back(struct store *store, uint64_t number);

/* Takes a group's socket from elsewhere, with its name. Fails: -EMFILE, and it is closed. */
int store_adopt(struct store *store, const struct channel_socket *key, int fd);

/* Takes a bound socket that was there before the program (systemd's): who asks for its address gets it, however it is
 * called. Sets what such sockets need (does not block, close on exec). Fails: -errno, and it is left as it is: no socket of IP that
 * listens, or of datagrams. */
int store_inherit(struct store *store, int fd);

/* Closes all. */
void store_close(struct store *store);

#endif
