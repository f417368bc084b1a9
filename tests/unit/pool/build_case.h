/* Snapshots one after the other, from rows, and what is told of each. Includes cmocka. */
#ifndef TESTS_UNIT_POOL_BUILD_CASE_H
#define TESTS_UNIT_POOL_BUILD_CASE_H

#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

#define WORKERS 2u
static struct pool_rules rules = {.worker_count = WORKERS, .policy.panic_includes_unhealthy = true};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

struct row {
    const char *service, *id, *name, *address;
    unsigned weight;
    enum endpoint_state state;
};

/* What on_change told, one line a change: "service/id before>after". */
static struct text told;

static inline int tear_down(void **state)
{
    (void)state;
    text_fini(&told);
    return 0;
}

static inline void note(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    assert_ptr_equal(owner, &told);
    text_appendf(&told, "%s/%s %s>%s\n", endpoint->service, endpoint->id,
                 endpoint_state_word(before), endpoint_state_word(endpoint_state(endpoint)));
}

/* Builds the next snapshot, drops the one before, and compares what was told. */
static inline struct pool *build(struct pool *before, const struct row *rows, unsigned count,
                                 const char *want_told)
{
    struct pool_wanted wanted = {.endpoints = memory_new(count * sizeof(*wanted.endpoints)),
                                 .endpoint_count = count};
    for (unsigned i = 0; i < count; i++) {
        wanted.endpoints[i] = (struct pool_wanted_endpoint){.service = rows[i].service,
                                                            .id = rows[i].id,
                                                            .name = rows[i].name,
                                                            .weight = rows[i].weight,
                                                            .state = rows[i].state,
                                                            .cause = "list"};
        assert_true(address_parse(view_str(rows[i].address), &wanted.endpoints[i].address));
    }
    text_clear(&told);
    struct pool *pool = pool_build(before, &wanted, &rules);
    pool_build_settle(pool, before, note, &told);
    assert_int_equal(pool->version, before ? before->version + 1 : 1);
    if (want_told)
        assert_string_equal(text_str(&told), want_told);
    free(wanted.endpoints);
    pool_unref(before);
    return pool;
}

static inline struct pool *build_wanted(const struct pool *before, struct pool_wanted *wanted)
{
    struct pool *pool = pool_build(before, wanted, &rules);
    pool_build_settle(pool, before, note, &told);
    return pool;
}

static inline struct endpoint *find(const struct pool *pool, const char *service, const char *id)
{
    const struct pool_service *found = pool_find(pool, view_str(service));
    for (unsigned i = 0; found && i < found->endpoint_count; i++)
        if (strcmp(found->endpoints[i]->id, id) == 0)
            return found->endpoints[i];
    return NULL;
}

static inline bool is_in_rotation(const struct pool *pool, const struct endpoint *endpoint)
{
    const struct pool_service *service = pool_find(pool, view_str(endpoint->service));
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (service->rotation[i] == endpoint)
            return true;
    return false;
}

#endif
