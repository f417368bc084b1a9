/* Who has to go, or is not let in, when there are too many. */
#include "lb/front/entrance.h"

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

static struct world world;
static struct pretend_uv_wire *client;

static int set_up(void **state)
{
    (void)state;
    world_open(&world, &world_usual, "r");
    client = world_client(&world);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void test_the_longest_idle_client_gives_way(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.front.max_client_count = 2;
    proxy_configure(&world.env, &options);
    struct pretend_uv_wire *second = world_client(&world), *third = world_client(&world);
    assert_word(client, "closed");
    assert_word(second, "open");
    assert_word(third, "open");
    world_say(second, GET);
    world_say(third, GET);
    struct pretend_uv_wire *fourth = world_client(&world);
    assert_status(fourth, "503");
    assert_end(&world, ERR_TOO_MANY);
    assert_word(second, "open");
}

static void test_who_is_far_too_many_is_reset(void **state)
{
    struct env_options options = world_usual;
    (void)state;
    options.front.max_client_count = 1;
    options.front.max_refused_count = 0;
    proxy_configure(&world.env, &options);
    world_say(client, GET);
    assert_word(world_client(&world), "reset");
    assert_word(client, "open");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_longest_idle_client_gives_way),
        CASE(test_who_is_far_too_many_is_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
