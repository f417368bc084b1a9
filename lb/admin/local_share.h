/* Of services that prefer local endpoints: how much goes to those, and what that is for one endpoint. Of
 * others nothing is said. Borrows. Thread: control. */
#ifndef LB_ADMIN_LOCAL_SHARE_H
#define LB_ADMIN_LOCAL_SHARE_H

#include "lb/base/json_writer.h"
#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"

/* "local_share_percent" of a service: of its requests, connections or flows, by the health of now. */
void local_share_write(const struct pool_service *service, struct json_writer *json);

/* ", on another host: local ones are preferred and get 70 % of the requests", of one that can have some. */
void local_share_append(const struct pool_service *service, const struct endpoint *endpoint,
                        struct text *out);

/* "place", the same of an endpoint without the comma. */
void local_share_write_place(const struct pool_service *service, const struct endpoint *endpoint,
                             struct json_writer *json);

/* The same as families of metrics; nothing where no service prefers any. */
void local_share_write_metrics(const struct pool *pool, struct prometheus_text *writer);

#endif
