/* From snapshot to snapshot: who stays, who is new, what is told, who may have requests. */
#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"
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

static int tear_down(void **state)
{
    (void)state;
    text_fini(&told);
    return 0;
}

static void note(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    assert_ptr_equal(owner, &told);
    text_appendf(&told, "%s/%s %s>%s\n", endpoint->service, endpoint->id,
                 endpoint_state_word(before), endpoint_state_word(endpoint_state(endpoint)));
}

/* Builds the next snapshot, drops the one before, and compares what was told. */
static struct pool *build(struct pool *before, const struct row *rows, unsigned count,
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

static struct pool *build_wanted(const struct pool *before, struct pool_wanted *wanted)
{
    struct pool *pool = pool_build(before, wanted, &rules);
    pool_build_settle(pool, before, note, &told);
    return pool;
}

static struct endpoint *find(const struct pool *pool, const char *service, const char *id)
{
    const struct pool_service *found = pool_find(pool, view_str(service));
    for (unsigned i = 0; found && i < found->endpoint_count; i++)
        if (strcmp(found->endpoints[i]->id, id) == 0)
            return found->endpoints[i];
    return NULL;
}

static bool is_in_rotation(const struct pool *pool, const struct endpoint *endpoint)
{
    const struct pool_service *service = pool_find(pool, view_str(endpoint->service));
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (service->rotation[i] == endpoint)
            return true;
    return false;
}

static void test_first(void **state)
{
    static const struct row rows[] = {
        {"b", "1", "y", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "3", "x", "10.0.0.3:80", 1, ENDPOINT_STARTING},
        {"b", "2", "x", "10.0.0.2:80", 1, ENDPOINT_DRAINING},
        {"b", "0", "y", "10.0.0.1:81", 1, ENDPOINT_READY},
    };
    struct pool *pool = build(NULL, rows, COUNT_OF(rows),
                              "a/3 gone>starting\nb/2 gone>draining\nb/0 gone>probing\n"
                              "b/1 gone>probing\n");
    (void)state;
    assert_int_equal(pool->service_count, 2);
    assert_string_equal(pool->services[0].name, "a");
    assert_string_equal(pool->services[1].name, "b");
    assert_int_equal(pool->services[1].endpoint_count, 3); /* by name, then id */
    assert_string_equal(pool->services[1].endpoints[0]->id, "2");
    assert_string_equal(pool->services[1].endpoints[1]->id, "0");
    assert_string_equal(pool->services[1].endpoints[2]->id, "1");
    assert_int_equal(pool->services[0].rotation_count, 0);
    assert_int_equal(pool->services[1].rotation_count, 0); /* nobody was admitted yet */
    assert_string_equal(find(pool, "b", "2")->cause, "list");
    pool_unref(build(pool, NULL, 0,
                     "a/3 starting>gone\nb/2 draining>gone\nb/0 probing>gone\n"
                     "b/1 probing>gone\n"));
}

static void test_stays(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_PAUSED},
    };
    struct pool *pool = build(NULL, rows, 2, "a/1 gone>probing\na/2 gone>paused\n");
    struct endpoint *first = find(pool, "a", "1"), *second = find(pool, "a", "2");
    struct service *kept = pool->services[0].kept;
    (void)state;
    endpoint_count(&first->locals[1].answers[2], 5);
    atomic_store(&kept->next_turn, 77);
    for (unsigned i = 0; i < 3; i++)
        pool = build(pool, rows, 2, "");
    assert_ptr_equal(find(pool, "a", "1"), first);
    assert_ptr_equal(find(pool, "a", "2"), second);
    assert_int_equal(endpoint_request_count(first), 5);
    assert_int_equal(first->ref_count, 1);
    assert_ptr_equal(pool->services[0].kept, kept);
    assert_int_equal(atomic_load(&kept->next_turn), 77);
    pool_unref(pool);
}

/* "ready" counts once a probe has succeeded, and again after each time that it was not ready. */
static void test_admission(void **state)
{
    struct row row = {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY};
    struct pool *pool = build(NULL, &row, 1, "a/1 gone>probing\n");
    struct endpoint *endpoint = find(pool, "a", "1");
    (void)state;
    for (unsigned i = ENDPOINT_STARTING; i < ENDPOINT_GONE; i++) {
        row.state = ENDPOINT_READY;
        assert_false(is_in_rotation(pool, endpoint));
        endpoint->is_admitted = true;
        pool = build(pool, &row, 1, "a/1 probing>ready\n");
        assert_true(is_in_rotation(pool, endpoint));
        pool = build(pool, &row, 1, "");
        assert_true(is_in_rotation(pool, endpoint));
        row.state = (enum endpoint_state)i;
        pool = build(pool, &row, 1, NULL);
        assert_int_equal(endpoint_state(endpoint), i);
        assert_false(is_in_rotation(pool, endpoint));
        row.state = ENDPOINT_READY;
        pool = build(pool, &row, 1, NULL);
        assert_int_equal(endpoint_state(endpoint), ENDPOINT_PROBING);
    }
    assert_ptr_equal(find(pool, "a", "1"), endpoint);
    pool_unref(pool);
}

