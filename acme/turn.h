/* Of several that share a folder, or a Consul, one orders at a time. In a folder: a lock on DIR/lock (flock), and in it until when
 * its holder wants it, for file systems that keep locks to themselves. In Consul: a session's lock on lb/acme/lock. */
#ifndef ACME_TURN_H
#define ACME_TURN_H

#include "acme/consul.h"
#include "acme/disk.h"

#define TURN_LEASE_S 60
#define TURN_RENEW_S 15

struct turn {
    char folder[DISK_PATH_BYTES];
    char holder[128];      /* who we are */
    int fd;                /* of the lock; -1: we do not have it */
    int64_t renewed_s;     /* when the lease was written last */
    struct consul *consul; /* borrowed; NULL: the folder's lock alone */
    char session[CONSUL_SESSION_BYTES];
    bool is_locked; /* in Consul */
    bool is_ours;
};

void turn_init(struct turn *turn, const char *folder, struct consul *consul);

/* Takes it, or keeps it. False: it is another's turn, or nobody can tell: `trouble` says which. */
bool turn_take(struct turn *turn, int64_t now_s, struct trouble *trouble);

/* Gives it up, for the next one at once. */
void turn_leave(struct turn *turn);

#endif
