/* All flows of a worker: found by client and listener, bounded in number. Where there is no room, the flow that has
 * been silent for longest gives way, first of those whose last word was an answer; a client that has more
 * than its share of all (of IPv6 a /64) makes room from its own. Thread: worker. */
#ifndef LB_PROXY_FLOW_TABLE_H
#define LB_PROXY_FLOW_TABLE_H

#include "lb/base/siphash.h"
#include "lb/net/datagram_watch.h"
#include "lb/proxy/flow_state.h"

#define FLOW_COUNT_USUAL  4096u
#define FLOW_CLIENT_SHARE 8u /* an eighth of all, while there is no room */

#define FLOW_TABLE_BUCKETS 65536u /* flows have a local port each: there cannot be more */

/* What may be kept of datagrams that wait for an answer. */
#define FLOW_KEPT_BYTES_MAX (4u << 20)

/* Flows of one client. */
struct flow_client {
    struct flow_client *next; /* in its bucket */
    uint64_t number;          /* address_client_number */
    unsigned count;
    struct list flows;
};

struct flow_table {
    struct env *env;
    struct datagram_watch watch;
    struct datagram_tray *tray;  /* of what is passed on just now, one way or the other */
    struct datagram_tray *spare; /* for answers while that is in use; NULL: there were none yet */
    struct flow *owners[DATAGRAM_TRAY_COUNT]; /* of the answers in it, that are yet to be sent */
    unsigned answer_count;
    struct siphash_key key;
    struct flow **buckets;
    struct flow_client **client_buckets;
    unsigned count;
    struct list waiting;  /* the client has spoken last */
    struct list answered; /* the endpoint has */
    struct list gates;
    uint32_t gate_number; /* of the latest */
    size_t kept_bytes;
    struct slab flow_slab;
    struct slab client_slab;
    /* One has to give way, for lack of descriptors; not to the flow that is at work. */
    void (*end)(struct flow *flow, enum err end);
};

/* NULL: the loop cannot watch more; `*status` is a negative libuv error. To be handed to flow_table_free; in between
 * the watch is closed. */
struct flow_table *flow_table_new(struct env *env, int *status);

/* There are no flows any more, and the watch is closed since a turn of the loop. NULL is allowed. */
void flow_table_free(struct flow_table *table);

/* What a datagram that came to a gate belongs to. */
void flow_table_key(const struct flow_gate *gate, const struct datagram *item,
                    struct flow_key *out);
struct flow *flow_table_find(const struct flow_table *table, const struct flow_key *key);

/* Gives a flow that is zeroed but for its key, its client and its place in the table, in which it waits. */
struct flow *flow_table_add(struct flow_table *table, const struct flow_key *key,
                            const struct address *client);

/* Takes it out, and frees it. */
void flow_table_remove(struct flow_table *table, struct flow *flow);

/* It has just spoken. */
void flow_table_touch(struct flow_table *table, struct flow *flow, bool is_waiting);

/* Which flow is to give way to a new one of that client, or for lack of descriptors. NULL: none has to, or
 * there is no other than `but`. */
struct flow *flow_table_surplus(const struct flow_table *table, const struct address *client);
struct flow *flow_table_oldest(const struct flow_table *table, const struct flow *but);

#endif
