/* The addresses that a request came through, as X-Forwarded-For lists them: the client, then proxy
 * after proxy. What stands in it is foreign, and need not be an address. */
#ifndef LB_HTTP_FORWARDED_FOR_H
#define LB_HTTP_FORWARDED_FOR_H

#include "lb/base/cidr.h"

/* Which addresses are those of proxies whose word is believed. Borrows. */
struct trust {
    const struct cidr *cidrs;
    unsigned count;
};

/* Cuts the last element off `*chain`, whose ptr is NULL after the first that is not empty; views
 * into it. What is empty before the last element is skipped. */
struct view forwarded_for_cut(struct view *chain);

/* The nearest element that is no trusted proxy, as it stands there; else the first. */
struct view forwarded_for_client(struct view chain, const struct trust *trust);

/* The IP address in an element, without port and brackets; empty: there is none. */
struct view forwarded_for_ip(struct view element);

#endif
