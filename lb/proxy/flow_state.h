/* A flow as the files of flow see it. Thread: worker. */
#ifndef LB_PROXY_FLOW_STATE_H
#define LB_PROXY_FLOW_STATE_H

#include "lb/net/datagram.h"
#include "lb/policy/balance.h"
#include "lb/proxy/env.h"

/* What tells flows of a worker apart: who sends, and which of lb's addresses it sends to. Compared by its bytes. */
struct flow_key {
    unsigned char client[16];
    unsigned char local[16]; /* zeroed where the listener has one address only */
    uint32_t gate;           /* its number */
    uint32_t scope;          /* of the client's address */
    uint64_t port;           /* of the client */
    uint64_t hash;           /* of all before */
};

/* The client's latest datagram, while its endpoint has never answered: should ICMP say that nobody is
 * there, another one gets it. */
struct flow_query {
    struct balance_tried tried;
    unsigned len;
    char bytes[];
};

struct flow {
    struct flow *next; /* in its bucket */
    struct flow_key key;
    struct flow_table *table;
    struct flow_gate *gate;
    struct flow_client *holder; /* what its client has in all */
    struct list in_holder;      /* longest there first */
    struct list in_order;       /* in the table's `waiting` or `answered`, longest silent first */
    struct deadline silence;
    struct address client;
    struct address local; /* that the client has asked; see struct datagram */

    struct service_local *service; /* in use */
    struct passing *passing;       /* of this worker, for it */
    struct endpoint *endpoint;     /* one reference; NULL: it has none at the moment */
    struct endpoint *latest;       /* that it had before; one reference, while it has none */
    int fd;                        /* connected to it; -1 */
    bool has_place;                /* of an endpoint with a limit */
    bool is_heard;                 /* this endpoint has answered */
    bool is_waiting;               /* the latest datagram was the client's */
    enum err trouble;              /* why it has no endpoint */
    uint64_t version;              /* of the snapshot that it last looked at */
    struct flow_query *query;      /* NULL: nothing is kept */
    unsigned unheard_count;        /* datagrams that this endpoint has got and not answered */
    unsigned run, last_run;        /* answers since the client's latest datagram, and before it */

    uint64_t client_ms; /* when it last spoke, by the loop's clock */
    uint64_t began_ns;
    uint64_t first_answer_ns; /* 0: none has come */
    unsigned attempt_count;   /* endpoints that it had */
    uint64_t client_bytes, server_bytes;
    uint64_t client_datagram_count, server_datagram_count;
};

/* A UDP listener. */
struct flow_gate {
    struct list node; /* of the table */
    struct flow_table *table;
    uv_poll_t poll;
    int fd;
    struct address at;
    char text[ADDRESS_TEXT_BYTES];
    uint32_t number;
    unsigned flow_count;
    unsigned batch;                              /* so many datagrams are looked for at once */
    bool is_closing;                             /* no new flows */
    void (*on_deserted)(struct flow_gate *gate); /* it is closing, and the last flow is gone */
    uint64_t version;                   /* of the snapshot that `target` is of; 0: none yet */
    const struct routes_target *target; /* NULL: nothing leads anywhere from here */
    void (*on_gone)(void *owner);       /* its socket is closed; NULL: nobody waits for that */
    void *gone_owner;
};

#endif
