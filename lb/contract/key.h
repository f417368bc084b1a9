/* The keys of the lines of lb-discovery, as discovery/FORMAT.md explains them. */
#ifndef LB_CONTRACT_KEY_H
#define LB_CONTRACT_KEY_H

/* Of a line; an endpoint has a source, too, where there are several */
#define KEY_VERSION      "v"
#define KEY_SOURCE       "source"
#define KEY_UNREAD       "unread"
#define KEY_TIME_NS      "time_ns"
#define KEY_SERVICES     "services"
#define KEY_ROUTES       "routes"
#define KEY_LEFT_OUT     "left_out"
#define KEY_LISTENERS    "listeners"
#define KEY_CERTIFICATES "certificates"
#define KEY_LOSSES       "losses"
#define KEY_REMARKS      "remarks"
#define KEY_ALIVE        "alive"

/* Of the remarks, beside the ids of containers */
#define KEY_REMARKS_FILE "file"

/* Of a service */
#define KEY_NAME      "name"
#define KEY_ENDPOINTS "endpoints"

/* Of an endpoint, and of what is left out; more of them in waits.h */
#define KEY_ID            "id"
#define KEY_CONTAINER     "container"
#define KEY_PROTOCOL      "protocol"
#define KEY_ADDRESS       "address"
#define KEY_PORT          "port"
#define KEY_ON_HOST       "on_host"
#define KEY_LOCAL         "local"
#define KEY_WEIGHT        "weight"
#define KEY_STATE         "state"
#define KEY_CAUSE         "cause"
#define KEY_CAUSE_TIME_NS "cause_time_ns"
#define KEY_CHECK         "check"
#define KEY_SLOW_START_MS "slow_start_ms"
#define KEY_MAX_INFLIGHT  "max_inflight"
#define KEY_KEEPALIVE     "keepalive"
#define KEY_SERVICE_FROM  "service_from"
#define KEY_PORT_FROM     "port_from"
#define KEY_ADDRESS_FROM  "address_from"
#define KEY_HEALTH        "health"
#define KEY_IMAGE         "image"

/* Of what is left out */
#define KEY_SERVICE  "service"
#define KEY_REASON   "reason"
#define KEY_DETAIL   "detail"
#define KEY_REMEDY   "remedy"
#define KEY_SINCE_NS "since_ns"

/* Of a route, beside service, container, why and the kinds of route.h; a service has options, too */
#define KEY_CONDITIONS     "conditions"
#define KEY_OPTIONS        "options"
#define KEY_SHARES         "shares"
#define KEY_PRIORITY       "priority"
#define KEY_RANK           "rank"
#define KEY_ANSWER         "answer"
#define KEY_STRIP          "strip"
#define KEY_ADD            "add"
#define KEY_DIALECT        "dialect"
#define KEY_LABEL          "label"
#define KEY_CONTAINER_NAME "container_name"
#define KEY_CREATED_NS     "created_ns"

/* Of a listener, beside protocol, port, service, and where it comes from as of a route */
#define KEY_LISTENER    "listener"
#define KEY_SERVER_NAME "server_name"
#define KEY_ALPN        "alpn"

/* Of a wish for a certificate, beside where it comes from as of a route */
#define KEY_NAMES "names"
#define KEY_EMAIL "email"

/* Of a condition, beside name */
#define KEY_KIND  "kind"
#define KEY_VALUE "value"
#define KEY_NOT   "not"

/* Of a sign of life */
#define KEY_CONNECTED     "connected"
#define KEY_EVENTS        "events"
#define KEY_RESYNCS       "resyncs"
#define KEY_LAST_EVENT_NS "last_event_ns"
#define KEY_LAST_SYNC_NS  "last_sync_ns"
#define KEY_SOURCES       "sources"
#define KEY_OBSTACLE      "obstacle"
#define KEY_WHY           "why"

#endif
