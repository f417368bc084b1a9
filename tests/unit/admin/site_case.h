/* A pool as an admin page sees it, without workers and connections: its lines of discovery are the
 * test's, first contacts succeed when a test says so. Includes cmocka. */
#ifndef TESTS_UNIT_ADMIN_SITE_CASE_H
#define TESTS_UNIT_ADMIN_SITE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/follow/publisher.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define SITE_TIME_NS 1795312345123456789u
#define SITE_TIME    "2026-11-22T01:52:25.123456Z"

/* Ready, draining, unhealthy; of another service; left out, one of them with a name to beware of.
 */
static const char site_line[] =
    "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":["
    "{\"id\":\"4f9cab\",\"name\":\"web1\",\"address\":\"127.0.0.3\",\"port\":8484,\"weight\":7,"
    "\"state\":\"ready\",\"cause\":\"start\",\"port_from\":\"the label lb.port\"},"
    "{\"id\":\"77aacd\",\"name\":\"web2\",\"address\":\"::1\",\"port\":65535,"
    "\"state\":\"draining\",\"cause\":\"kill\"},"
    "{\"id\":\"99ee01\",\"name\":\"web3\",\"address\":\"127.0.0.5\",\"port\":80,"
    "\"state\":\"unhealthy\",\"cause\":\"health_status\",\"health\":\"exit code 1: no db\"}]},"
    "{\"name\":\"other\",\"endpoints\":["
    "{\"id\":\"88bb01\",\"name\":\"o1\",\"address\":\"127.0.0.9\",\"port\":1,\"state\":\"ready\"}]}"
    "],\"routes\":[],\"left_out\":["
    "{\"id\":\"bad1\",\"name\":\"a\\n\\u001b[31m\\\"\\\\<b>\",\"service\":\"app\","
    "\"reason\":\"no_port\",\"detail\":\"\",\"since_ns\":1795312345123456789},"
    "{\"id\":\"99cc02\",\"name\":\"db\",\"service\":\"postgres\",\"reason\":\"no_shared_network\","
    "\"detail\":\"it is on: back\"}],"
    "\"remarks\":{\"4f9cab\":\"lb.wieght is no label of lb\"}}";

static struct loop loop;
static struct publisher publisher;

static inline void ignore_pool(void *owner, struct pool *pool)
{
    (void)owner, (void)pool;
}

static inline void ignore_ring(void *owner)
{
    (void)owner;
}

static inline int open_publisher(void **state)
{
    (void)state;
    assert_int_equal(loop_init(&loop), 0);
    publisher_init(&publisher, &(struct publisher_options){
                                   .loop = &loop,
                                   .service = "app",
                                   .policy = {.connect_timeout_ms = 1000,
                                              .far_connect_timeout_ms = 1000,
                                              .check = {.mode = CHECK_OFF, .method = "GET"}}});
    publisher_serve(&publisher, &(struct publisher_audience){
                                    .offer = ignore_pool, .ring = ignore_ring, .worker_count = 1});
    return 0;
}

static inline int close_publisher(void **state)
{
    (void)state;
    publisher_close(&publisher);
    loop_fini(&loop);
    publisher_fini(&publisher);
    return 0;
}

/* Of that name; NULL: there is none. */
static inline struct endpoint *endpoint_of(const char *name)
{
    const struct pool *pool = publisher.pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            if (strcmp(pool->services[i].endpoints[j]->name, name) == 0)
                return pool->services[i].endpoints[j];
    return NULL;
}

/* Everybody has been as it is since SITE_TIME. */
static inline void stop_clocks(void)
{
    const struct pool *pool = publisher.pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            pool->services[i].endpoints[j]->state_since_ns = SITE_TIME_NS;
}

/* First contacts with all that wait for one succeed. */
static inline void admit_all(void)
{
    const struct pool *pool = publisher.pool;
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++) {
            struct endpoint *endpoint = pool->services[i].endpoints[j];
            endpoint->is_admitted = endpoint->source_state == ENDPOINT_READY;
        }
    publisher_publish(&publisher);
    stop_clocks();
}

static inline void take_line(const char *line)
{
    assert_int_equal(publisher_take_line(&publisher, view_str(line)), MEMBERSHIP_CHANGED);
    stop_clocks();
}

static inline void take_obstacle(const char *why, const char *remedy)
{
    char line[512];
    snprintf(line, sizeof(line),
             "{\"v\":1,\"alive\":{\"connected\":false,\"events\":{},\"resyncs\":{},"
             "\"obstacle\":{\"why\":\"%s\",\"remedy\":\"%s\",\"since_ns\":%llu}}}",
             why, remedy, (unsigned long long)SITE_TIME_NS);
    assert_int_equal(publisher_take_line(&publisher, view_str(line)), MEMBERSHIP_ALIVE);
}

static inline void assert_text(struct text *text, const char *want)
{
    assert_string_equal(text_str(text), want);
    text_fini(text);
}

#endif
