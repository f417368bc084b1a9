#include "discovery/ration.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/emit.h"
#include "tests/unit/discovery/cmocka_all.h"

#define NAMES_MAX 4096

/* A set, with the names that it borrows. */
struct world {
    struct set set;
    struct ration ration;
    char names[NAMES_MAX][24];
    size_t name_count;
};

static const char *name(struct world *world, const char *owner, unsigned number)
{
    char *text = world->names[world->name_count++];
    assert_true(world->name_count < NAMES_MAX);
    snprintf(text, sizeof(world->names[0]), "%s-%u.test", owner, number);
    return text;
}

static void add_route(struct world *world, const char *owner, uint64_t created_ns, const char *host,
                      const char *service, unsigned answer)
{
    set_add_route(&world->set, &(struct route){.host = {ROUTE_HOST, view_str(host)},
                                               .service = view_str(service),
                                               .answer_status = answer,
                                               .container = view_str(owner),
                                               .name = view_str(owner),
                                               .created_ns = created_ns});
}

static void add_endpoint(struct world *world, const char *owner, uint64_t created_ns,
                         const char *service)
{
    set_add_endpoint(&world->set, &(struct set_endpoint){.service = service,
                                                         .id = owner,
                                                         .container = owner[0] ? owner : NULL,
                                                         .name = owner,
                                                         .created_ns = created_ns,
                                                         .protocol = "http",
                                                         .address = "10.0.0.1",
                                                         .port = 80,
                                                         .weight = 1,
                                                         .cause = "start"});
}

/* Hosts with a service each. */
static void add_sites(struct world *world, const char *owner, uint64_t created_ns, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *host = name(world, owner, i);
        add_route(world, owner, created_ns, host, host, 0);
        add_endpoint(world, owner, created_ns, host);
    }
}

static unsigned count_routes(const struct set *set, const char *owner)
{
    unsigned count = 0;
    for (size_t i = 0; i < set->route_count; i++)
        count += view_eq(set->routes[i].container, view_str(owner));
    return count;
}

static unsigned count_endpoints(const struct set *set, const char *owner)
{
    unsigned count = 0;
    for (size_t i = 0; i < set->endpoint_count; i++)
        count += strcmp(set->endpoints[i].name, owner) == 0;
    return count;
}

static void assert_given(const struct set *set, const char *owner, unsigned sites)
{
    if (count_routes(set, owner) != sites || count_endpoints(set, owner) != sites)
        fail_msg("%s: %u routes, %u endpoints, not %u", owner, count_routes(set, owner),
                 count_endpoints(set, owner), sites);
}

static struct world *new_world(struct ration_room room)
{
    struct world *world = calloc(1, sizeof(*world));
    assert_non_null(world);
    world->ration.room = room;
    return world;
}

static void free_world(struct world *world)
{
    ration_fini(&world->ration);
    set_fini(&world->set);
    free(world);
}

/* Of all of "old", 16 of "hungry" and the one of "modest". */
static size_t count_bytes(const struct set *set)
{
    struct text scratch = TEXT_INIT;
    size_t bytes = 0;
    for (size_t i = 0; i < 81; i++)
        if (i < 56 || i == 80)
            bytes += emit_route_bytes(&set->routes[i], &scratch) +
                     emit_endpoint_bytes(set, &set->endpoints[i], &scratch);
    text_fini(&scratch);
    return bytes;
}

#define AMPLE 100000, 100000, 100000, 100000, 16u << 20, 2u << 20

static void test_what_there_is_room_for_stays_as_it_is(void **state)
{
    struct world *world = new_world((struct ration_room){0});
    struct text told = TEXT_INIT;
    (void)state;
    add_sites(world, "a", 1, 1000);
    assert_ptr_equal(ration_take(&world->ration, &world->set, false, 5), &world->set);
    assert_false(ration_tell(&world->ration, &told));
    free_world(world);
}

/* Whoever is older, or asks for little. */
static void test_the_youngest_of_those_that_ask_for_most_loses_first(void **state)
{
    struct ration_room room = {AMPLE};
    (void)state;
    for (int by = 0; by < 3; by++) {
        struct world *world = new_world(room);
        add_sites(world, "old", 1, 40);
        add_sites(world, "hungry", 5, 40);
        add_sites(world, "modest", 9, 1);
        world->ration.room.routes = by == 0 ? 57 : room.routes;
        world->ration.room.endpoints = by == 1 ? 57 : room.endpoints;
        if (by == 2)
            world->ration.room.bytes = world->ration.room.kept_bytes + count_bytes(&world->set);
        const struct set *got = ration_take(&world->ration, &world->set, by == 2, 5);
        assert_given(got, "old", 40);
        assert_given(got, "hungry", 16);
        assert_given(got, "modest", 1);
        free_world(world);
    }
}

