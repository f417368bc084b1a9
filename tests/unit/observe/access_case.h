/* A record as a usual request leaves it, for tests to change. */
#ifndef TESTS_UNIT_OBSERVE_ACCESS_CASE_H
#define TESTS_UNIT_OBSERVE_ACCESS_CASE_H

#include "lb/observe/access_line.h"

static inline struct record access_case(void)
{
    return (struct record){.end = ERR_OK,
                           .status = 200,
                           .attempt_count = 2,
                           .replay_count = 1,
                           .retried_after = UINT64_C(1) << ERR_REFUSED | UINT64_C(1)
                                                                             << ERR_UPSTREAM_RESET,
                           .request_body_bytes = 12,
                           .response_body_bytes = 345,
                           .start_wall_ns = UINT64_C(1795314600123456789),
                           .total_ns = 5004321,
                           .queue_ns = 1000000,
                           .connect_ns = 250000,
                           .first_byte_ns = 4500999,
                           .request_id = VIEW("0123456789abcdef"),
                           .trace_id = VIEW("0af7651916cd43dd8448eb211c80319c"),
                           .method = VIEW("GET"),
                           .target = VIEW("/a/b?c=d&e=f"),
                           .host = VIEW("example.com:8000"),
                           .user_agent = VIEW("curl/8.1 (x; y)"),
                           .referrer = VIEW("https://example.org/from"),
                           .minor_version = 1,
                           .client_ip = VIEW("203.0.113.7"),
                           .peer_ip = VIEW("172.18.0.1"),
                           .peer_port = 40112,
                           .route = VIEW("example.com/a"),
                           .service = VIEW("appserver"),
                           .endpoint_name = VIEW("appserver1"),
                           .endpoint_id = VIEW("3f0c5e"),
                           .endpoint_address = VIEW("172.19.0.2:8080")};
}

/* One to a database, of a server name, which another endpoint had refused. */
static inline struct record access_case_connection(void)
{
    return (struct record){.kind = RECORD_CONNECTION,
                           .end = ERR_OK,
                           .attempt_count = 2,
                           .retried_after = UINT64_C(1) << ERR_REFUSED,
                           .request_body_bytes = 1200,
                           .response_body_bytes = 9876543,
                           .start_wall_ns = UINT64_C(1795314600123456789),
                           .total_ns = UINT64_C(61000000000),
                           .queue_ns = 1000000,
                           .connect_ns = 250000,
                           .first_byte_ns = 4500999,
                           .host = VIEW("a.test"),
                           .client_ip = VIEW("203.0.113.7"),
                           .peer_ip = VIEW("172.18.0.1"),
                           .peer_port = 40112,
                           .listener = VIEW("0.0.0.0:443"),
                           .service = VIEW("db"),
                           .endpoint_name = VIEW("db1"),
                           .endpoint_id = VIEW("3f0c5e"),
                           .endpoint_address = VIEW("172.19.0.2:5432")};
}

/* Questions of a resolver. */
static inline struct record access_case_flow(void)
{
    return (struct record){.kind = RECORD_FLOW,
                           .end = ERR_IDLE,
                           .attempt_count = 1,
                           .request_body_bytes = 80,
                           .response_body_bytes = 300,
                           .request_datagram_count = 2,
                           .response_datagram_count = 3,
                           .start_wall_ns = UINT64_C(1795314600123456789),
                           .total_ns = UINT64_C(30004000000),
                           .queue_ns = RECORD_NEVER,
                           .connect_ns = RECORD_NEVER,
                           .first_byte_ns = 800000,
                           .client_ip = VIEW("172.18.0.1"),
                           .peer_ip = VIEW("172.18.0.1"),
                           .peer_port = 40112,
                           .listener = VIEW("[::]:53"),
                           .service = VIEW("dns"),
                           .endpoint_name = VIEW("dns1"),
                           .endpoint_id = VIEW("3f0c5e"),
                           .endpoint_address = VIEW("172.19.0.2:53")};
}

#endif
