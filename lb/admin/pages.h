/* The pages of the admin listener that only tell. */
#ifndef LB_ADMIN_PAGES_H
#define LB_ADMIN_PAGES_H

#include "lb/admin/live.h"
#include "lb/certs/certs_picture.h"
#include "lb/admin/paths.h"
#include "lb/admin/pool_page.h"
#include "lb/admin/process_facts.h"
#include "lb/admin/settings_facts.h"
#include "lb/config/config.h"
#include "lb/crew/access_log.h"
#include "lb/crew/crew.h"
#include "lb/crew/listener_standing.h"
#include "lb/follow/child.h"
#include "lb/follow/publisher.h"

/* Of --listen, --listen-tls, and the admin listener. */
#define PAGES_DOOR_MAX (2 * CONFIG_LISTEN_MAX + 1)

/* Where the pages look; all of it is borrowed. */
struct pages {
    const struct config *config; /* in force */
    struct publisher *publisher;
    const struct crew *crew;
    const struct child *child; /* NULL: no discovery process */
    const struct access_log *access_log;
    const struct listener_standings *listeners; /* NULL: none are known */
    const struct library *library;              /* NULL: not read yet */
    const struct certs_picture *certificates;   /* NULL: there are no directories of them */
    struct pool_page_door doors[PAGES_DOOR_MAX];
    unsigned door_count;
    int acme_orders_fd;             /* what lb-acme has ordered; 0 or less: nothing tells */
    struct live *live;              /* who follows /events */
    struct process_facts process;   /* its own */
    struct settings_facts settings; /* likewise */
    bool is_shutting_down;
    bool is_draining; /* and takes no orders any more */
};

/* One more place where lb is asked; `protocol` is static. */
void pages_note_door(struct pages *pages, const char *protocol, const struct address *at);

/* What workers know of https. */
struct url_https pages_https(const struct pages *pages);

/* Handlers of paths; `owner` is the struct pages. Thread: control. */
void pages_front(void *owner, const struct request *request, struct admin_answer *answer);
void pages_events(void *owner, const struct request *request, struct admin_answer *answer);
void pages_health(void *owner, const struct request *request, struct admin_answer *answer);
void pages_ready(void *owner, const struct request *request, struct admin_answer *answer);
void pages_pool(void *owner, const struct request *request, struct admin_answer *answer);
void pages_process(void *owner, const struct request *request, struct admin_answer *answer);
void pages_metrics(void *owner, const struct request *request, struct admin_answer *answer);
void pages_explain(void *owner, const struct request *request, struct admin_answer *answer);
void pages_routes(void *owner, const struct request *request, struct admin_answer *answer);
void pages_listeners(void *owner, const struct request *request, struct admin_answer *answer);
void pages_certificates(void *owner, const struct request *request, struct admin_answer *answer);
void pages_history(void *owner, const struct request *request, struct admin_answer *answer);
void pages_requests(void *owner, const struct request *request, struct admin_answer *answer);
void pages_config(void *owner, const struct request *request, struct admin_answer *answer);

/* What /pool is about; `owner` is the struct pages. Adds the counters of all workers to `*totals`,
 * which it borrows. */
struct pool_page pages_describe(const void *owner, struct metrics *totals);

#endif
