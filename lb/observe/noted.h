/* A request, connection or flow that is kept for people after it has ended: a copy of what they are told of its record,
 * cut to what it has room for, without query and fields. Its texts are strangers' bytes. 752 bytes. */
#ifndef LB_OBSERVE_NOTED_H
#define LB_OBSERVE_NOTED_H

#include "lb/observe/record.h"

struct noted {
    uint64_t end_ns; /* wall clock */
    uint64_t total_ns;
    uint64_t retried_after; /* as in a record */
    enum record_kind kind;
    enum err end;
    unsigned status;
    unsigned attempt_count;
    bool is_by_tls; /* the client came so */
    char request_id[64];
    char client[48];
    char listener[64]; /* empty: of HTTP */
    char route[80];
    char service[80];
    char endpoint_id[80]; /* the last attempt's; its own one */
    char endpoint_name[80];
    char method[16];
    char host[64];
    char path[128];
};

/* Thread: any. */
void noted_take(struct noted *noted, const struct record *record);

#endif