static void test_age_decides_among_equals(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    (void)state;
    world->ration.room.endpoints = 2;
    add_sites(world, "c", 3, 1);
    add_sites(world, "a", 2, 1);
    add_sites(world, "b", 1, 1);
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_given(got, "a", 1);
    assert_given(got, "b", 1);
    assert_given(got, "c", 0);
    free_world(world);
}

static void test_operator_comes_before_all(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    (void)state;
    world->ration.room.endpoints = 500;
    add_sites(world, "old", 1, 3);
    for (unsigned i = 0; i < 499; i++)
        add_endpoint(world, "", 9, "of-the-file");
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_int_equal(count_endpoints(got, ""), 499);
    assert_given(got, "old", 1);
    free_world(world);
}

/* Else its other requests would go where those of the rest go. */
static void test_host_is_told_whole_or_not_at_all(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    (void)state;
    world->ration.room.routes = 5;
    add_route(world, "a", 1, "one.test", "s", 0);
    add_route(world, "a", 1, "two.test", "s", 0);
    add_route(world, "a", 1, "three.test", "s", 0);
    add_route(world, "a", 1, "three.test", "t", 0);
    add_route(world, "a", 1, "two.test", "t", 0);
    add_route(world, "a", 1, "one.test", "t", 0);
    add_endpoint(world, "a", 1, "t");
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_int_equal(got->route_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_false(view_eq(got->routes[i].host.text, VIEW("three.test")));
    assert_int_equal(got->endpoint_count, 1);
    free_world(world);
}

/* A host that nobody may have must not be a wildcard's. */
/* Whoever can register can do so often. */
static void test_entries_of_a_catalog_are_no_operators(void **state)
{
    struct world *world = new_world((struct ration_room){
        .routes = 100, .endpoints = 12, .listeners = 9, .left_out = 900, .bytes = 1u << 20});
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        const char *id = name(world, "n/", i);
        set_add_endpoint(&world->set, &(struct set_endpoint){.service = "s",
                                                             .id = id,
                                                             .owner = id,
                                                             .name = "entry",
                                                             .created_ns = UINT64_MAX - 100 + i,
                                                             .protocol = "http",
                                                             .address = "10.0.0.1",
                                                             .port = 80,
                                                             .weight = 1,
                                                             .cause = "catalog"});
    }
    static const char *const containers[] = {"a", "b", "c", "d", "e"};
    for (size_t i = 0; i < 5; i++)
        add_sites(world, containers[i], 7, 1);
    add_endpoint(world, "", 0, "s");
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    for (size_t i = 0; i < 5; i++)
        assert_given(got, containers[i], 1);
    assert_int_equal(count_endpoints(got, ""), 1);
    assert_int_equal(count_endpoints(got, "entry"), 6);
    free_world(world);
}

static void test_own_answers_are_told_before_services(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    (void)state;
    world->ration.room.routes = 2;
    add_route(world, "a", 1, "*.test", "s", 0);
    add_route(world, "a", 1, "b.test", "s", 0);
    add_route(world, "a", 1, "secret.test", "", 403);
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_int_equal(got->route_count, 2);
    assert_true(view_eq(got->routes[0].host.text, VIEW("*.test")));
    assert_int_equal(got->routes[1].answer_status, 403);
    free_world(world);
}

static void test_what_is_cut_is_told_once_and_left_out_all_the_time(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    struct text told = TEXT_INIT;
    (void)state;
    world->ration.room.endpoints = 10;
    add_sites(world, "hungry", 1, 12);
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_true(ration_tell(&world->ration, &told));
    assert_string_equal(text_str(&told), "containers ask for more than a line has room for, and "
                                         "part of what they claim is not told: hungry");
    got = ration_take(&world->ration, &world->set, false, 6);
    text_clear(&told);
    assert_false(ration_tell(&world->ration, &told));
    assert_int_equal(got->left_out_count, 1);
    assert_string_equal(got->left_out[0].id, "hungry");
    assert_int_equal(got->left_out[0].reason, LEFT_OUT_TOO_MUCH);
    assert_int_equal(got->left_out[0].since_ns, 5);
    assert_string_equal(
        got->left_out[0].detail,
        "2 of its 12 routes and 2 of its 12 places in services are not told: all together ask for "
        "12 and 12, and a line has room for 100000 and 10 in 16 MiB; who is older, or asks for "
        "less, comes first");
    world->ration.room.endpoints = 12;
    assert_ptr_equal(ration_take(&world->ration, &world->set, false, 7), &world->set);
    world->ration.room.endpoints = 10;
    got = ration_take(&world->ration, &world->set, false, 8);
    assert_int_equal(got->left_out[0].since_ns, 8);
    text_fini(&told);
    free_world(world);
}

