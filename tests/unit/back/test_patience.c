/* How long a backend may let lb wait, by what is waited for and who says so, and what puts that off. */
#include "lb/back/patience.h"

#include "lb/contract/waits.h"
#include "tests/unit/proxy/proxy_case.h"

#define HEAD            "HTTP/1.1 200 OK\r\n"
#define LENGTH          "Content-Length: 6\r\n\r\none"
#define OLD_GET         "GET / HTTP/1.0\r\nHost: a\r\n\r\n"
#define STEP_MS         100u
#define HOUR_MS         3600000u
#define NOBODY          UINT64_MAX
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct world world;
static struct pretend_uv_wire *client, *backend;

static void open_world(const struct env_options *options)
{
    world_open(&world, options, "r");
    client = world_client(&world);
}

static int set_up(void **state)
{
    (void)state;
    open_world(&world_usual);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static void ask(const char *request)
{
    world_say(client, request);
    backend = world_backend(backend_count() - 1);
}

static struct endpoint *endpoint(void)
{
    return world.pool->services[0].endpoints[0];
}

/* How long until the request ends, in steps; NOBODY: it has not after `most_ms`. */
static uint64_t wait_for_end(uint64_t most_ms, uint64_t step_ms)
{
    for (uint64_t ms = 0; ms <= most_ms; ms += step_ms) {
        if (world.record_count > 0)
            return ms;
        pretend_uv_pass(step_ms);
    }
    return NOBODY;
}

/* ---- by what, and who says so ----------------------------------------------------------------- */

static const struct {
    const char *request, *answer; /* its first part */
    enum wait wait;
    enum err end;
} kinds[] = {
    {GET, "", WAIT_RESPONSE, ERR_UPSTREAM_TIMEOUT},
    {GET, HEAD LENGTH, WAIT_BODY, ERR_UPSTREAM_STALLED},
    {GET, HEAD "Content-Type: text/html\r\n" LENGTH, WAIT_BODY, ERR_UPSTREAM_STALLED},
    {GET, HEAD "Content-Type: text/event-stream; charset=utf-8\r\n" LENGTH, WAIT_STREAM,
     ERR_UPSTREAM_STALLED},
    {GET, HEAD "content-type: APPLICATION/X-NDJSON\r\n" LENGTH, WAIT_STREAM, ERR_UPSTREAM_STALLED},
    {GET, HEAD "Content-Type: application/grpc-web+proto\r\n" LENGTH, WAIT_STREAM,
     ERR_UPSTREAM_STALLED},
    {GET, HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n", WAIT_STREAM, ERR_UPSTREAM_STALLED},
    {GET, HEAD "\r\none", WAIT_STREAM, ERR_UPSTREAM_STALLED},
    {OLD_GET, HEAD "\r\none", WAIT_STREAM, ERR_UPSTREAM_STALLED},
};

/* 0 is for ever, also where the other one has a limit. */
static const struct {
    unsigned flag_ms, own_ms, limit_ms;
} says[] = {
    {3000, WAITS_UNGIVEN, 3000}, {3000, 9000, 9000}, {3000, 500, 500}, {3000, 0, 0},
    {0, WAITS_UNGIVEN, 0},       {0, 3000, 3000},
};

static void test_every_kind_of_answer_and_who_says_how_long(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        for (size_t j = 0; j < COUNT_OF(says); j++) {
            struct env_options options = world_usual;
            for (unsigned wait = 0; wait < WAIT_COUNT; wait++)
                options.policy.wait_ms[wait] = wait == kinds[i].wait ? says[j].flag_ms : 20000;
            open_world(&options);
            atomic_store(&endpoint()->wait_ms[kinds[i].wait], says[j].own_ms);
            ask(kinds[i].request);
            world_say(backend, kinds[i].answer);
            bool is_limited = says[j].limit_ms > 0;
            uint64_t ended_ms =
                wait_for_end(is_limited ? 20000 : HOUR_MS, is_limited ? STEP_MS : 900);
            if (is_limited
                    ? ended_ms < says[j].limit_ms || ended_ms > says[j].limit_ms + 2 * STEP_MS
                    : ended_ms != NOBODY)
                fail_msg("kind %zu, said %zu: ended after %d ms", i, j, (int)ended_ms);
            assert_word(backend, is_limited ? "closed" : "open");
            if (is_limited)
                assert_end(&world, kinds[i].end);
            world_close(&world);
        }
}

/* ---- what puts it off, and what does not -------------------------------------------------------- */

static void test_interim_answers_do_not_put_it_off(void **state)
{
    (void)state;
    ask(GET);
    for (unsigned ms = 0; ms < world_usual.policy.wait_ms[WAIT_RESPONSE]; ms += 1000) {
        assert_int_equal(world.record_count, 0);
        world_say(backend, "HTTP/1.1 102 Processing\r\n\r\n");
        pretend_uv_pass(1000);
    }
    pretend_uv_pass(DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_TIMEOUT);
    const char *heard = world_hear(client);
    assert_non_null(strstr(heard, "HTTP/1.1 102"));
    assert_non_null(strstr(heard, "HTTP/1.1 504"));
}

static void test_an_answer_is_due_from_the_end_of_the_request_on(void **state)
{
    (void)state;
    ask(POST);
    for (unsigned i = 0; i < 10; i++) { /* 39 s in all */
        pretend_uv_pass(3900);
        world_say(client, "x");
    }
    assert_int_equal(wait_for_end(28000, 1000), NOBODY);
    world_say(backend, OK);
    assert_status(client, "200");
    assert_end(&world, ERR_OK);
}

/* Each piece in time, all of it longer than any deadline; and the connections are used again. */
static void test_an_answer_may_be_slow_but_not_stand_still(void **state)
{
    (void)state;
    ask(GET);
    world_say(backend, HEAD "Content-Length: 10\r\n\r\n");
    for (unsigned i = 0; i < 10; i++) {
        pretend_uv_pass(3900);
        world_say(backend, "x");
    }
    assert_end(&world, ERR_OK);
    ask(GET);
    assert_int_equal(backend_count(), 1);
    world_say(backend, HEAD "Content-Length: 10\r\n\r\n123");
    assert_int_equal(wait_for_end(3900, STEP_MS), 0); /* that of the first one */
    pretend_uv_pass(4000 + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
}

/* Less than what makes room for the next write, which only the kernel tells. */
static void test_a_backend_that_takes_little_of_a_request_is_waited_for(void **state)
{
    (void)state;
    ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    backend->unacknowledged_bytes = 1000;
    backend->room = 0;
    world_say_filler(client, 900000);
    for (unsigned i = 0; i < 20; i++) {
        backend->unacknowledged_bytes--;
        pretend_uv_pass(3900);
        assert_word(backend, "open");
    }
    pretend_uv_pass(2 * 4000 + DEADLINE_SLACK_MS);
    assert_end(&world, ERR_UPSTREAM_STALLED);
    assert_status(client, "504");
}

static void test_a_paused_one_is_not_waited_for_where_another_may_be_asked(void **state)
{
    static const struct {
        const char *request;
        bool goes_elsewhere;
    } rows[] = {{GET, true}, {PUT "1234567890", true}, {POST "1234567890", false}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world_close(&world);
        open_world(&world_usual);
        ask(rows[i].request);
        world_publish(&world, "pr");
        pretend_uv_pass(2000 + DEADLINE_SLACK_MS); /* the next look */
        assert_int_equal(backend_count(), rows[i].goes_elsewhere ? 2 : 1);
        pretend_uv_pass(4000);
        world_say(world_backend(rows[i].goes_elsewhere), OK);
        assert_status(client, "200");
        assert_end(&world, ERR_OK);
    }
}

/* ---- a host that is off the network --------------------------------------------------------------- */

/* What another one can be sent leaves at the first look; the rest only when that is no pause any more, nor one
 * who has acknowledged something meanwhile. */
static void test_a_host_off_the_network_is_not_waited_for(void **state)
{
    static const struct {
        const char *request, *pool;
        unsigned dead_after_ms, ack_age_ms;
        uint64_t least_ms, most_ms; /* NOBODY: it is waited for */
    } rows[] = {
        {GET, "rr", 6000, 2000, 1900, 2200},
        {GET, "r", 6000, 9000, 5900, 6300},
        {GET, "rp", 6000, 9000, 5900, 6300},
        {POST "1234567890", "rr", 6000, 9000, 5900, 6300},
        {POST "1234567890", "rr", 6000, 5000, NOBODY, NOBODY},
        {GET, "rr", 0, 9000, NOBODY, NOBODY},
        {POST "1234567890", "r", 0, 9000, NOBODY, NOBODY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct env_options options = world_usual;
        options.policy.wait_ms[WAIT_RESPONSE] = 30000;
        options.policy.dead_after_ms = rows[i].dead_after_ms;
        world_close(&world);
        world_open(&world, &options, rows[i].pool);
        client = world_client(&world);
        ask(rows[i].request);
        backend->retransmits = 3;
        backend->ack_age_ms = rows[i].ack_age_ms;
        uint64_t ended_ms = 0;
        while (ended_ms < 20000 && !backend->was_closed) {
            pretend_uv_pass(STEP_MS);
            ended_ms += STEP_MS;
        }
        if (!backend->was_closed)
            ended_ms = NOBODY;
        if (ended_ms < rows[i].least_ms || ended_ms > rows[i].most_ms)
            fail_msg("row %zu: given up after %d ms", i, (int)ended_ms);
    }
}

static void test_a_request_is_not_taken_by_a_host_off_the_network(void **state)
{
    static const struct {
        unsigned ack_age_ms;
        uint64_t least_ms, most_ms;
        enum err end;
    } rows[] = {{9000, 5900, 6300, ERR_UPSTREAM_RESET}, {10, 25900, 26500, ERR_UPSTREAM_STALLED}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct env_options options = world_usual;
        options.policy.wait_ms[WAIT_BODY] = 20000;
        world_close(&world);
        open_world(&options);
        ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
        backend->room = 0;
        backend->unacknowledged_bytes = 1000;
        world_say_filler(client, 900000);
        backend->retransmits = 3;
        backend->ack_age_ms = rows[i].ack_age_ms;
        uint64_t ended_ms = wait_for_end(30000, STEP_MS);
        if (ended_ms < rows[i].least_ms || ended_ms > rows[i].most_ms)
            fail_msg("row %zu: ended after %d ms", i, (int)ended_ms);
        assert_end(&world, rows[i].end);
    }
}

/* ---- idle connections --------------------------------------------------------------------------- */

/* Each time for a client of its own, as an idle one is let go. Gives the connection. */
static struct pretend_uv_wire *leave_idle(void)
{
    client = world_client(&world);
    ask(GET);
    world_say(backend, OK);
    assert_word(backend, "open");
    return backend;
}

/* Two closes at the same age, not at the same moment, are a habit. */
static void test_the_limit_of_an_idle_connection_is_learned_from_closes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pretend_uv_wire *idle = leave_idle();
        pretend_uv_pass(2000);
        assert_word(idle, "open");
        world_end(idle);
        assert_word(idle, "closed");
    }
    struct pretend_uv_wire *idle = leave_idle();
    pretend_uv_pass(1000);
    assert_word(idle, "open");
    pretend_uv_pass(900);
    assert_word(idle, "closed");
}

/* Its kernel has closed nothing, so nothing is learned; and the others are to the same host. */
static void test_a_lost_host_teaches_nothing_and_all_its_idle_ones_go(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct pretend_uv_wire *clients[2] = {world_client(&world), world_client(&world)};
        unsigned before = backend_count();
        for (unsigned j = 0; j < 2; j++)
            world_say(clients[j], GET);
        for (unsigned j = 0; j < 2; j++)
            world_say(world_backend(before + j), OK);
        pretend_uv_pass(2000);
        assert_word(world_backend(before + 1), "open");
        world_backend(before)->is_lost = true;
        world_reset(world_backend(before));
        assert_word(world_backend(before), "closed");
        assert_word(world_backend(before + 1), "closed");
    }
    assert_int_equal(atomic_load(&endpoint()->idle_limit_ms), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_answer_and_who_says_how_long),
        TEST(test_interim_answers_do_not_put_it_off),
        TEST(test_an_answer_is_due_from_the_end_of_the_request_on),
        TEST(test_an_answer_may_be_slow_but_not_stand_still),
        TEST(test_a_backend_that_takes_little_of_a_request_is_waited_for),
        TEST(test_a_paused_one_is_not_waited_for_where_another_may_be_asked),
        TEST(test_a_host_off_the_network_is_not_waited_for),
        TEST(test_a_request_is_not_taken_by_a_host_off_the_network),
        TEST(test_a_lost_host_teaches_nothing_and_all_its_idle_ones_go),
        TEST(test_the_limit_of_an_idle_connection_is_learned_from_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
