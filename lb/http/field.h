/* A field line of a head (RFC 9110 § 5): where it lies, and which of those known here it is. */
#ifndef LB_HTTP_FIELD_H
#define LB_HTTP_FIELD_H

#include <stdint.h>

#include "lb/base/view.h"

/* XX(name, field name in lower case, hop-by-hop: never forwarded as it came) */
#define FIELD_MAP(XX)                                                                              \
    XX(CONNECTION, "connection", true)                                                             \
    XX(KEEP_ALIVE, "keep-alive", true)                                                             \
    XX(PROXY_CONNECTION, "proxy-connection", true)                                                 \
    XX(TRANSFER_ENCODING, "transfer-encoding", true)                                               \
    XX(TE, "te", true)                                                                             \
    XX(TRAILER, "trailer", true)                                                                   \
    XX(UPGRADE, "upgrade", true)                                                                   \
    XX(HTTP2_SETTINGS, "http2-settings", true)                                                     \
    XX(PROXY, "proxy", true)                                                                       \
    XX(CONTENT_LENGTH, "content-length", false)                                                    \
    XX(HOST, "host", false)                                                                        \
    XX(DATE, "date", false)                                                                        \
    XX(EXPECT, "expect", false)                                                                    \
    XX(VIA, "via", false)                                                                          \
    XX(X_FORWARDED_FOR, "x-forwarded-for", false)                                                  \
    XX(X_FORWARDED_PROTO, "x-forwarded-proto", false)                                              \
    XX(X_FORWARDED_HOST, "x-forwarded-host", false)                                                \
    XX(X_FORWARDED_PORT, "x-forwarded-port", false)                                                \
    XX(X_REAL_IP, "x-real-ip", false)                                                              \
    XX(X_REQUEST_ID, "x-request-id", false)                                                        \
    XX(FORWARDED, "forwarded", false)                                                              \
    XX(MAX_FORWARDS, "max-forwards", false)                                                        \
    XX(USER_AGENT, "user-agent", false)                                                            \
    XX(REFERER, "referer", false)                                                                  \
    XX(ACCEPT, "accept", false)                                                                    \
    XX(TRACEPARENT, "traceparent", false)                                                          \
    XX(TRACESTATE, "tracestate", false)                                                            \
    XX(SENTRY_TRACE, "sentry-trace", false)

enum field_id {
    FIELD_OTHER,
#define XX(name, text, hop_by_hop) FIELD_##name,
    FIELD_MAP(XX)
#undef XX
        FIELD_ID_COUNT
};

/* It says something to lb. The last ones are only noted, and passed on as any other. */
static inline bool field_has_meaning(enum field_id id)
{
    return id != FIELD_OTHER && id < FIELD_USER_AGENT;
}

struct field {
    uint32_t name_at; /* also where its line begins */
    uint32_t value_at;
    uint32_t value_len; /* without surrounding white space */
    uint16_t name_len;
    uint8_t id;      /* enum field_id */
    bool is_dropped; /* hop-by-hop, by its name or because Connection names it */
};

/* The id of that field name, which is not empty; FIELD_OTHER for one unknown here. */
enum field_id field_id_of(struct view name);

/* Whether fields of that id are never forwarded as they came (RFC 9110 § 7.6.1). */
bool field_is_hop_by_hop(enum field_id id);

#endif