static void test_left_out_are_bounded_too(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    struct text told = TEXT_INIT;
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        set_add_left_out(&world->set,
                         &(struct set_left_out){
                             .id = name(world, "x", i), .name = "n", .service = "", .detail = "d"});
    world->ration.room.left_out = 60;
    assert_int_equal(ration_take(&world->ration, &world->set, false, 5)->left_out_count, 60);
    assert_true(ration_tell(&world->ration, &told));
    world->ration.room = (struct ration_room){AMPLE};
    world->ration.room.bytes = 2000;
    world->ration.room.kept_bytes = 1000;
    size_t count = ration_take(&world->ration, &world->set, true, 5)->left_out_count;
    assert_in_range(count, 5, 20);
    assert_int_equal(world->ration.untold_count, 100 - count);
    text_fini(&told);
    free_world(world);
}

static void add_listeners(struct world *world, const char *owner, uint64_t created_ns,
                          unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        set_add_listener(&world->set, &(struct listener_rule){.kind = SERVICE_TCP,
                                                              .port = (uint16_t)(i + 1),
                                                              .service = VIEW("s"),
                                                              .container = view_str(owner),
                                                              .container_name = view_str(owner),
                                                              .created_ns = created_ns});
}

/* The rules of one container that no route tells apart are told together or not at all. */
static void test_listeners_are_bounded_as_routes_are(void **state)
{
    struct world *world = new_world((struct ration_room){AMPLE});
    (void)state;
    add_listeners(world, "", 0, 40);
    add_listeners(world, "old", 1, 20);
    add_listeners(world, "hungry", 2, 30);
    add_listeners(world, "modest", 3, 2);
    world->ration.room.listeners = 70;
    const struct set *got = ration_take(&world->ration, &world->set, false, 5);
    assert_int_equal(got->listener_count, 62);
    assert_int_equal(got->left_out_count, 1);
    assert_string_equal(got->left_out[0].name, "hungry");
    assert_int_equal(got->left_out[0].reason, LEFT_OUT_TOO_MUCH);
    assert_non_null(
        strstr(got->left_out[0].detail, "of its 30 rules for listeners 30 are not told"));
    free_world(world);
}

/* They are told whole, and others have what is left. */
static void test_certificates_take_room_from_others(void **state)
{
    struct ration_room room = {1000, 1000, 1000, 1000, 30000, 2000};
    struct view names[CERTIFICATE_WISH_NAMES_MAX];
    size_t without = 0;
    (void)state;
    for (unsigned with = 0; with < 2; with++) {
        struct world *world = new_world(room);
        add_sites(world, "a", 1, 100);
        for (unsigned i = 0; i < CERTIFICATE_WISH_NAMES_MAX; i++)
            names[i] = view_str(name(world, "a-name-of-a-host", i));
        if (with > 0)
            set_add_certificate(
                &world->set, &(struct certificate_wish){.names = names,
                                                        .name_count = CERTIFICATE_WISH_NAMES_MAX});
        const struct set *got = ration_take(&world->ration, &world->set, true, 5);
        assert_int_equal(got->certificate_count, with);
        assert_in_range(got->route_count, 1, 99);
        if (with > 0)
            assert_in_range(got->route_count, 1, without - 1);
        without = got->route_count;
        free_world(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_there_is_room_for_stays_as_it_is),
        cmocka_unit_test(test_the_youngest_of_those_that_ask_for_most_loses_first),
        cmocka_unit_test(test_age_decides_among_equals),
        cmocka_unit_test(test_operator_comes_before_all),
        cmocka_unit_test(test_entries_of_a_catalog_are_no_operators),
        cmocka_unit_test(test_host_is_told_whole_or_not_at_all),
        cmocka_unit_test(test_own_answers_are_told_before_services),
        cmocka_unit_test(test_what_is_cut_is_told_once_and_left_out_all_the_time),
        cmocka_unit_test(test_left_out_are_bounded_too),
        cmocka_unit_test(test_listeners_are_bounded_as_routes_are),
        cmocka_unit_test(test_certificates_take_room_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