static void test_gone(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
        {"b", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
    };
    struct pool *pool = build(NULL, rows, 3, NULL);
    struct endpoint *in_use = endpoint_ref(find(pool, "a", "2"));
    struct service *kept = pool_find(pool, VIEW("a"))->kept;
    (void)state;
    pool = build(pool, rows, 1, "a/2 probing>gone\nb/1 probing>gone\n");
    assert_int_equal(pool->service_count, 1);
    assert_ptr_equal(pool->services[0].kept, kept);
    assert_int_equal(endpoint_state(in_use), ENDPOINT_GONE);
    assert_int_equal(in_use->ref_count, 1);
    pool = build(pool, rows, 2, "a/2 gone>probing\n");
    assert_ptr_not_equal(find(pool, "a", "2"), in_use); /* gone is for ever */
    endpoint_unref(in_use);
    pool_unref(pool);
}

static void test_changed(void **state)
{
    static const struct {
        struct row row;
        bool stays_admitted;
    } cases[] = {
        {{"a", "1", "renamed", "10.0.0.1:80", 1, ENDPOINT_READY}, true},
        {{"a", "1", "x", "10.0.0.1:80", 9, ENDPOINT_READY}, true},
        {{"a", "1", "x", "10.0.0.1:81", 1, ENDPOINT_READY}, false},
        {{"a", "1", "x", "10.0.0.2:80", 1, ENDPOINT_READY}, false},
        {{"a", "1", "x", "[fd00::1]:80", 1, ENDPOINT_READY}, false},
        {{"b", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, false},
        {{"a", "2", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, false}, /* an address used again */
        {{"a", "1", "renamed", "10.0.0.1:80", 1, ENDPOINT_PAUSED}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const struct row row = {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY};
        const struct row *next = &cases[i].row;
        struct pool *pool = build(NULL, &row, 1, NULL);
        struct endpoint *old = endpoint_ref(find(pool, "a", "1"));
        char want[128];
        old->is_admitted = true;
        pool = build(pool, &row, 1, "a/1 probing>ready\n");
        snprintf(want, sizeof(want), "%s/%s gone>%s\na/1 ready>gone\n", next->service, next->id,
                 next->state == ENDPOINT_PAUSED ? "paused"
                 : cases[i].stays_admitted      ? "ready"
                                                : "probing");
        pool = build(pool, next, 1, want);
        struct endpoint *new = find(pool, next->service, next->id);
        assert_ptr_not_equal(new, old);
        assert_int_equal(endpoint_state(old), ENDPOINT_GONE);
        assert_string_equal(new->name, next->name);
        assert_int_equal(new->weight, next->weight);
        assert_int_equal(new->is_admitted, cases[i].stays_admitted);
        assert_int_equal(is_in_rotation(pool, new), cases[i].stays_admitted);
        endpoint_unref(old);
        pool_unref(pool);
    }
}

/* Until now its source told the container, from now on each of its ports. */
static void test_a_port_takes_over_from_its_container(void **state)
{
    struct pool_wanted_endpoint endpoints[] = {
        {.service = "a", .id = "c:80", .container = "c", .name = "x", .weight = 1, .cause = "list"},
        {.service = "a",
         .id = "c:81",
         .container = "c",
         .name = "x",
         .weight = 1,
         .cause = "list"}};
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    struct pool *before =
        build(NULL, &(struct row){"a", "c", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, 1,
              "a/c gone>probing\n");
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &endpoints[0].address));
    assert_true(address_parse(VIEW("10.0.0.1:81"), &endpoints[1].address));
    find(before, "a", "c")->is_admitted = true;
    struct pool *pool = build_wanted(before, &wanted);
    assert_string_equal(find(pool, "a", "c:80")->container, "c");
    assert_int_equal(endpoint_state(find(pool, "a", "c:80")), ENDPOINT_READY); /* unprobed */
    assert_int_equal(endpoint_state(find(pool, "a", "c:81")),
                     ENDPOINT_PROBING); /* another server */
    assert_null(find(pool, "a", "c"));
    pool_unref(before);
    pool_unref(pool);
}

static void test_cause(void **state)
{
    static const char long_cause[] =
        "a cause that is much longer than what an endpoint has room for, and longer";
    struct pool_wanted_endpoint row = {.service = "a",
                                       .id = "1",
                                       .name = "x",
                                       .weight = 1,
                                       .state = ENDPOINT_READY,
                                       .cause = "start",
                                       .cause_time_ns = 5};
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &row.address));
    struct pool *pool = build_wanted(NULL, &wanted);
    struct endpoint *endpoint = find(pool, "a", "1");
    assert_string_equal(endpoint->cause, "start");
    assert_int_equal(endpoint->cause_time_ns, 5);
    row.cause = "rename"; /* the state stays, and so does what brought it */
    struct pool *next = build_wanted(pool, &wanted);
    assert_string_equal(endpoint->cause, "start");
    row.state = ENDPOINT_DRAINING;
    row.cause = long_cause;
    struct pool *last = build_wanted(next, &wanted);
    assert_int_equal(strlen(endpoint->cause), sizeof(endpoint->cause) - 1);
    assert_memory_equal(endpoint->cause, long_cause, sizeof(endpoint->cause) - 1);
    pool_unref(pool);
    pool_unref(next);
    pool_unref(last);
}

