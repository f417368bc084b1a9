/* A loop of pretend and the servers that lb/health looks at, which say what a test says. Includes
 * cmocka. */
#ifndef TESTS_UNIT_HEALTH_HEALTH_CASE_H
#define TESTS_UNIT_HEALTH_HEALTH_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "lb/net/loop.h"
#include "lb/pool/endpoint.h"
#include "tests/sim/world.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* The wheel fires within two of its ticks. */
#define SLACK_MS 40u

static struct loop loop;

/* Of all endpoints. */
static struct service_policy *policy;

static inline int open_loop(void **state)
{
    (void)state;
    pretend_uv_init(&world_hooks);
    assert_int_equal(loop_init(&loop), 0);
    policy = service_policy_new(&(struct service_policy){0});
    return 0;
}

/* All connections must have been let go. */
static inline int close_loop(void **state)
{
    (void)state;
    pretend_uv_settle();
    service_policy_unref(policy);
    loop_fini(&loop);
    pretend_uv_fini();
    pretend_uv.loop = NULL;
    return 0;
}

static inline struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(view_str(text), &address));
    return address;
}

static inline struct check usual_check(enum check_mode mode)
{
    return (struct check){.mode = mode,
                          .interval_ms = 10000,
                          .timeout_ms = 1000,
                          .rise = 2,
                          .fall = 3,
                          .status_count = 1,
                          .statuses = {{200, 399}},
                          .method = "GET",
                          .path = "/up"};
}

static inline struct endpoint *new_endpoint(const char *address)
{
    struct endpoint *endpoint =
        endpoint_new(&(struct endpoint_options){.id = address,
                                                .name = "one",
                                                .service = "s",
                                                .address = address_of(address),
                                                .weight = 1,
                                                .worker_count = 1});
    endpoint->policy = service_policy_ref(policy);
    return endpoint;
}

/* Of all connections that lb ever began. */
static inline unsigned connect_count(void)
{
    return pretend_uv.wire_count;
}

static inline struct pretend_uv_wire *latest(void)
{
    return connect_count() > 0 ? world_backend(connect_count() - 1) : NULL;
}

#endif
