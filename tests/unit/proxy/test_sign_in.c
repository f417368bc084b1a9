/* Routes that ask for a name and a password. The threads that try passwords are pretended: they do so in
 * the next turn of the loop, unless the pool is busy. */
#include "lb/contract/route_check.h"
#include "lb/proxy/sign_in.h"

#include <stdlib.h>

#include "lb/policy/library.h"
#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* bob, whose password is secret. */
#define BOB   "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
#define RIGHT "Authorization: Basic Ym9iOnNlY3JldA==\r\n"
#define WRONG "Authorization: Basic Ym9iOmd1ZXNz\r\n"     /* bob:guess */
#define OTHER "Authorization: Basic YWxpY2U6c2VjcmV0\r\n" /* alice:secret */
#define ASK   "GET / HTTP/1.1\r\nHost: a.test\r\n"

static struct world world;
static struct pretend_uv_wire *client;
static struct route_table *table;

static unsigned tried_count;
static char last_tried[16]; /* password */

bool __real_password_is_right(const struct htpasswd_user *user, struct view password);
bool __wrap_password_is_right(const struct htpasswd_user *user, struct view password);

bool __wrap_password_is_right(const struct htpasswd_user *user, struct view password)
{
    tried_count++;
    snprintf(last_tried, sizeof(last_tried), "%.*s", (int)password.len, password.ptr);
    return __real_password_is_right(user, password);
}

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    table = NULL;
    tried_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    route_table_unref(table);
    return 0;
}

