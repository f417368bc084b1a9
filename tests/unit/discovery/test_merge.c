#include "discovery/merge.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

#include "discovery/losses.h"

static struct merge merge;
static struct set docker, file;
static struct merge_part parts[] = {{.word = "docker", .set = &docker},
                                    {.word = "file", .set = &file}};

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

static void listen_at(struct set *set, uint16_t port, const char *service, uint64_t created_ns)
{
    set_add_listener(set, &(struct listener_rule){.kind = SERVICE_TCP,
                                                  .port = port,
                                                  .service = view_str(service),
                                                  .created_ns = created_ns});
    set_sort(set);
}

static void wish_for(struct set *set, const struct view *names, unsigned count, const char *label)
{
    set_add_certificate(set, &(struct certificate_wish){
                                 .names = names, .name_count = count, .label = view_str(label)});
    set_sort(set);
}

static void test_certificate_is_the_first_sources(void **state)
{
    static const struct view ab[] = {{"a.test", 6}, {"b.test", 6}},
                             bc[] = {{"b.test", 6}, {"c.test", 6}};
    (void)state;
    wish_for(&docker, ab, 2, "docker's");
    wish_for(&file, bc, 2, "the file's");
    wish_for(&file, ab, 1, "the file's other");
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->certificate_count, 2);
    assert_true(view_eq(whole->certificates[0].label, VIEW("docker's")));
    assert_int_equal(whole->certificates[0].name_count, 2);
    assert_int_equal(whole->certificates[1].name_count, 1);
    assert_true(view_eq(whole->certificates[1].names[0], VIEW("c.test")));
}

static void test_listener_is_the_first_sources(void **state)
{
    (void)state;
    listen_at(&docker, 7, "mine", 9);
    listen_at(&docker, 5, "db", 9);
    listen_at(&file, 7, "other", 1);
    listen_at(&file, 6, "six", 1);
    listen_at(&file, 5, "db", 1);
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->listener_count, 4);
    assert_int_equal(whole->listeners[0].port, 5);
    assert_int_equal(whole->listeners[0].created_ns, 1);
    assert_int_equal(whole->listeners[2].port, 6);
    assert_true(view_eq(whole->listeners[3].service, VIEW("mine")));
    assert_string_equal(whole->remark, "the listener tcp 7, of the source file for other, is "
                                       "overruled by that of the source docker");
}

