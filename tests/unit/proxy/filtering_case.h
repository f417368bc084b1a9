/* Requests that go by a route with an option. The simulated world has endpoints of one service,
 * "appserver", and its clients are 192.0.2.7. Includes cmocka. */
#ifndef TESTS_UNIT_PROXY_FILTERING_CASE_H
#define TESTS_UNIT_PROXY_FILTERING_CASE_H

#include <stdlib.h>

#include "lb/contract/route_check.h"
#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;
static struct route_table *table;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct cidr trusted[2];

static inline void open_world(const struct env_options *options)
{
    world_open(&world, options, "r");
    client = world_client(&world);
    table = NULL;
}

static inline int set_up(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &trusted[0]));
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &trusted[1]));
    options.exchange.max_body_bytes = 100;
    open_world(&options);
    return 0;
}

static inline int set_up_trusting(void **state)
{
    struct env_options options = world_usual;
    set_up(state);
    world_close(&world);
    options.front.trust = (struct trust){trusted, COUNT(trusted)};
    open_world(&options);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    route_table_unref(table);
    return 0;
}

/* All requests go by a route with that option, of the host a.test. */
static inline void route_by(enum route_option_kind kind, const char *value)
{
    const struct route_option option = {kind, view_str(value)};
    const struct route route = {.host = {ROUTE_HOST, VIEW("a.test")},
                                .service = VIEW("appserver"),
                                .label = VIEW("the route"),
                                .options = &option,
                                .option_count = 1};
    struct text problem = TEXT_INIT;
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
    struct route_table *before = table;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

static inline void ask(const char *method, const char *target, const char *fields)
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "%s %s HTTP/1.1\r\nHost: a.test\r\n%s\r\n", method, target, fields);
    world_say(client, text_str(&request));
    text_fini(&request);
}

/* The backend gets it. */
static inline const char *assert_goes_on(void)
{
    static char heard[4096];
    snprintf(heard, sizeof(heard), "%s", world_hear(world_backend(0)));
    if (heard[0] == '\0')
        fail_msg("nothing arrives, but %.300s", world_hear(client));
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    return heard;
}

static inline void assert_begins(const char *heard, const char *begin)
{
    if (strncmp(heard, begin, strlen(begin)) != 0)
        fail_msg("not %s but %.60s", begin, heard);
}

#define TEST(name)          cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define TEST_TRUSTING(name) cmocka_unit_test_setup_teardown(name, set_up_trusting, tear_down)

#endif
