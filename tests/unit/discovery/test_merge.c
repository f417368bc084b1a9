#include "discovery/merge.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

#include "discovery/losses.h"

static struct merge merge;
static struct set docker, file;
static struct merge_part parts[] = {{"docker", &docker}, {"file", &file}};

static int open_all(void **state)
{
    (void)state;
    merge = (struct merge){0};
    docker = file = (struct set){0};
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    merge_fini(&merge);
    set_fini(&docker);
    set_fini(&file);
    return 0;
}

static void add(struct set *set, const char *service, const char *id, uint16_t port)
{
    set_add_endpoint(
        set, &(struct set_endpoint){.service = service, .id = id, .name = id, .port = port});
    set_sort(set);
}

/* One port of a container in two services is no conflict; each is out where another source has it. */
static void test_an_endpoint_in_several_services(void **state)
{
    (void)state;
    add(&docker, "a.test", "same", 1);
    add(&docker, "b.test", "same", 1);
    const struct set *whole = merge_take(&merge, parts, 2, 77);
    assert_int_equal(whole->endpoint_count, 2);
    assert_int_equal(whole->left_out_count, 0);
    add(&file, "c", "same", 2);
    struct merge_part turned[] = {parts[1], parts[0]};
    whole = merge_take(&merge, turned, 2, 78);
    assert_int_equal(whole->endpoint_count, 1);
    assert_string_equal(whole->endpoints[0].service, "c");
    assert_int_equal(whole->left_out_count, 1);
}

static void ask(struct set *set, const char *service, enum service_option_kind kind,
                const char *value)
{
    struct set_service wish = {.name = service};
    wish.options.values[kind] = view_str(value);
    set_add_service(set, &wish);
}

static void test_first_source_that_asks_something_of_a_service_counts(void **state)
{
    (void)state;
    ask(&docker, "web", SERVICE_OPTION_QUEUE, "10");
    ask(&docker, "app", SERVICE_OPTION_QUEUE, "1");
    ask(&file, "web", SERVICE_OPTION_QUEUE, "20");
    ask(&file, "zoo", SERVICE_OPTION_BALANCE, "least-requests");
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->service_count, 3);
    assert_true(
        view_eq(set_find_service(whole, "web")->options.values[SERVICE_OPTION_QUEUE], VIEW("10")));
    assert_true(view_eq(set_find_service(whole, "zoo")->options.values[SERVICE_OPTION_BALANCE],
                        VIEW("least-requests")));
    assert_null(set_find_service(whole, "none"));
    assert_string_equal(whole->remark,
                        "the queue of the service web, of the source file, is overruled by that of "
                        "the source docker, which comes first");
}

static void test_only_part_is_the_whole(void **state)
{
    (void)state;
    add(&docker, "web", "a", 1);
    assert_ptr_equal(merge_take(&merge, parts, 1, 1), &docker);
}

static void test_service_has_the_endpoints_of_both(void **state)
{
    (void)state;
    add(&docker, "web", "b", 1);
    add(&docker, "zoo", "c", 1);
    add(&file, "web", "a", 2);
    add(&file, "app", "d", 2);
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    static const char *const expected[] = {"d", "a", "b", "c"}; /* by service, then by name */
    assert_int_equal(whole->endpoint_count, COUNT(expected));
    assert_int_equal(whole->left_out_count, 0);
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_string_equal(whole->endpoints[i].id, expected[i]);
}

static void test_first_source_wins_an_id(void **state)
{
    (void)state;
    add(&docker, "web", "same", 1);
    add(&docker, "web", "other", 1);
    add(&file, "app", "same", 2);
    const struct set *whole = merge_take(&merge, parts, 2, 77);
    assert_int_equal(whole->endpoint_count, 2);
    assert_string_equal(whole->endpoints[1].id, "same");
    assert_int_equal(whole->endpoints[1].port, 1);
    assert_int_equal(whole->left_out_count, 1);
    const struct set_left_out *left_out = &whole->left_out[0];
    assert_string_equal(left_out->id, "same");
    assert_string_equal(left_out->service, "app");
    assert_int_equal(left_out->reason, LEFT_OUT_OVERRULED);
    assert_string_equal(left_out->detail,
                        "the source docker has an endpoint of the same id, and comes before file");
    assert_int_equal(left_out->since_ns, 77);
    struct merge_part turned[] = {parts[1], parts[0]};
    whole = merge_take(&merge, turned, 2, 78);
    assert_string_equal(whole->endpoints[0].service, "app");
    assert_non_null(strstr(whole->left_out[0].detail, "file has"));
}

