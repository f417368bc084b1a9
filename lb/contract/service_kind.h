/* How a service is served. Pure. Thread: any. */
#ifndef LB_CONTRACT_SERVICE_KIND_H
#define LB_CONTRACT_SERVICE_KIND_H

#include "lb/base/view.h"

/* By requests, by connections, or by datagrams. One name may be served in each
 * of these ways; they are services of their own then. */
enum service_kind { SERVICE_HTTP, SERVICE_TCP, SERVICE_UDP, SERVICE_KIND_COUNT };

/* "http", "tcp" or "udp". Static. */
const char *service_kind_word(enum service_kind kind);

/* SERVICE_KIND_COUNT for other words. */
enum service_kind service_kind_parse(struct view word);

#endif
