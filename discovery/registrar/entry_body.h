/* What is told to the agent of one entry: the body of PUT /v1/agent/service/register, and of a check whose
 * result the registrar tells, that of PUT /v1/agent/check/update. Pure. */
#ifndef DISCOVERY_REGISTRAR_ENTRY_BODY_H
#define DISCOVERY_REGISTRAR_ENTRY_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "discovery/registrations.h"
#include "lb/base/text.h"

/* Of a check that is fed by a HEALTHCHECK or a probe, unless --register-ttl says another: three times it may be
 * told late before it counts as lost, and a host that is gone stands in the catalog no longer than this. */
#define ENTRY_BODY_TTL_S 30u

#define ENTRY_BODY_OUTPUT_BYTES_MAX 4096u

/* Consul takes less, and acts as for this. */
#define ENTRY_BODY_DEREGISTER_MIN_MS 60000u

/* How all entries of a registrar are made. Borrowed. */
struct entry_terms {
    const char *owner;            /* as Meta has it */
    uint32_t ttl_s;               /* 0: what has no check by itself gets none */
    const char *deregister_after; /* NULL: never */
};

/* The seconds after which a check that nobody feeds is critical; 0: the registrar feeds none of this entry. */
uint32_t entry_body_ttl_s(const struct registration *item, const struct entry_terms *terms);

/* The body without the state of its check, and what it says as a number (entry_content.h). What Consul would not
 * take is left out, with sentences in `remarks`. Gives: json_decref() it. */
json_t *entry_body_make(const struct registration *item, const struct entry_terms *terms,
                        uint64_t *content, struct text *remarks);

/* Appends the body as it is sent; `status` NULL: the check begins as it says itself, or there is none. */
void entry_body_print(const json_t *body, const char *status, struct text *out);

/* Appends the result of a check: "passing", "warning" or "critical", and a sentence on it, which may be NULL. */
void entry_body_print_result(enum registration_health health, const char *output, struct text *out);

const char *entry_body_status(enum registration_health health);

#endif