/* ---- health -----------------------------------------------------------------------------------
 */

static enum endpoint_state state_of_letter(char letter)
{
    if (letter == 'u')
        return ENDPOINT_UNHEALTHY;
    return letter == 'd' ? ENDPOINT_DRAINING : ENDPOINT_READY;
}

/* Letters are endpoints: r(eady), s(uspect), f(ailing), e(jected), u(nhealthy), p(robing),
 * d(raining). */
static struct pool *build_letters(const char *letters, unsigned panic_below_percent)
{
    static char ids[16][2];
    struct row rows[16] = {{0}};
    unsigned count = (unsigned)strlen(letters);
    for (unsigned i = 0; i < count; i++) {
        ids[i][0] = (char)('a' + i);
        rows[i] = (struct row){"s", ids[i], ids[i], "10.0.0.1:80", 1, state_of_letter(letters[i])};
    }
    struct pool *pool = build(NULL, rows, count, NULL);
    for (unsigned i = 0; i < count; i++) {
        struct endpoint *endpoint = pool->services[0].endpoints[i];
        endpoint->is_admitted = letters[i] != 'p';
        endpoint->is_suspect = letters[i] == 's';
        endpoint->is_failing = letters[i] == 'f';
        endpoint->is_ejected = letters[i] == 'e';
    }
    rules.policy.panic_below_percent = panic_below_percent;
    pool = build(pool, rows, count, NULL);
    rules.policy.panic_below_percent = 0;
    return pool;
}

static void test_panic(void **state)
{
    static const struct {
        const char *letters;
        unsigned percent;
        bool panics;
        unsigned usable_count;
    } cases[] = {
        {"rr", 50, false, 2},     {"rf", 50, false, 1},   {"rff", 50, true, 3},
        {"rff", 33, false, 1},    {"rff", 34, true, 3},   {"ff", 25, true, 2},
        {"f", 25, true, 1},       {"f", 0, false, 0},     {"e", 1, true, 1},
        {"ref", 100, true, 3},    {"rr", 100, false, 2},  {"re", 51, true, 2},
        {"rs", 50, false, 2},     {"es", 25, true, 2},    {"s", 25, true, 1},
        {"rppppd", 50, false, 1}, {"pd", 50, false, 0},   {"fpd", 25, true, 1},
        {"rrrf", 25, false, 3},   {"rfff", 25, false, 1}, {"rffff", 25, true, 5},
        {"uu", 25, true, 2},      {"ru", 25, false, 1},   {"ruuuu", 25, true, 5},
        {"ufe", 25, true, 3},     {"u", 0, false, 0},     {"ud", 25, true, 1},
    };
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        struct pool *pool = build_letters(cases[i].letters, cases[i].percent);
        const struct pool_service *service = &pool->services[0];
        unsigned usable_count = 0;
        for (unsigned j = 0; j < service->endpoint_count; j++)
            usable_count += pool_may_use(service, service->endpoints[j]);
        if (service->is_panicking != cases[i].panics || usable_count != cases[i].usable_count ||
            service->rotation_count != cases[i].usable_count)
            fail_msg("%s below %u %%", cases[i].letters, cases[i].percent);
        pool_unref(pool);
    }
}