static void test_time_of_an_overruling_stays(void **state)
{
    (void)state;
    add(&docker, "web", "same", 1);
    add(&file, "web", "same", 2);
    merge_take(&merge, parts, 2, 100);
    add(&file, "web", "new", 2);
    add(&docker, "web", "new", 2);
    const struct set *whole = merge_take(&merge, parts, 2, 200);
    assert_string_equal(whole->left_out[0].id, "new");
    assert_int_equal(whole->left_out[0].since_ns, 200);
    assert_int_equal(whole->left_out[1].since_ns, 100);
    set_clear(&docker);
    assert_int_equal(merge_take(&merge, parts, 2, 300)->left_out_count, 0);
    add(&docker, "web", "same", 1);
    assert_int_equal(merge_take(&merge, parts, 2, 400)->left_out[0].since_ns, 400);
}

static void test_what_both_leave_out_is_told_by_the_first(void **state)
{
    struct losses losses = {.status = {[LOSS_PING] = 403}};
    (void)state;
    set_add_left_out(&docker, &(struct set_left_out){.id = "a", .name = "a", .detail = "docker's"});
    set_add_left_out(&file, &(struct set_left_out){.id = "a", .name = "a", .detail = "file's"});
    set_add_left_out(&file, &(struct set_left_out){.id = "b", .name = "b", .detail = "file's"});
    file.losses = &losses;
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->left_out_count, 2);
    assert_string_equal(whole->left_out[0].detail, "docker's");
    assert_string_equal(whole->left_out[1].detail, "file's");
    assert_ptr_equal(whole->losses, &losses);
}

/* As lb decides it: a higher priority, else the first source. */
static void test_who_gets_a_route_that_two_sources_have_is_told(void **state)
{
    struct route of_file = {
        .host = {ROUTE_HOST, VIEW("a.test")}, .service = VIEW("f"), .label = VIEW("routes[0]")};
    struct route of_docker = {.host = {ROUTE_HOST, VIEW("a.test")},
                              .service = VIEW("d"),
                              .label = VIEW("lb.host"),
                              .name = VIEW("shop")};
    (void)state;
    file.remark = "a word";
    set_add_route(&file, &of_file);
    set_add_route(&docker, &of_docker);
    const struct merge_part both[] = {{"file", &file}, {"docker", &docker}};
    const struct set *whole = merge_take(&merge, both, 2, 1);
    assert_int_equal(whole->route_count, 2);
    assert_string_equal(
        whole->remark,
        "a word; the route for a.test, of the source docker, by lb.host of shop, is overruled "
        "by that of the source file, by routes[0], as that source comes first");
    docker.routes[0].priority = 1;
    whole = merge_take(&merge, both, 2, 1);
    assert_string_equal(
        whole->remark,
        "a word; the route for a.test, of the source file, by routes[0], is overruled by that "
        "of the source docker, by lb.host of shop, which has a higher priority");
    docker.routes[0].service = VIEW("f");
    file.remark = NULL;
    assert_null(merge_take(&merge, both, 2, 1)->remark);
    docker.routes[0].service = VIEW("d");
    docker.routes[0].path = (struct route_pattern){ROUTE_PATH, VIEW("/x")};
    assert_null(merge_take(&merge, both, 2, 1)->remark);
}

static void test_routes_stand_one_behind_the_other(void **state)
{
    (void)state;
    set_add_route(&file, &(struct route){.path = {ROUTE_PATH, VIEW("/f")}, .service = VIEW("f")});
    set_add_route(&docker, &(struct route){.service = VIEW("d")});
    set_add_route(&docker, &(struct route){.service = VIEW("e")});
    file.remark = "r";
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->route_count, 3);
    assert_true(view_eq(whole->routes[0].service, VIEW("d")));
    assert_true(view_eq(whole->routes[2].service, VIEW("f")));
    assert_string_equal(whole->remark, "r");
    whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->route_count, 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_only_part_is_the_whole),
        CASE(test_first_source_that_asks_something_of_a_service_counts),
        CASE(test_service_has_the_endpoints_of_both),
        CASE(test_an_endpoint_in_several_services),
        CASE(test_first_source_wins_an_id),
        CASE(test_time_of_an_overruling_stays),
        CASE(test_what_both_leave_out_is_told_by_the_first),
        CASE(test_who_gets_a_route_that_two_sources_have_is_told),
        CASE(test_routes_stand_one_behind_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
