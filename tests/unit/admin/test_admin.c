/* The admin listener on the simulator: answers, deadlines, who gives way to whom, and followers. */
#include "lb/admin/admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "lb/net/socket.h"
#include "tests/sim/world.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define CONNECTION_MAX  4u
#define GET             "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define FOLLOW          "GET /follow HTTP/1.1\r\nHost: a\r\n\r\n"
#define SLACK_MS        40u

static struct loop loop;
static struct admin admin;
static unsigned ask_count;
static bool was_from_here;
static size_t body_bytes; /* of an answer */

static void respond(void *owner, const struct head *head, struct admin_answer *answer)
{
    assert_ptr_equal(owner, &admin);
    ask_count++;
    was_from_here = answer->is_asked_from_here;
    answer->status = 200;
    answer->goes_on = view_eq(head->path, VIEW("/follow"));
    text_append_str(&answer->fields, "X-More: 1\r\n");
    for (size_t i = 0; i < body_bytes; i++)
        text_append_char(&answer->body, 'b');
}

static int open_admin(void **state)
{
    struct address at;
    (void)state;
    pretend_uv_init(&world_hooks);
    assert_int_equal(loop_init(&loop), 0);
    assert_true(address_parse(VIEW("127.0.0.1:9000"), &at));
    ask_count = 0;
    body_bytes = 2;
    return admin_open(
        &admin,
        &(struct admin_options){
            .loop = &loop, .respond = respond, .owner = &admin, .connection_max = CONNECTION_MAX},
        socket_listen(&at));
}

static int close_admin(void **state)
{
    (void)state;
    admin_close(&admin);
    admin_close(&admin);
    pretend_uv_settle();
    assert_int_equal(admin.connection_count, 0);
    assert_int_equal(admin.follower_count, 0);
    assert_int_equal(loop.blocks.used_bytes, 0);
    loop_fini(&loop);
    pretend_uv_fini();
    pretend_uv.loop = NULL;
    return 0;
}

static struct pretend_uv_wire *come(const char *from, size_t room, const char *says)
{
    struct address at;
    assert_true(address_parse(view_str(from), &at));
    struct pretend_uv_wire *wire = pretend_uv_new_client(&at, room);
    pretend_uv_settle();
    world_say(wire, says);
    return wire;
}

static struct pretend_uv_wire *come_and_say(const char *says)
{
    return come("192.0.2.7:4711", WORLD_ROOM, says);
}

#define assert_word(wire, word) assert_string_equal(world_word_of(wire), word)

/* ---- one answer ------------------------------------------------------------------------------ */

#define HEAD                                                                                       \
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\n"                                   \
    "Content-Type: text/plain; charset=utf-8\r\n"
#define REST                                                                                       \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-More: 1\r\n"                  \
    "Connection: close\r\n\r\n"

static void test_answers(void **state)
{
    static const struct {
        const char *request, *answer, *word;
    } rows[] = {
        {GET, HEAD "Content-Length: 2\r\n" REST "bb", "fin"},
        {"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", HEAD "Content-Length: 2\r\n" REST, "fin"},
        {FOLLOW, HEAD REST "bb", "open"},
        {"HEAD /follow HTTP/1.1\r\nHost: a\r\n\r\n", HEAD REST, "fin"},
        {"GET / HTTP/1.1\r\nHost: a\r\n", "", "open"},
        {GET GET, HEAD "Content-Length: 2\r\n" REST "bb", "fin"}, /* one a connection */
        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
         HEAD "Content-Length: 2\r\n" REST "bb", "fin"}, /* a body is not read */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pretend_uv_wire *wire = come_and_say(rows[i].request);
        assert_string_equal(world_hear(wire), rows[i].answer);
        assert_word(wire, rows[i].word);
        close_admin(state);
        open_admin(state);
    }
}

static void test_one_answer_a_connection(void **state)
{
    (void)state;
    struct pretend_uv_wire *wire = come_and_say(GET);
    world_hear(wire);
    for (unsigned i = 0; i < 3; i++)
        world_say(wire, GET);
    assert_string_equal(world_hear(wire), "");
    assert_int_equal(ask_count, 1);
}

static void test_bad_requests(void **state)
{
    static const struct {
        const char *request, *status, *error;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "bad_request:host"},
        {"\033[2J\r\n\r\n", "HTTP/1.1 400 ", "bad_request:start_line"},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 ", "bad_request:version"},
        {"GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n", "HTTP/1.1 400 ", "bad_request:field"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pretend_uv_wire *wire = come_and_say(rows[i].request);
        const char *heard = world_hear(wire);
        assert_memory_equal(heard, rows[i].status, strlen(rows[i].status));
        assert_non_null(strstr(heard, rows[i].error));
        assert_word(wire, "fin");
    }
    assert_int_equal(ask_count, 0);
}