/* One option a kind, in their order. */
static void route_by(const struct route_option *options, unsigned count)
{
    const struct route route = {.host = {ROUTE_HOST, VIEW("a.test")},
                                .service = VIEW("appserver"),
                                .options = options,
                                .option_count = count};
    struct text problem = TEXT_INIT;
    if (!route_check(&route, &problem))
        fail_msg("%s", text_str(&problem));
    text_fini(&problem);
    struct route_table *before = table;
    world.routes = table = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

static void route_by_list(const char *users)
{
    const struct route_option option = {ROUTE_OPTION_AUTH, view_str(users)};
    route_by(&option, 1);
}

static void assert_refused(void)
{
    const char *heard = world_hear(client);
    assert_non_null(strstr(heard, "HTTP/1.1 401 Unauthorized\r\n"));
    assert_non_null(
        strstr(heard, "\r\nWWW-Authenticate: Basic realm=\"Restricted\", charset=\"UTF-8\"\r\n"));
    assert_end(&world, ERR_AUTH);
}

/* What the backend got. Borrowed until the next. */
static const char *assert_goes_on(void)
{
    static char heard[4096];
    snprintf(heard, sizeof(heard), "%s", world_hear(world_backend(0)));
    if (heard[0] == '\0')
        fail_msg("nothing arrives, but %.300s", world_hear(client));
    world_say(world_backend(0), OK);
    assert_status(client, "200");
    return heard;
}

/* ---- who comes in ----------------------------------------------------------------------------- */

static void test_only_who_knows_the_password(void **state)
{
    static const char *const fields[] = {"",
                                         WRONG,
                                         OTHER,
                                         "Authorization: Bearer Ym9iOnNlY3JldA==\r\n",
                                         "Authorization: Basic !\r\n",
                                         RIGHT RIGHT,
                                         RIGHT WRONG};
    (void)state;
    route_by_list(BOB);
    for (size_t i = 0; i < COUNT(fields); i++) {
        struct text request = TEXT_INIT;
        text_appendf(&request, ASK "%s\r\n", fields[i]);
        world_say(client, text_str(&request));
        assert_refused();
        text_fini(&request);
    }
    assert_null(world_backend(0));
    world_say(client, ASK RIGHT "\r\n");
    assert_null(strstr(assert_goes_on(), "Authorization"));
}

static void test_a_password_is_tried_once(void **state)
{
    (void)state;
    route_by_list(BOB);
    for (unsigned i = 0; i < 5; i++) {
        world_say(client, ASK RIGHT "\r\n");
        assert_goes_on();
    }
    assert_int_equal(tried_count, 1);
    world_say(client, ASK WRONG "\r\n");
    world_say(client, ASK WRONG "\r\n");
    assert_int_equal(tried_count, 3); /* what was wrong is not kept */
    world_hear(client);
    route_by_list("bob:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs="); /* 123456 */
    world_say(client, ASK RIGHT "\r\n");
    assert_refused();
}

/* Not by the clock: for both one hash is tried. */
static void test_an_unknown_user_costs_what_a_wrong_password_does(void **state)
{
    (void)state;
    route_by_list(BOB);
    world_say(client, ASK WRONG "\r\n");
    assert_refused();
    assert_int_equal(tried_count, 1);
    world_say(client, ASK OTHER "\r\n");
    assert_refused();
    assert_int_equal(tried_count, 2);
}

/* ---- what the backend is told ------------------------------------------------------------------ */

static void test_the_name_goes_to_the_backend_and_no_claim_does(void **state)
{
    const struct route_option options[] = {{ROUTE_OPTION_AUTH, VIEW(BOB)},
                                           {ROUTE_OPTION_AUTH_HEADER, VIEW("X-The-User")},
                                           {ROUTE_OPTION_AUTH_KEEP, VIEW("true")}};
    (void)state;
    route_by(options, 3);
    world_say(client, ASK RIGHT "X-The-User: root\r\nx_the_user: root\r\nX-The_User: root\r\n"
                                "X-Other: stays\r\n\r\n");
    const char *heard = assert_goes_on();
    assert_null(strstr(heard, "root"));
    assert_non_null(strstr(heard, "\r\nX-The-User: bob\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Other: stays\r\n"));
    assert_non_null(strstr(heard, "\r\nAuthorization: Basic Ym9iOnNlY3JldA==\r\n"));
}

/* ---- files ------------------------------------------------------------------------------------ */

/* Of one file, "users", with bob or nobody in it; NULL: none. */
static void take_library(const char *text)
{
    struct library *library = library_new();
    struct text problems = TEXT_INIT;
    if (text) {
        struct library_users *users = arena_new(&library->arena, sizeof(*users));
        users->name = VIEW("users");
        htpasswd_parse(&users->list, view_str(text), '\n', &library->arena, &problems);
        library->users = users;
        library->users_count = 1;
    }
    text_fini(&problems);
    proxy_take_library(&world.env, library);
}

static void assert_held(void)
{
    world_say(client, ASK RIGHT "\r\n");
    assert_status(client, "503");
    assert_end(&world, ERR_AUTH_UNKNOWN);
}

static void test_a_file_that_cannot_be_used_opens_nothing(void **state)
{
    const struct route_option option = {ROUTE_OPTION_AUTH_FILE, VIEW("users")};
    (void)state;
    route_by(&option, 1);
    assert_held(); /* nothing was read yet */
    take_library(NULL);
    assert_held();
    take_library("# nobody\n");
    assert_held();
    take_library(BOB);
    world_say(client, ASK RIGHT "\r\n");
    assert_goes_on();
    take_library("alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
    world_say(client, ASK RIGHT "\r\n"); /* he was right once */
    assert_refused();
}

static void test_a_file_that_may_miss(void **state)
{
    const struct route_option option = {ROUTE_OPTION_AUTH_FILE, VIEW("users?")};
    (void)state;
    route_by(&option, 1);
    assert_held();
    take_library(NULL);
    world_say(client, ASK RIGHT "\r\n"); /* it is the backend's to ask then */
    assert_non_null(strstr(assert_goes_on(), "\r\nAuthorization: Basic"));
    take_library(BOB);
    world_say(client, ASK "\r\n");
    assert_refused();
}

/* ---- while it is tried ------------------------------------------------------------------------- */

static void test_others_are_served_meanwhile(void **state)
{
    struct pretend_uv_wire *waiting = world_client(&world);
    (void)state;
    route_by_list(BOB);
    world_say(client, ASK RIGHT "\r\n");
    assert_goes_on();
    pretend_uv.is_pool_busy = true;
    world_say(waiting, ASK WRONG "\r\n");
    assert_string_equal(world_hear(waiting), "");
    world_say(client, ASK RIGHT "\r\n");
    assert_goes_on();
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_status(waiting, "401");
}

static void test_too_many_at_once(void **state)
{
    struct pretend_uv_wire *waiting[65];
    (void)state;
    route_by_list(BOB);
    pretend_uv.is_pool_busy = true;
    for (unsigned i = 0; i < 65; i++) {
        waiting[i] = world_client(&world);
        world_say(waiting[i], ASK WRONG "\r\n");
    }
    assert_string_equal(world_hear(waiting[63]), "");
    assert_status(waiting[64], "503");
    assert_end(&world, ERR_AUTH_BUSY);
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_status(waiting[63], "401");
}

/* From one address, with the pool busy. */
static void storm(struct pretend_uv_wire *waiting[], unsigned count, const char *address)
{
    pretend_uv.is_pool_busy = true;
    for (unsigned i = 0; i < count; i++) {
        waiting[i] = world_client_from(address);
        world_say(waiting[i], ASK WRONG "\r\n");
    }
}

static void test_a_storm_of_one_client_is_in_the_way_of_no_other(void **state)
{
    struct pretend_uv_wire *waiting[80], *other = world_client_from("192.0.2.8:1");
    (void)state;
    route_by_list(BOB);
    storm(waiting, 80, "192.0.2.7:1");
    assert_int_equal(world.loop.errand_count, ERRAND_SHARE);
    world_say(other, ASK RIGHT "\r\n");
    assert_int_equal(world.loop.errand_count, ERRAND_SHARE + 1);
    assert_string_equal(world_hear(waiting[63]), "");
    assert_status(waiting[64], "503");
    for (unsigned i = 0; i < ERRAND_SHARE; i++)
        world_reset(waiting[i]); /* which are called off as the fifth is next */
    assert_int_equal(tried_count, 0);
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    world_say(world_backend(0), OK);
    assert_status(other, "200");
    for (unsigned i = ERRAND_SHARE; i < 64; i++)
        assert_status(waiting[i], "401");
    assert_int_equal(tried_count, 61);
    assert_string_equal(last_tried, "guess");
}

static void test_a_client_of_ipv6_is_a_64(void **state)
{
    struct pretend_uv_wire *waiting[4], *other[2];
    (void)state;
    route_by_list(BOB);
    storm(waiting, 4, "[2001:db8::1]:1");
    storm(other, 1, "[2001:db8::2:0:0:9]:1"); /* the same */
    assert_int_equal(world.loop.errand_count, ERRAND_SHARE);
    storm(other + 1, 1, "[2001:db8:0:1::1]:1");
    assert_int_equal(world.loop.errand_count, ERRAND_SHARE + 1);
}

static void test_who_waits_for_its_turn_may_leave(void **state)
{
    struct pretend_uv_wire *waiting[64];
    (void)state;
    route_by_list(BOB);
    storm(waiting, 64, "192.0.2.7:1");
    for (unsigned i = ERRAND_SHARE; i < 63; i++)
        world_reset(waiting[i]);
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_status(waiting[63], "401");
    assert_int_equal(tried_count, ERRAND_SHARE + 1);
}

static void test_addresses_that_are_many_are_bounded(void **state)
{
    struct pretend_uv_wire *waiting[310];
    char address[32];
    (void)state;
    route_by_list(BOB);
    world.env.crowd.options.max_client_count = 400;
    for (unsigned i = 0; i < 310; i++) {
        snprintf(address, sizeof(address), "192.0.2.%u:1", i % 62);
        storm(waiting + i, 1, address);
    }
    assert_string_equal(world_hear(waiting[303]), "");
    assert_status(waiting[304], "503");
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_status(waiting[303], "401");
    assert_int_equal(tried_count, 304);
}

static void test_nobody_waits_for_ever(void **state)
{
    (void)state;
    route_by_list(BOB);
    pretend_uv.is_pool_busy = true;
    world_say(client, ASK RIGHT "\r\n");
    pretend_uv_pass(SIGN_IN_MS - 100);
    assert_string_equal(world_hear(client), "");
    pretend_uv_pass(200);
    assert_status(client, "503");
    assert_end(&world, ERR_AUTH_BUSY);
}

static void test_a_client_may_leave(void **state)
{
    (void)state;
    route_by_list(BOB);
    pretend_uv.is_pool_busy = true;
    world_say(client, ASK RIGHT "\r\n");
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_null(world_backend(0));
    assert_int_equal(tried_count, 0);
}

static void test_a_client_may_shut_its_side(void **state)
{
    (void)state;
    route_by_list(BOB);
    pretend_uv.is_pool_busy = true;
    world_say(client, ASK RIGHT "\r\n");
    world_end(client);
    pretend_uv.is_pool_busy = false;
    pretend_uv_settle();
    assert_goes_on();
}

static void test_lb_may_end(void **state)
{
    (void)state;
    route_by_list(BOB);
    pretend_uv.is_pool_busy = true;
    world_say(client, ASK RIGHT "\r\n"); /* tear_down looks whether anything is left */
}

static void test_a_body_that_is_still_coming(void **state)
{
    (void)state;
    route_by_list(BOB);
    world_say(client,
              "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n" RIGHT "\r\n01234");
    world_say(client, "56789");
    assert_non_null(strstr(assert_goes_on(), "0123456789"));
    world_say(client, "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n01234");
    assert_refused();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_who_knows_the_password),
        TEST(test_a_password_is_tried_once),
        TEST(test_an_unknown_user_costs_what_a_wrong_password_does),
        TEST(test_the_name_goes_to_the_backend_and_no_claim_does),
        TEST(test_a_file_that_cannot_be_used_opens_nothing),
        TEST(test_a_file_that_may_miss),
        TEST(test_others_are_served_meanwhile),
        TEST(test_too_many_at_once),
        TEST(test_a_storm_of_one_client_is_in_the_way_of_no_other),
        TEST(test_a_client_of_ipv6_is_a_64),
        TEST(test_who_waits_for_its_turn_may_leave),
        TEST(test_addresses_that_are_many_are_bounded),
        TEST(test_nobody_waits_for_ever),
        TEST(test_a_client_may_leave),
        TEST(test_a_client_may_shut_its_side),
        TEST(test_lb_may_end),
        TEST(test_a_body_that_is_still_coming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