static void test_panic_without_unhealthy(void **state)
{
    (void)state;
    rules.policy.panic_includes_unhealthy = false;
    struct pool *pool = build_letters("uuf", 25);
    assert_true(pool->services[0].is_panicking);
    assert_int_equal(pool->services[0].rotation_count, 1);
    pool_unref(pool);
    pool = build_letters("uu", 25);
    assert_false(pool->services[0].is_panicking);
    assert_int_equal(pool->services[0].rotation_count, 0);
    pool_unref(pool);
    rules.policy.panic_includes_unhealthy = true;
}

/* Nobody is without an endpoint in between: who comes is ready before who goes is not. */
static void test_order_of_effects(void **state)
{
    struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
    };
    struct pool_wanted_endpoint endpoints[2];
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    struct pool *pool = build(NULL, rows, 2, NULL);
    struct endpoint *goes = find(pool, "a", "1"), *comes = find(pool, "a", "2");
    (void)state;
    goes->is_admitted = true;
    pool = build(pool, rows, 2, "a/1 probing>ready\n");
    comes->is_admitted = true;
    goes->is_failing = true;
    for (unsigned i = 0; i < 2; i++) {
        endpoints[i] = (struct pool_wanted_endpoint){.service = "a",
                                                     .id = rows[i].id,
                                                     .name = rows[i].name,
                                                     .weight = 1,
                                                     .state = ENDPOINT_READY,
                                                     .cause = "list"};
        assert_true(address_parse(view_str(rows[i].address), &endpoints[i].address));
    }
    struct pool *next = pool_build(pool, &wanted, &rules);
    assert_int_equal(endpoint_state(goes), ENDPOINT_READY);
    assert_int_equal(endpoint_state(comes), ENDPOINT_READY);
    assert_int_equal(next->services[0].rotation_count, 1);
    text_clear(&told);
    pool_build_settle(next, pool, note, &told);
    assert_string_equal(text_str(&told), "a/1 ready>failing\na/2 probing>ready\n");
    assert_string_equal(goes->cause, "check");
    pool_unref(pool);
    pool_unref(next);
}

static void test_settings(void **state)
{
    struct check check = {.mode = CHECK_TCP};
    struct pool_wanted_endpoint row = {
        .service = "a", .id = "1", .name = "x", .weight = 1, .cause = "list", .check = &check};
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &row.address));
    rules.policy.slow_start_ms = 70;
    struct pool *first = build_wanted(NULL, &wanted);
    struct endpoint *endpoint = find(first, "a", "1");
    assert_int_equal(endpoint->slow_start_ms, 70);
    assert_int_equal(endpoint->check->mode, CHECK_TCP);
    assert_ptr_not_equal(endpoint->check, &check);
    row.check = NULL;
    row.has_slow_start = true;
    struct pool *second = build_wanted(first, &wanted);
    assert_int_equal(endpoint->slow_start_ms, 0);
    assert_null(endpoint->check);
    rules.policy.slow_start_ms = 0;
    pool_unref(first);
    pool_unref(second);
}

/* ---- any sequence -----------------------------------------------------------------------------
 */

#define IDS 24u

/* What is believed to be in the pool. */
struct believed {
    struct endpoint *endpoint; /* NULL: not there */
    enum endpoint_state state;
    unsigned variant; /* of name, weight and address */
    bool is_admitted;
};

static unsigned below(struct rng *rng, unsigned count)
{
    return (unsigned)(rng_next(rng) % count);
}

static struct row row_of(unsigned i, unsigned variant, enum endpoint_state state, char text[64])
{
    static const char *const addresses[] = {"10.0.0.1:80", "10.0.0.2:80"};
    snprintf(text, 64, "%u", i / 2);
    return (struct row){.service = i % 2 ? "a" : "b",
                        .id = text,
                        .name = variant & 1 ? "n1" : "n2",
                        .address = addresses[variant >> 2 & 1],
                        .weight = 1 + (variant >> 1 & 1),
                        .state = state};
}

