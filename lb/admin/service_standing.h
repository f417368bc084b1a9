/* What was ordered of services, for pages. Pure; borrows. */
#ifndef LB_ADMIN_SERVICE_STANDING_H
#define LB_ADMIN_SERVICE_STANDING_H

#include "lb/base/json_writer.h"
#include "lb/observe/prometheus_text.h"
#include "lb/pool/pool.h"
#include "lb/pool/pool_wanted.h"

/* Fields of an object: "paused_for_ms" and "ordered_share", each only where it is so. */
void service_standing_write(const struct pool_wanted *wanted, const char *service, uint64_t now_ms,
                            struct json_writer *json);

/* An array of objects: the services that are paused, and for how long still. */
void service_standing_write_paused(const struct pool_wanted *wanted, uint64_t now_ms,
                                   struct json_writer *json);

/* The same as families of metrics; nothing where none is paused. */
void service_standing_write_metrics(const struct pool_wanted *wanted, uint64_t now_ms,
                                    struct prometheus_text *writer);

/* ", paused by admin for 12.0 s more, so that new requests wait", where it is; of other kinds than HTTP
 * connections or flows wait. */
void service_standing_append_pause(uint64_t paused_until_ms, uint64_t now_ms,
                                   enum service_kind kind, struct text *out);

/* "shop 50 %, next 50 % by order (the others get it, as it has no servers)": the shares of a rule that
 * are in force. */
void service_standing_append_shares(const struct routes_group *group,
                                    const struct pool_wanted *wanted, struct text *out);

#endif
