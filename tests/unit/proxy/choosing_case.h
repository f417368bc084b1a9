/* A service that takes no turns: who gets which request. Includes cmocka. */
#ifndef TESTS_UNIT_PROXY_CHOOSING_CASE_H
#define TESTS_UNIT_PROXY_CHOOSING_CASE_H

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#include <stdio.h>

static struct world world;
static struct pretend_uv_wire *client;

static inline void open_balanced_as(const struct env_options *options, const char *balance,
                                    const char *letters)
{
    world_open(&world, options, "");
    assert_true(balance_rule_parse(view_str(balance), &world.policy.balance));
    world_publish(&world, letters);
    client = world_client(&world);
}

static inline void open_balanced(const char *balance, const char *letters)
{
    open_balanced_as(&world_usual, balance, letters);
}

/* Endpoint n has the address 10.0.0.n. */
static inline unsigned endpoint_of(const struct pretend_uv_wire *wire)
{
    return ntohl(wire->peer.socket.v4.sin_addr.s_addr) & 255;
}

/* Asks, and has it answered with `answer`. Gives the endpoint; what it got is in `heard`, where that is
 * not NULL. */
static inline unsigned ask_for(const char *fields, const char *answer, char heard[1024])
{
    char request[1024];
    snprintf(request, sizeof(request), "GET /a?b HTTP/1.1\r\nHost: a\r\n%s\r\n", fields);
    world_say(client, request);
    for (unsigned i = 0; world_backend(i); i++) {
        const char *bytes = world_hear(world_backend(i));
        if (!bytes[0])
            continue;
        if (heard)
            snprintf(heard, 1024, "%s", bytes);
        world_say(world_backend(i), answer);
        return endpoint_of(world_backend(i));
    }
    return 0;
}

static inline unsigned ask(const char *fields)
{
    return ask_for(fields, OK, NULL);
}

#endif
