/* /requests: the latest requests that failed, the latest that were retried, and the slowest of the last ten minutes, of
 * all workers; also connections of TCP and flows of UDP. For the time of writing it takes 38 kB for each worker. */
#ifndef LB_ADMIN_REQUESTS_PAGE_H
#define LB_ADMIN_REQUESTS_PAGE_H

#include "lb/admin/live_differ.h"
#include "lb/admin/pool_page.h"
#include "lb/crew/crew.h"

#define REQUESTS_PAGE_MAX 50u /* of each of the three */

/* Appends the page. Borrows everything. Thread: control, as for all of this module. */
void requests_page_write(const struct crew *crew, const struct pool_page *page, struct text *out);

/* "notable" and "seen" of /events: how many were kept, and at most 20 that ended since the last look, as
 * many of each worker where all have enough. */
void requests_page_look(const struct crew *crew, const struct pool_page *page,
                        struct live_differ *differ);

/* Nobody looks on any more. */
void requests_page_rest(const struct crew *crew);

/* Forgets the slow ones that are too old: to be called every few seconds. */
void requests_page_forget_old(const struct crew *crew);

#endif