static void check(struct believed *known, const struct pool *pool, const struct row *row,
                  unsigned variant, unsigned *change_count)
{
    struct endpoint *endpoint = find(pool, row->service, row->id);
    bool is_same = known->endpoint && known->variant == variant;
    bool is_admitted = known->endpoint && known->variant >> 2 == variant >> 2 &&
                       known->is_admitted && row->state == ENDPOINT_READY;
    enum endpoint_state want =
        row->state == ENDPOINT_READY && !is_admitted ? ENDPOINT_PROBING : row->state;
    assert_non_null(endpoint);
    assert_int_equal(endpoint == known->endpoint, is_same);
    assert_int_equal(endpoint_state(endpoint), want);
    assert_int_equal(is_in_rotation(pool, endpoint), want == ENDPOINT_READY);
    *change_count += is_same ? known->state != want : 1u + (known->endpoint != NULL);
    if (!is_same)
        endpoint_unref(known->endpoint);
    *known = (struct believed){is_same ? known->endpoint : endpoint_ref(endpoint), want, variant,
                               is_admitted};
}

static void forget(struct believed *known, const struct pool *pool, const struct row *row,
                   unsigned *change_count)
{
    assert_null(find(pool, row->service, row->id));
    if (known->endpoint) {
        assert_int_equal(endpoint_state(known->endpoint), ENDPOINT_GONE);
        ++*change_count;
        endpoint_unref(known->endpoint);
    }
    *known = (struct believed){0};
}

static void test_any_sequence(void **state)
{
    struct believed known[IDS] = {0};
    struct rng rng = {3};
    struct pool *pool = NULL;
    (void)state;
    for (unsigned turn = 0; turn < 1000; turn++) {
        char ids[IDS][64];
        struct row all[IDS], rows[IDS];
        unsigned variants[IDS], count = 0, change_count = 0, lines = 0;
        bool is_wanted[IDS];
        for (unsigned i = 0; i < IDS; i++) {
            bool keeps = below(&rng, 4) > 0; /* mostly as it was, so that chains come about */
            variants[i] = keeps ? known[i].variant : below(&rng, 8);
            is_wanted[i] = keeps ? known[i].endpoint != NULL : below(&rng, 2);
            enum endpoint_state said = below(&rng, 3) ? ENDPOINT_READY : ENDPOINT_PAUSED;
            all[i] = row_of(i, variants[i], said, ids[i]);
            if (is_wanted[i])
                rows[count++] = all[i];
            if (known[i].endpoint && below(&rng, 2))
                known[i].is_admitted = known[i].endpoint->is_admitted = true;
        }
        pool = build(pool, rows, count, NULL);
        for (unsigned i = 0; i < IDS; i++) {
            if (is_wanted[i])
                check(&known[i], pool, &all[i], variants[i], &change_count);
            else
                forget(&known[i], pool, &all[i], &change_count);
        }
        for (size_t i = 0; i < told.len; i++)
            lines += told.bytes[i] == '\n';
        assert_int_equal(lines, change_count);
    }
    pool_unref(pool);
    for (unsigned i = 0; i < IDS; i++)
        endpoint_unref(known[i].endpoint);
}

/* Who has a snapshot can tell from it which endpoints are not ready, and whether any came or went.
 */
static void test_members(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_PAUSED},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
        {"b", "3", "z", "10.0.0.3:80", 1, ENDPOINT_READY},
        {"a", "2", "renamed", "10.0.0.2:80", 1, ENDPOINT_READY},
    };
    static const struct row moved[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "renamed", "10.0.0.2:80", 1, ENDPOINT_DRAINING},
    };
    struct pool *pool = build(NULL, rows, 3, NULL);
    (void)state;
    assert_true(pool->is_settled);
    assert_int_equal(pool->members_version, 1);
    assert_int_equal(pool->services[0].ready_count, 0);
    find(pool, "a", "1")->is_admitted = find(pool, "a", "2")->is_admitted = true;
    pool = build(pool, rows, 3, NULL);
    assert_int_equal(pool->members_version, 1);
    assert_int_equal(pool->services[0].ready_count, 1);
    assert_ptr_equal(pool->services[0].unready[0], find(pool, "a", "1"));
    pool = build(pool, rows, 2, NULL); /* a service less */
    assert_int_equal(pool->members_version, 3);
    pool = build(pool, (const struct row[]){rows[0], rows[3]}, 2, NULL);
    assert_int_equal(pool->members_version, 4);
    struct pool *next = build(pool_ref(pool), moved, 2, NULL);
    assert_int_equal(next->members_version, 4);
    assert_ptr_equal(next->services[0].members, pool->services[0].members);
    assert_int_equal(next->services[0].ready_count, 0);
    pool_unref(pool);
    pool_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_admission),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_a_port_takes_over_from_its_container),
        cmocka_unit_test(test_cause),
        cmocka_unit_test(test_panic),
        cmocka_unit_test(test_panic_without_unhealthy),
        cmocka_unit_test(test_order_of_effects),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_any_sequence),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
