/* Claimants that say what their labels say, and contests between all of them. */
#ifndef TESTS_UNIT_DISCOVERY_CONTEST_CONTESTANTS_H
#define TESTS_UNIT_DISCOVERY_CONTEST_CONTESTANTS_H

#include <stdlib.h>
#include <string.h>

#include "discovery/contest/certificate_contest.h"
#include "discovery/contest/listener_contest.h"
#include "discovery/contest/route_contest.h"
#include "discovery/contest/service_contest.h"
#include "discovery/dialect/dialect.h"
#include "lb/base/arena.h"
#include "lb/base/memory.h"
#include "tests/unit/discovery/fixture.h"

#define CONTESTANTS_MAX 9

struct contestant {
    struct claimant claimant;
    struct engine_id id;
    struct offers offers;
};

struct contestants {
    struct contestant list[CONTESTANTS_MAX];
    struct claimant *claimants[CONTESTANTS_MAX];
    size_t count;
    struct arena shares;
    struct set set;
};

/* One that runs, and is called c. The digit, which begins its id, tells its age. */
static inline struct claimant *contestants_add(struct contestants *all, char digit,
                                               const char *labels)
{
    struct contestant *one = &all->list[all->count];
    json_t *words = json_loads(labels, 0, NULL);
    json_t *exposed = json_loads("{\"80/tcp\":{}}", 0, NULL);
    assert_non_null(words);
    assert_true(all->count < CONTESTANTS_MAX);
    dialect_read(
        &(struct dialect_container){
            .from = {words, NULL}, .exposed = exposed, .image = "x", .name = "c"},
        &one->offers);
    json_decref(words);
    json_decref(exposed);
    one->id = fixture_id(digit);
    one->claimant = (struct claimant){.offers = &one->offers,
                                      .noun = "container",
                                      .id = one->id.text,
                                      .name = "c",
                                      .created_ns = (uint64_t)(digit - '0'),
                                      .is_running = true};
    all->claimants[all->count++] = &one->claimant;
    return &one->claimant;
}

static inline void contestants_settle(struct contestants *all)
{
    set_clear(&all->set);
    route_contest_settle(all->claimants, all->count, &all->shares, &all->set);
    service_contest_settle(all->claimants, all->count, &all->set);
    listener_contest_settle(all->claimants, all->count, &all->set);
    certificate_contest_settle(all->claimants, all->count, &all->shares, &all->set);
    set_sort(&all->set);
}

static inline void contestants_fini(struct contestants *all)
{
    for (size_t i = 0; i < all->count; i++) {
        claimant_clear(&all->list[i].claimant);
        offers_fini(&all->list[i].offers);
    }
    arena_fini(&all->shares);
    set_fini(&all->set);
}

#endif