static void test_who_asks_from_here(void **state)
{
    static const struct {
        const char *from;
        bool is_here;
    } rows[] = {{"127.0.0.1:1", true},
                {"[::1]:1", true},
                {"10.0.0.1:1", false},
                {"[fd00::1]:1", false},
                {"127.9.9.9:1", true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        come(rows[i].from, WORLD_ROOM, GET);
        assert_int_equal(was_from_here, rows[i].is_here);
    }
}

static void test_a_refusal_replaces_what_there_was(void **state)
{
    struct admin_answer answer = {.status = 200, .content_type = "text/plain"};
    (void)state;
    text_append_str(&answer.body, "half a page");
    admin_refuse(&answer, 404, "no_such", "There is no \"%s\".", "a\n\033b");
    assert_string_equal(
        text_str(&answer.body),
        "{\"error\":\"no_such\",\"message\":\"There is no \\\"a\\n\\u001bb\\\".\"}\n");
    assert_int_equal(answer.status, 404);
    assert_string_equal(answer.content_type, "application/json");
    text_fini(&answer.body);
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void test_an_end_of_the_peer_in_each_state(void **state)
{
    static const struct {
        const char *says;
        size_t room;
        const char *at_fin; /* after its end */
    } rows[] = {
        {"", WORLD_ROOM, "closed"},
        {"GET / HT", WORLD_ROOM, "closed"},
        {GET, WORLD_ROOM, "closed"},
        {GET, 10, "open"}, /* it may have shut its side only, and still read */
        {FOLLOW, WORLD_ROOM, "closed"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        bool is_reset = i % 2;
        struct pretend_uv_wire *wire = come("192.0.2.7:1", rows[i / 2].room, rows[i / 2].says);
        (is_reset ? world_reset : world_end)(wire);
        assert_word(wire, is_reset ? "closed" : rows[i / 2].at_fin);
        assert_int_equal(admin.connection_count, !wire->was_closed);
        close_admin(state);
        open_admin(state);
    }
}

static void test_who_is_slow_to_ask_or_to_read_is_dropped(void **state)
{
    static const struct {
        const char *says;
        size_t room;
        bool stays;
    } rows[] = {
        {"", WORLD_ROOM, false}, {"GET / HTTP/1.1\r\n", WORLD_ROOM, false},
        {GET, 10, false},        {GET, WORLD_ROOM, false}, /* it does not close */
        {FOLLOW, 10, false},     {FOLLOW, WORLD_ROOM, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pretend_uv_wire *wire = come("192.0.2.7:1", rows[i].room, rows[i].says);
        pretend_uv_pass(ADMIN_TIMEOUT_MS - SLACK_MS);
        assert_false(wire->was_closed);
        pretend_uv_pass(2 * SLACK_MS);
        assert_int_equal(wire->was_closed, !rows[i].stays);
        close_admin(state);
        open_admin(state);
    }
}

static void test_the_oldest_that_does_not_follow_gives_way(void **state)
{
    struct pretend_uv_wire *wires[CONNECTION_MAX + 2];
    (void)state;
    wires[0] = come_and_say(FOLLOW);
    for (unsigned i = 1; i < CONNECTION_MAX + 2; i++)
        wires[i] = come_and_say("GET / HTT");
    assert_word(wires[0], "open");
    assert_true(wires[1]->was_closed && wires[2]->was_closed);
    assert_word(wires[3], "open");
    assert_word(wires[CONNECTION_MAX + 1], "open");
    assert_int_equal(admin.connection_count, CONNECTION_MAX);
}

static void test_answers_that_nobody_reads_have_a_bound(void **state)
{
    struct pretend_uv_wire *wires[4];
    (void)state;
    body_bytes = ADMIN_BUFFER_BYTES / 3;
    for (unsigned i = 0; i < 4; i++)
        wires[i] = come("192.0.2.7:1", 10, GET);
    assert_true(wires[0]->was_closed);
    assert_false(wires[3]->was_closed);
    assert_in_range(loop.blocks.used_bytes, 1, ADMIN_BUFFER_BYTES);
}

static void test_a_connection_that_cannot_be_taken(void **state)
{
    (void)state;
    pretend_uv.fails_accept = true;
    come_and_say("");
    assert_int_equal(admin.connection_count, 0);
}

/* ---- followers ------------------------------------------------------------------------------- */

static void append_all(void *owner, struct text *out)
{
    ++*(unsigned *)owner;
    text_append_str(out, "all-");
}

/* Gives how often all of it was asked for. */
static unsigned tell(struct view news)
{
    unsigned count = 0;
    admin_tell(&admin, news, append_all, &count);
    return count;
}

static void test_who_follows_is_told_and_nobody_else(void **state)
{
    (void)state;
    struct pretend_uv_wire *follower = come_and_say(FOLLOW), *other = come_and_say("GET / H");
    world_hear(follower);
    tell(VIEW("data: 1\n\n"));
    assert_string_equal(world_hear(follower), "data: 1\n\n");
    assert_string_equal(world_hear(other), "");
    admin_drop_followers(&admin);
    pretend_uv_settle();
    assert_word(follower, "closed");
    assert_word(other, "open");
    tell(VIEW("data: 2\n\n"));
}

static void test_who_does_not_read_misses_it_and_is_dropped(void **state)
{
    (void)state;
    struct pretend_uv_wire *wire = come_and_say(FOLLOW);
    world_hear(wire);
    wire->room = 3;
    tell(VIEW("one-"));
    pretend_uv_settle();
    tell(VIEW("two-"));
    pretend_uv_pass(ADMIN_TIMEOUT_MS / 2);
    world_take(wire, 100);
    tell(VIEW("three-"));
    assert_string_equal(world_hear(wire), "one-all-");
    pretend_uv_pass(ADMIN_TIMEOUT_MS + SLACK_MS); /* it has read all: no deadline */
    assert_word(wire, "open");
    wire->room = 0;
    tell(VIEW("four-"));
    pretend_uv_settle();
    pretend_uv_pass(ADMIN_TIMEOUT_MS + SLACK_MS);
    assert_true(wire->was_closed);
    assert_int_equal(admin.follower_count, 0);
}

/* What was missed cannot be told later piece by piece: they get all of it, which is made once. */
static void test_who_has_missed_something_is_told_all(void **state)
{
    struct pretend_uv_wire *wires[3];
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        wires[i] = come_and_say(FOLLOW);
    for (unsigned i = 0; i < 3; i++)
        world_hear(wires[i]);
    wires[0]->room = wires[1]->room = 3;
    assert_int_equal(tell(VIEW("one-")), 0);
    pretend_uv_settle();
    assert_int_equal(tell(VIEW("two-")), 0);
    world_take(wires[0], 100);
    world_take(wires[1], 100);
    assert_int_equal(tell(VIEW("three-")), 1);
    assert_int_equal(tell(VIEW("four-")), 0);
    assert_string_equal(world_hear(wires[0]), "one-all-four-");
    assert_string_equal(world_hear(wires[1]), "one-all-four-");
    assert_string_equal(world_hear(wires[2]), "one-two-three-four-");
}

static void test_a_follower_that_is_gone_without_a_word(void **state)
{
    (void)state;
    struct pretend_uv_wire *wire = come_and_say(FOLLOW);
    wire->retransmits = 99;
    tell(VIEW("data: 1\n\n"));
    pretend_uv_settle();
    assert_true(wire->was_closed);
}

/* A page that reconnects must not keep others out; ports do not make it somebody else. */
static void test_who_has_most_places_gives_one_to_somebody_else(void **state)
{
    struct pretend_uv_wire *wires[ADMIN_FOLLOWER_MAX];
    (void)state;
    for (unsigned i = 0; i < ADMIN_FOLLOWER_MAX; i++) {
        char from[32];
        snprintf(from, sizeof(from), "192.0.2.%u:%u", i < 10 ? 1 : 2, 1000 + i);
        wires[i] = come(from, WORLD_ROOM, FOLLOW);
    }
    assert_int_equal(admin.follower_count, ADMIN_FOLLOWER_MAX);
    struct pretend_uv_wire *own = come("192.0.2.1:9", WORLD_ROOM, FOLLOW);
    assert_non_null(strstr(world_hear(own), "too_many_followers"));
    assert_word(own, "fin");
    struct pretend_uv_wire *other = come("192.0.2.3:9", WORLD_ROOM, FOLLOW);
    assert_memory_equal(world_hear(other), "HTTP/1.1 200", 12);
    assert_true(wires[0]->was_closed); /* the oldest of who has ten */
    assert_word(wires[1], "open");
    assert_word(wires[10], "open");
    assert_int_equal(admin.follower_count, ADMIN_FOLLOWER_MAX);
}

/* Nobody has more than the one who comes would have. */
static void test_where_all_have_one_place_nobody_gives_way(void **state)
{
    struct pretend_uv_wire *wire = NULL;
    (void)state;
    for (unsigned i = 0; i <= ADMIN_FOLLOWER_MAX; i++) {
        char from[32];
        snprintf(from, sizeof(from), "192.0.2.%u:9", 1 + i);
        wire = come(from, WORLD_ROOM, FOLLOW);
    }
    assert_non_null(strstr(world_hear(wire), "too_many_followers"));
    assert_int_equal(admin.follower_count, ADMIN_FOLLOWER_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_admin, close_admin)
    const struct CMUnitTest tests[] = {
        TEST(test_answers),
        TEST(test_one_answer_a_connection),
        TEST(test_bad_requests),
        TEST(test_who_asks_from_here),
        TEST(test_a_refusal_replaces_what_there_was),
        TEST(test_an_end_of_the_peer_in_each_state),
        TEST(test_who_is_slow_to_ask_or_to_read_is_dropped),
        TEST(test_the_oldest_that_does_not_follow_gives_way),
        TEST(test_answers_that_nobody_reads_have_a_bound),
        TEST(test_a_connection_that_cannot_be_taken),
        TEST(test_who_follows_is_told_and_nobody_else),
        TEST(test_who_does_not_read_misses_it_and_is_dropped),
        TEST(test_who_has_missed_something_is_told_all),
        TEST(test_a_follower_that_is_gone_without_a_word),
        TEST(test_who_has_most_places_gives_one_to_somebody_else),
        TEST(test_where_all_have_one_place_nobody_gives_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
