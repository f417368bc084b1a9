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

#endif
