/* /pool: the state of the pool as JSON. */
#ifndef LB_ADMIN_POOL_PAGE_H
#define LB_ADMIN_POOL_PAGE_H

#include "lb/admin/explain_walk.h"
#include "lb/admin/process_facts.h"
#include "lb/certs/certs_picture.h"
#include "lb/follow/membership.h"
#include "lb/observe/metrics.h"
#include "lb/pool/pool.h"

#define POOL_PAGE_SOURCE_BYTES sizeof("file+swarm+docker+consul+static")

/* Where lb is asked by HTTP. */
struct pool_page_door {
    const char *protocol; /* "http", "https" or "admin" */
    struct address at;
};

struct pool_page {
    struct pool *pool;                   /* NULL: none yet */
    const struct membership *membership; /* what was left out, when a line came */
    uint64_t now_ms;                     /* the loop's clock */
    const struct metrics *totals;        /* of all workers */
    char source[POOL_PAGE_SOURCE_BYTES]; /* "docker", "file+consul", "static" */
    unsigned discovery_start_count;      /* 0: no discovery process */
    unsigned worker_count;
    const struct process_facts *process; /* NULL: nothing is known of it */
    bool is_shutting_down;
    const struct listener_standings *listeners; /* of TCP and UDP; NULL: not known */
    const struct pool_page_door *doors;
    unsigned door_count;
    const struct certs_picture *certificates; /* NULL: there are no directories of them */
};

/* Appends the page to `out`. Borrows everything. Thread: control. */
void pool_page_write(const struct pool_page *page, struct text *out);

/* Parts of it: discovery and totals as objects, and the fields of what went through a service of TCP or UDP. The age
 * of the last line is another one each time. */
void pool_page_write_discovery(const struct pool_page *page, bool with_age,
                               struct json_writer *json);
void pool_page_write_passing(const struct service *service, struct json_writer *json);
void pool_page_write_totals(const struct pool_page *page, struct json_writer *json);

#endif
