/* Every state of an exchange against every event: what the client got, how both connections stand
 * afterwards, and how the record says that it ended. Nothing is ever left behind (world_close). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/proxy/proxy.h"
#include "tests/sim/world.h"

#define GET  "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define PUT  "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890"
#define ASKS "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"

static struct world world;
static struct pretend_uv_wire *client;

static struct pretend_uv_wire *backend(void)
{
    return world_backend(0);
}

/* ---- states --------------------------------------------------------------------------------- */

static void be_idle(void)
{
    world_say(client, GET);
    world_say(backend(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    world_hear(client);
}

static void be_in_head(void)
{
    world_say(client, "GET / HT");
}

static void be_held(void)
{
    world_publish(&world, "u");
    world_say(client, GET);
}

/* Some of its body is still to come. */
static void be_held_put(void)
{
    world_publish(&world, "u");
    world_say(client, PUT);
}

static void be_connecting(void)
{
    pretend_uv.connects_at_once = false;
    world_say(client, GET);
}

static void be_sending(void)
{
    world_say(client, PUT);
}

static void be_awaiting(void)
{
    world_say(client, GET);
}

static void be_awaiting_post(void)
{
    world_say(client, POST);
}

static void be_in_length(void)
{
    world_say(client, GET);
    world_say(backend(), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
}

static void be_in_chunks(void)
{
    world_say(client, GET);
    world_say(backend(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
}

/* To a client that knows no chunks, the end of the connection is the end of the answer. */
static void be_unframed(void)
{
    world_say(client, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    world_say(backend(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
}

static void be_tunnel(void)
{
    world_say(client, ASKS);
    world_say(backend(), "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
}

/* 101 came before the request was complete. */
static void be_early(void)
{
    world_say(client, "PUT / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n"
                      "Content-Length: 10\r\n\r\n12345");
    world_say(backend(), "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
}

/* Answered, while its request was still coming. */
static void be_lingering(void)
{
    world_say(client, PUT);
    world_say(backend(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    world_hear(client);
}

/* All of the answer is there, and the client has not taken all of it. */
static void be_untaken(void)
{
    client->room = 10;
    world_say(client, GET);
    world_say(backend(), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi");
    world_hear(client);
}

/* ---- events --------------------------------------------------------------------------------- */

static void client_ends(void)
{
    world_end(client);
}

static void client_resets(void)
{
    world_reset(client);
}

static void backend_ends(void)
{
    if (backend())
        world_end(backend());
}

static void backend_resets(void)
{
    if (backend())
        world_reset(backend());
}

static void backend_babbles(void)
{
    if (backend() && backend()->connect == PRETEND_UV_CONNECTED)
        world_say(backend(), "zzz\r\n\r\n");
}

static void time_passes(void)
{
    for (unsigned i = 0; i < 160; i++)
        pretend_uv_pass(250);
}

static void lb_drains(void)
{
    proxy_drain(&world.env);
    pretend_uv_settle();
}

static void lb_closes(void)
{
    proxy_close(&world.env);
    pretend_uv_settle();
}

static void pool_empties(void)
{
    world_publish(&world, "g");
}

/* ---- the table ------------------------------------------------------------------------------ */

#define EVENTS(XX)                                                                                 \
    XX(client_ends)                                                                                \
    XX(client_resets)                                                                              \
    XX(backend_ends)                                                                               \
    XX(backend_resets)                                                                             \
    XX(backend_babbles)                                                                            \
    XX(time_passes)                                                                                \
    XX(lb_drains)                                                                                  \
    XX(lb_closes)                                                                                  \
    XX(pool_empties)

enum event {
#define XX(name) EVENT_##name,
    EVENTS(XX)
#undef XX
        EVENT_COUNT
};

static void (*const events[])(void) = {
#define XX(name) name,
    EVENTS(XX)
#undef XX
};

static const char *const event_names[] = {
#define XX(name) #name,
    EVENTS(XX)
#undef XX
};

/* "status client backend end": what the client was told ("-": nothing, "+": bytes that are no
 * head), the words of world_word_of, and the word of the one record ("-": none). */
static const struct {
    const char *name;
    void (*reach)(void);
    const char *want[EVENT_COUNT];
} states[] = {
    {"idle",
     be_idle,
     {
         [EVENT_client_ends] = "- closed open -",
         [EVENT_client_resets] = "- closed open -",
         [EVENT_backend_ends] = "- open closed -",
         [EVENT_backend_resets] = "- open closed -",
         [EVENT_backend_babbles] = "- open closed -",
         [EVENT_time_passes] = "- closed closed -",
         [EVENT_lb_drains] = "- fin open -",
         [EVENT_lb_closes] = "- closed closed -",
         [EVENT_pool_empties] = "- open closed -",
     }},
    {"in_head",
     be_in_head,
     {
         [EVENT_client_ends] = "- closed none -",
         [EVENT_client_resets] = "- closed none -",
         [EVENT_backend_ends] = "- open none -",
         [EVENT_backend_resets] = "- open none -",
         [EVENT_backend_babbles] = "- open none -",
         [EVENT_time_passes] = "408 closed none head_timeout",
         [EVENT_lb_drains] = "- open none -",
         [EVENT_lb_closes] = "503 closed none shutdown",
         [EVENT_pool_empties] = "- open none -",
     }},
    {"held",
     be_held,
     {
         [EVENT_client_ends] = "503 closed none client_gone",
         [EVENT_client_resets] = "- reset none client_gone",
         [EVENT_backend_ends] = "- open none -",
         [EVENT_backend_resets] = "- open none -",
         [EVENT_backend_babbles] = "- open none -",
         [EVENT_time_passes] = "503 closed none no_endpoint",
         [EVENT_lb_drains] = "- open none -",
         [EVENT_lb_closes] = "503 closed none shutdown",
         [EVENT_pool_empties] = "- open none -",
     }},
    {"held_put",
     be_held_put,
     {
         [EVENT_client_ends] = "- open none -",
         [EVENT_client_resets] = "- open none -",
         [EVENT_backend_ends] = "- open none -",
         [EVENT_backend_resets] = "- open none -",
         [EVENT_backend_babbles] = "- open none -",
         [EVENT_time_passes] = "503 closed none no_endpoint",
         [EVENT_lb_drains] = "- open none -",
         [EVENT_lb_closes] = "503 closed none shutdown",
         [EVENT_pool_empties] = "- open none -",
     }},
    {"connecting",
     be_connecting,
     {
         [EVENT_client_ends] = "- open connecting -",
         [EVENT_client_resets] = "- reset closed client_gone",
         [EVENT_backend_ends] = "- open connecting -",
         [EVENT_backend_resets] = "- open connecting -",
         [EVENT_backend_babbles] = "- open connecting -",
         [EVENT_time_passes] = "504 closed closed connect_timeout",
         [EVENT_lb_drains] = "- open connecting -",
         [EVENT_lb_closes] = "503 closed closed shutdown",
         [EVENT_pool_empties] = "- open connecting -",
     }},
    {"sending",
     be_sending,
     {
         [EVENT_client_ends] = "- reset closed client_gone",
         [EVENT_client_resets] = "- reset closed client_gone",
         [EVENT_backend_ends] = "- open closed -",
         [EVENT_backend_resets] = "- open closed -",
         [EVENT_backend_babbles] = "502 fin closed upstream_invalid",
         [EVENT_time_passes] = "408 closed closed body_timeout",
         [EVENT_lb_drains] = "- open open -",
         [EVENT_lb_closes] = "503 closed closed shutdown",
         [EVENT_pool_empties] = "- open open -",
     }},
    {"awaiting",
     be_awaiting,
     {
         [EVENT_client_ends] = "- open open -",
         [EVENT_client_resets] = "- reset closed client_gone",
         [EVENT_backend_ends] = "- open closed -",
         [EVENT_backend_resets] = "- open closed -",
         [EVENT_backend_babbles] = "502 open closed upstream_invalid",
         [EVENT_time_passes] = "504 closed closed upstream_timeout",
         [EVENT_lb_drains] = "- open open -",
         [EVENT_lb_closes] = "503 closed closed shutdown",
         [EVENT_pool_empties] = "- open open -",
     }},
    {"awaiting_post",
     be_awaiting_post,
     {
         [EVENT_client_ends] = "- open open -",
         [EVENT_client_resets] = "- reset closed client_gone",
         [EVENT_backend_ends] = "502 open closed upstream_reset",
         [EVENT_backend_resets] = "502 open closed upstream_reset",
         [EVENT_backend_babbles] = "502 open closed upstream_invalid",
         [EVENT_time_passes] = "504 closed closed upstream_timeout",
         [EVENT_lb_drains] = "- open open -",
         [EVENT_lb_closes] = "503 closed closed shutdown",
         [EVENT_pool_empties] = "- open open -",
     }},
    {"in_length",
     be_in_length,
     {
         [EVENT_client_ends] = "200 open open -",
         [EVENT_client_resets] = "200 reset closed client_gone",
         [EVENT_backend_ends] = "200 closed closed upstream_truncated",
         [EVENT_backend_resets] = "200 closed closed upstream_truncated",
         [EVENT_backend_babbles] = "200 open closed ok",
         [EVENT_time_passes] = "200 closed closed upstream_stalled",
         [EVENT_lb_drains] = "200 open open -",
         [EVENT_lb_closes] = "200 closed closed shutdown",
         [EVENT_pool_empties] = "200 open open -",
     }},
    {"in_chunks",
     be_in_chunks,
     {
         [EVENT_client_ends] = "200 open open -",
         [EVENT_client_resets] = "200 reset closed client_gone",
         [EVENT_backend_ends] = "200 closed closed upstream_truncated",
         [EVENT_backend_resets] = "200 closed closed upstream_truncated",
         [EVENT_backend_babbles] = "200 closed closed upstream_invalid",
         [EVENT_time_passes] = "200 closed closed upstream_stalled",
         [EVENT_lb_drains] = "200 open open -",
         [EVENT_lb_closes] = "200 closed closed shutdown",
         [EVENT_pool_empties] = "200 open open -",
     }},
    {"unframed",
     be_unframed,
     {
         [EVENT_client_ends] = "200 open open -",
         [EVENT_client_resets] = "200 reset closed client_gone",
         [EVENT_backend_ends] = "200 open closed upstream_truncated",
         [EVENT_backend_resets] = "200 open closed upstream_truncated",
         [EVENT_backend_babbles] = "200 open closed upstream_invalid",
         [EVENT_time_passes] = "200 reset closed upstream_stalled",
         [EVENT_lb_drains] = "200 open open -",
         [EVENT_lb_closes] = "200 reset closed shutdown",
         [EVENT_pool_empties] = "200 open open -",
     }},
    {"tunnel",
     be_tunnel,
     {
         [EVENT_client_ends] = "101 open fin -",
         [EVENT_client_resets] = "101 reset closed client_gone",
         [EVENT_backend_ends] = "101 fin open -",
         [EVENT_backend_resets] = "101 open closed upstream_truncated",
         [EVENT_backend_babbles] = "101 open open -",
         [EVENT_time_passes] = "101 reset closed tunnel_idle",
         [EVENT_lb_drains] = "101 open open -",
         [EVENT_lb_closes] = "101 reset closed shutdown",
         [EVENT_pool_empties] = "101 open open -",
     }},
    {"early",
     be_early,
     {
         [EVENT_client_ends] = "101 reset closed client_gone",
         [EVENT_client_resets] = "101 reset closed client_gone",
         [EVENT_backend_ends] = "101 fin open -",
         [EVENT_backend_resets] = "101 open closed upstream_truncated",
         [EVENT_backend_babbles] = "101 open open -",
         [EVENT_time_passes] = "101 reset closed body_timeout",
         [EVENT_lb_drains] = "101 open open -",
         [EVENT_lb_closes] = "101 reset closed shutdown",
         [EVENT_pool_empties] = "101 open open -",
     }},
    {"lingering",
     be_lingering,
     {
         [EVENT_client_ends] = "- closed closed -",
         [EVENT_client_resets] = "- closed closed -",
         [EVENT_backend_ends] = "- fin closed -",
         [EVENT_backend_resets] = "- fin closed -",
         [EVENT_backend_babbles] = "- fin closed -",
         [EVENT_time_passes] = "- closed closed -",
         [EVENT_lb_drains] = "- fin closed -",
         [EVENT_lb_closes] = "- closed closed -",
         [EVENT_pool_empties] = "- fin closed -",
     }},
    {"untaken",
     be_untaken,
     {
         [EVENT_client_ends] = "- open open -",
         [EVENT_client_resets] = "- reset open -",
         [EVENT_backend_ends] = "- open closed -",
         [EVENT_backend_resets] = "- open closed -",
         [EVENT_backend_babbles] = "- open closed -",
         [EVENT_time_passes] = "- reset closed -",
         [EVENT_lb_drains] = "- open open -",
         [EVENT_lb_closes] = "- reset closed -",
         [EVENT_pool_empties] = "- open closed -",
     }},
};

static void describe(unsigned records_before, struct text *out)
{
    const char *heard = world_hear(client);
    if (strncmp(heard, "HTTP/1.1 ", 9) == 0)
        text_appendf(out, "%.3s", heard + 9);
    else
        text_append_str(out, heard[0] ? "+" : "-");
    text_appendf(out, " %s %s", world_word_of(client), world_word_of(backend()));
    text_appendf(out, " %s", world.record_count == records_before ? "-" : err_word(world.end));
    assert_in_range(world.record_count - records_before, 0, 1);
}

static void test_every_state_meets_every_event(void **state)
{
    struct env_options options = world_usual;
    bool is_right = true;
    (void)state;
    options.policy.hold_ms = 3000;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        for (unsigned event = 0; event < EVENT_COUNT; event++) {
            struct text got = TEXT_INIT;
            world_open(&world, &options, "r");
            client = world_client(&world);
            states[i].reach();
            unsigned records_before = world.record_count;
            events[event]();
            describe(records_before, &got);
            if (!states[i].want[event] || strcmp(text_str(&got), states[i].want[event]) != 0) {
                print_message("[%s] [%s] \"%s\"\n", states[i].name, event_names[event],
                              text_str(&got));
                fflush(stdout);
                is_right = false;
            }
            text_fini(&got);
            world_close(&world);
        }
    assert_true(is_right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_meets_every_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
