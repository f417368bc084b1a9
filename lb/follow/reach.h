/* Which addresses a stranger's word may send requests to. Labels of containers are such words:
 * without the operator's leave none leads to loopback, link-local services or lb itself. */
#ifndef LB_FOLLOW_REACH_H
#define LB_FOLLOW_REACH_H

#include <jansson.h>

#include "lb/base/cidr.h"
#include "lb/base/text.h"
#include "lb/contract/listener_range.h"
#include "lb/route/listener_table.h"

#define REACH_ALLOWED_MAX 64u

struct reach {
    bool is_guarded; /* not where a file, the operator's own word, is the only source */
    struct cidr allowed[REACH_ALLOWED_MAX]; /* --allow-address */
    unsigned allowed_count;
    struct address *own; /* where lb listens */
    unsigned own_count;
    struct listener_range dynamic;          /* where it does when containers ask for it */
    const struct listener_table *listeners; /* those of its rules; borrowed; NULL: there are none */
};

/* lb listens there. */
void reach_add_own(struct reach *reach, const struct address *listener);

/* It does not listen anywhere, as far as is known. */
void reach_forget_own(struct reach *reach);

/* Whether no request (`kind`: or connection, or datagram) may go there, and then in `why` (unless NULL) what it is and what would change
 * it. `is_on_host`: discovery, and no label, found that the container is reached by a port of this
 * very host, so loopback is right. Looks at the interfaces where the port is one of lb's own. */
bool reach_refuses(const struct reach *reach, const struct address *address, enum service_kind kind,
                   bool is_on_host, struct text *why);

/* The same for an endpoint of a line of discovery, and for the port that its checks ask at. */
bool reach_refuses_object(const struct reach *reach, const json_t *endpoint, struct text *why);

#endif