static void test_listeners_overruled_are_told_within_bounds(void **state)
{
    (void)state;
    for (uint16_t port = 1; port <= 9; port++) {
        listen_at(&docker, port, "mine", 9);
        listen_at(&file, port, "other", 1);
    }
    const struct set *whole = merge_take(&merge, parts, 2, 1);
    assert_int_equal(whole->listener_count, 9);
    assert_null(strstr(whole->remark, "tcp 5,"));
    assert_non_null(strstr(whole->remark, "and so on, 5 more"));
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
    const struct merge_part both[] = {{.word = "file", .set = &file},
                                      {.word = "docker", .set = &docker}};
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

static void offer(struct set *set, const char *service, const struct route_share *share)
{
    set_add_route(set, &(struct route){.host = {ROUTE_HOST, VIEW("a.test")},
                                       .service = view_str(service),
                                       .shares = share,
                                       .share_count = share ? 1 : 0});
}

static const struct merge_part file_first[] = {{.word = "file", .set = &file},
                                               {.word = "docker", .set = &docker}};
static const struct route_share five[] = {{VIEW("next"), 5}, {VIEW("old"), 1}};

static void assert_shares(const struct route *route, const char *want)
{
    struct text shares = TEXT_INIT;
    text_append_str(&shares, "");
    for (unsigned i = 0; i < route->share_count; i++)
        text_appendf(&shares, "%.*s=%u ", (int)route->shares[i].service.len,
                     route->shares[i].service.ptr, route->shares[i].weight);
    assert_string_equal(text_str(&shares), want);
    text_fini(&shares);
}

static void test_a_share_in_the_first_source_lets_the_others_have_what_is_left(void **state)
{
    (void)state;
    offer(&file, "next", five);
    offer(&docker, "shop", NULL);
    offer(&docker, "late", NULL); /* has lost among containers, as it is younger */
    docker.routes[0].created_ns = 1;
    docker.routes[1].created_ns = 2;
    const struct set *whole = merge_take(&merge, file_first, 2, 1);
    assert_int_equal(whole->route_count, 2);
    assert_shares(&whole->routes[0], "next=5 shop=95 ");
    assert_true(view_eq(whole->routes[1].service, VIEW("late")));
    assert_non_null(strstr(whole->remark, "is overruled by that of the source file"));
    docker.routes[0].priority = 1;
    assert_int_equal(merge_take(&merge, file_first, 2, 1)->route_count, 3);
}

/* So no label takes what a file gives away. */
static void test_a_share_in_a_later_source_gets_nothing_where_the_first_one_says_none(void **state)
{
    (void)state;
    offer(&file, "shop", NULL);
    offer(&docker, "next", NULL);
    docker.routes[0].has_weight = true;
    docker.routes[0].weight = 100;
    assert_int_equal(merge_take(&merge, file_first, 2, 1)->route_count, 2);
    file.routes[0].shares = five;
    file.routes[0].share_count = 2;
    const struct set *whole = merge_take(&merge, file_first, 2, 1);
    assert_shares(&whole->routes[0], "next=5 old=1 ");
    assert_int_equal(whole->route_count, 2);
    file.routes[0].share_count = 1;
    docker.routes[0].service = VIEW("shop");
    assert_shares(&merge_take(&merge, file_first, 2, 1)->routes[0], "next=5 shop=100 ");
}

/* Nobody is let in who was not before: who keeps somebody out says for all. */
static void test_shares_of_several_sources_are_protected_as_one_of_them_was(void **state)
{
    static const struct route_option by_docker = {ROUTE_OPTION_DENY, VIEW("10.0.0.0/8")};
    static const struct route_option by_file = {ROUTE_OPTION_DENY, VIEW("11.0.0.0/8")};
    (void)state;
    offer(&file, "next", five);
    offer(&docker, "shop", NULL);
    docker.routes[0].options = &by_docker;
    docker.routes[0].option_count = 1;
    docker.routes[0].created_ns = 9;
    const struct set *whole = merge_take(&merge, file_first, 2, 1);
    assert_int_equal(whole->route_count, 1);
    assert_shares(&whole->routes[0], "next=5 shop=95 ");
    assert_ptr_equal(whole->routes[0].options, &by_docker);
    assert_int_equal(whole->routes[0].created_ns, 0);
    assert_non_null(strstr(whole->remark, "shares its requests, which are treated as that of the "
                                          "source docker"));
    file.routes[0].options = &by_file;
    file.routes[0].option_count = 1;
    whole = merge_take(&merge, file_first, 2, 1);
    assert_int_equal(whole->route_count, 2);
    assert_ptr_equal(whole->routes[0].options, &by_file);
    assert_shares(&whole->routes[0], "next=5 ");
}

static void test_what_lb_answers_itself_is_shared_with_nobody(void **state)
{
    (void)state;
    offer(&file, "next", five);
    set_add_route(&docker,
                  &(struct route){.host = {ROUTE_HOST, VIEW("a.test")}, .answer_status = 403});
    const struct set *whole = merge_take(&merge, file_first, 2, 1);
    assert_int_equal(whole->route_count, 2);
    assert_shares(&whole->routes[0], "next=5 ");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_only_part_is_the_whole),
        CASE(test_first_source_that_asks_something_of_a_service_counts),
        CASE(test_service_has_the_endpoints_of_both),
        CASE(test_an_endpoint_in_several_services),
        CASE(test_certificate_is_the_first_sources),
        CASE(test_listener_is_the_first_sources),
        CASE(test_listeners_overruled_are_told_within_bounds),
        CASE(test_first_source_wins_an_id),
        CASE(test_time_of_an_overruling_stays),
        CASE(test_what_both_leave_out_is_told_by_the_first),
        CASE(test_who_gets_a_route_that_two_sources_have_is_told),
        CASE(test_routes_stand_one_behind_the_other),
        CASE(test_a_share_in_the_first_source_lets_the_others_have_what_is_left),
        CASE(test_a_share_in_a_later_source_gets_nothing_where_the_first_one_says_none),
        CASE(test_shares_of_several_sources_are_protected_as_one_of_them_was),
        CASE(test_what_lb_answers_itself_is_shared_with_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
