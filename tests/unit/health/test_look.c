/* Looks: what each answer means, deadlines, turns, and what an end does in each state. */
#include "lb/contract/passage_option.h"
#include "lb/health/look.h"

#include "tests/unit/health/health_case.h"

#define UNSAID "(still waits)"

static struct look_queue queue;
static struct look look;
static struct check check;
static unsigned done_count;
static int own_fault;

static void on_done(struct look *of)
{
    assert_int_equal(of->state, LOOK_IDLE);
    done_count++;
}

static void on_own_fault(int status)
{
    own_fault = status;
}

static int open_queue(void **state)
{
    open_loop(state);
    look_queue_init(&queue, &loop, 2);
    queue.on_own_fault = on_own_fault;
    look_init(&look, &queue, on_done);
    check = usual_check(CHECK_HTTP);
    done_count = 0;
    own_fault = 0;
    return 0;
}

static int close_queue(void **state)
{
    look_cancel(&look);
    return close_loop(state);
}

static void start_look(enum check_mode mode)
{
    struct address at = address_of("10.0.0.1:80");
    look_start(&look, &at, &check, mode, 500);
    pretend_uv_settle();
}

static void connect_it(enum check_mode mode)
{
    start_look(mode);
    world_connect(latest(), 0);
}

static const char *verdict(void)
{
    return done_count == 0 ? UNSAID : look.problem;
}

/* ---- one look -------------------------------------------------------------------------------- */

static void test_a_connect_is_all_that_tcp_asks(void **state)
{
    (void)state;
    connect_it(CHECK_TCP);
    assert_string_equal(verdict(), "");
    assert_string_equal(world_hear(latest()), "");
    assert_string_equal(world_word_of(latest()), "closed");
    assert_int_equal(queue.running_count, 0);
}

static void test_http_asks_what_the_check_says_and_waits(void **state)
{
    (void)state;
    check.port = 9000;
    strcpy(check.host, "example.com");
    connect_it(CHECK_HTTP);
    struct address at = address_of("10.0.0.1:9000");
    assert_true(address_eq(&latest()->peer, &at));
    assert_ptr_equal(strstr(world_hear(latest()), "GET /up HTTP/1.1\r\nHost: example.com\r\n"),
                     text_str(&latest()->got));
    assert_string_equal(verdict(), UNSAID);
}

/* A server that wants a PROXY header gets one, with whatever is asked behind it. */
static void test_a_header_goes_first(void **state)
{
    static const struct {
        unsigned version;
        enum check_mode mode;
        const char *send, *want;
    } rows[] = {
        {PROXY_VERSION_OFF, CHECK_TCP, "a", "a"},
        {PROXY_VERSION_1, CHECK_TCP, "", "PROXY UNKNOWN\r\n"},
        {PROXY_VERSION_1, CHECK_TCP, "a", "PROXY UNKNOWN\r\na"},
        {PROXY_VERSION_1, CHECK_REDIS, "", "PROXY UNKNOWN\r\nPING\r\n"},
        {PROXY_VERSION_2, CHECK_TCP, "a", "\r\n\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        look.proxy_version = rows[i].version;
        strcpy(check.send, rows[i].send);
        connect_it(rows[i].mode);
        size_t len = latest()->got.len;
        const char *heard = world_hear(latest());
        if (rows[i].version == PROXY_VERSION_2)
            assert_int_equal(len, 16 + strlen(rows[i].send));
        else
            assert_string_equal(heard, rows[i].want);
        assert_ptr_equal(strstr(heard, rows[i].want), heard);
        close_queue(state);
        open_queue(state);
    }
}

static void test_talks(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *answer, *want;
    } rows[] = {
        {CHECK_REDIS, "+PONG\r\n", ""},
        {CHECK_REDIS, "-LOADING wait\r\n", "redis: it still loads its data: -LOADING wait"},
        {CHECK_REDIS, "+PO", UNSAID},
        {CHECK_POSTGRES, "S", ""},
        {CHECK_SMTP, "220 mx\r\n221 bye\r\n", ""},
        {CHECK_SMTP, "220 mx\r\n", UNSAID},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        connect_it(rows[i].mode);
        world_say(latest(), rows[i].answer);
        if (strcmp(verdict(), rows[i].want) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, verdict(), rows[i].want);
        close_queue(state);
        open_queue(state);
    }
}

static void test_a_talk_that_ends(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *answer, *at_end, *at_reset;
    } rows[] = {
        {CHECK_REDIS, "", "redis: the connection ended before the answer did", "redis: an error"},
        {CHECK_REDIS, "+PONG", "", "redis: an error"},
        {CHECK_SMTP, "220 mx\r\n", "", "smtp: an error"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        connect_it(rows[i / 2].mode);
        world_say(latest(), rows[i / 2].answer);
        (i % 2 ? world_reset : world_end)(latest());
        assert_string_equal(verdict(), i % 2 ? rows[i / 2].at_reset : rows[i / 2].at_end);
        close_queue(state);
        open_queue(state);
    }
}

/* SMTP says its second word only when the first answer has come. */
static void test_a_talk_goes_on(void **state)
{
    (void)state;
    connect_it(CHECK_SMTP);
    assert_string_equal(world_hear(latest()), "");
    world_say(latest(), "220-mx\r\n");
    assert_string_equal(world_hear(latest()), "");
    world_say(latest(), "220 mx\r\n");
    assert_string_equal(world_hear(latest()), "QUIT\r\n");
    pretend_uv_pass(500 + SLACK_MS);
    assert_string_equal(verdict(), "smtp: not answered within 500 ms");
}

static void test_answers(void **state)
{
    static const struct {
        const char *method, *text, *answer, *want;
    } rows[] = {
        {"GET", "", OK, ""},
        {"GET", "", "HTTP/1.1 200 OK\r\n\r\n", ""}, /* of the body nothing is asked */
        {"GET", "", "HTTP/1.1 399 Odd\r\n\r\n", ""},
        {"GET", "", "HTTP/1.1 400 No\r\n\r\n", "GET /up: status 400 instead of 200-399"},
        {"GET", "", "HTTP/1.1 199 Odd\r\n\r\n", UNSAID},
        {"GET", "", "HTTP/1.1 100 Continue\r\n\r\n" OK, ""},
        {"GET", "", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", UNSAID},
        {"GET", "", "HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
         "GET /up: status 101 instead of 200-399"},
        {"GET", "", "HTTP/1.1 2", UNSAID},
        {"GET", "", "SSH-2.0-OpenSSH\r\n", "GET /up: the answer is no proper HTTP"},
        {"GET", "", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "GET /up: the answer is no proper HTTP"},
        {"GET", "well", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall well!", ""},
        {"GET", "well", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall w", UNSAID},
        {"GET", "well", OK, "GET /up: the body has not the expected text"},
        {"GET", "well", "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nwell",
         "GET /up: status 500 instead of 200-399"},
        {"GET", "well", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwe\r\n2\r\nll",
         ""},
        {"GET", "well", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwe\r\n0\r\n\r\n",
         "GET /up: the body has not the expected text"},
        {"HEAD", "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", ""},
        /* An answer to HEAD has no body, whatever its length says, also behind an interim one. */
        {"HEAD", "well", "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
         "HEAD /up: the body has not the expected text"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        strcpy(check.method, rows[i].method);
        strcpy(check.text, rows[i].text);
        connect_it(CHECK_HTTP);
        world_say(latest(), rows[i].answer);
        if (strcmp(verdict(), rows[i].want) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, verdict(), rows[i].want);
        close_queue(state);
        open_queue(state);
    }
}

static void test_an_answer_byte_by_byte(void **state)
{
    (void)state;
    pretend_uv.segment_bytes = 1;
    strcpy(check.text, "well");
    connect_it(CHECK_HTTP);
    world_say(latest(), "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nwewell");
    assert_string_equal(verdict(), "");
}

/* One before it is the last that counts. */
static void test_the_text_is_looked_for_in_the_first_64_kib(void **state)
{
    for (unsigned extra = 0; extra < 2; extra++) {
        strcpy(check.text, "well");
        connect_it(CHECK_HTTP);
        world_say(latest(), "HTTP/1.1 200 OK\r\n\r\n");
        world_say_filler(latest(), HTTP_ANSWER_BODY_MAX - 4 + extra);
        assert_string_equal(verdict(), UNSAID);
        world_say(latest(), "well");
        assert_string_equal(
            verdict(),
            extra ? "GET /up: the first 64 KiB of the body have not the expected text" : "");
        close_queue(state);
        open_queue(state);
    }
}

static void test_a_connection_that_ends(void **state)
{
    static const struct {
        const char *text, *answer, *at_end, *at_reset;
    } rows[] = {
        {"", "", "GET /up: the connection ended before the answer did", "GET /up: an error"},
        {"", "HTTP/1.1 200 OK\r\nCon", "GET /up: the connection ended before the answer did",
         "GET /up: an error"},
        {"well", "HTTP/1.1 200 OK\r\n\r\nfine", "GET /up: the body has not the expected text",
         "GET /up: an error"},
        {"well", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine",
         "GET /up: the connection ended before the answer did", "GET /up: an error"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(rows); i++) {
        bool is_reset = i % 2;
        strcpy(check.text, rows[i / 2].text);
        connect_it(CHECK_HTTP);
        world_say(latest(), rows[i / 2].answer);
        (is_reset ? world_reset : world_end)(latest());
        assert_string_equal(verdict(), is_reset ? rows[i / 2].at_reset : rows[i / 2].at_end);
        close_queue(state);
        open_queue(state);
    }
}

static void test_a_refused_connect_names_a_port_of_its_own(void **state)
{
    static const struct {
        unsigned port;
        const char *want;
    } rows[] = {{0, "an error"}, {9000, "port 9000: an error"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        check.port = rows[i].port;
        start_look(i == 0 ? CHECK_TCP : CHECK_HTTP);
        world_connect(latest(), UV_ECONNREFUSED);
        assert_string_equal(verdict(), rows[i].want);
        assert_false(look.is_own_fault);
        close_queue(state);
        open_queue(state);
    }
}

static void test_whose_fault_it_is_that_no_connect_begins(void **state)
{
    static const struct {
        int status;
        bool is_own;
    } rows[] = {{UV_EMFILE, true}, {UV_ENETUNREACH, true}, {UV_EHOSTUNREACH, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        pretend_uv.fails_connect = true;
        pretend_uv.connect_fault = rows[i].status;
        start_look(CHECK_HTTP);
        assert_int_equal(done_count, 1);
        assert_string_equal(look.problem, "an error");
        assert_int_equal(look.is_own_fault, rows[i].is_own);
        assert_int_equal(own_fault, rows[i].is_own ? rows[i].status : 0);
        queue.on_own_fault = NULL; /* nobody wants to know */
        pretend_uv.fails_connect = true;
        start_look(CHECK_HTTP);
        assert_int_equal(done_count, 2);
        pretend_uv.connect_fault = 0;
        start_look(CHECK_TCP); /* what was is forgotten */
        world_connect(latest(), 0);
        assert_string_equal(look.problem, "");
        assert_false(look.is_own_fault);
        close_queue(state);
        open_queue(state);
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

static void test_one_deadline_for_connect_and_answer(void **state)
{
    static const struct {
        unsigned connect_after_ms; /* 0: never */
        const char *want;
    } rows[] = {{0, "connect timed out"}, {400, "GET /up: not answered within 500 ms"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        start_look(CHECK_HTTP);
        pretend_uv_pass(400);
        if (rows[i].connect_after_ms)
            world_connect(latest(), 0);
        pretend_uv_pass(90);
        assert_string_equal(verdict(), UNSAID);
        pretend_uv_pass(10 + SLACK_MS);
        assert_string_equal(verdict(), rows[i].want);
        assert_string_equal(world_word_of(latest()), "closed");
        close_queue(state);
        open_queue(state);
    }
}

/* It was lb that came late, so what has come meanwhile is heard first; but once only. */
static void test_a_late_lb_gives_the_server_its_time_once(void **state)
{
    (void)state;
    connect_it(CHECK_HTTP);
    text_append_str(&latest()->sent, "HTTP/1.1 ");
    pretend_uv_pass(3000);
    assert_string_equal(verdict(), UNSAID);
    pretend_uv_pass(400);
    assert_string_equal(verdict(), UNSAID);
    text_append_str(&latest()->sent, "200 ");
    pretend_uv_pass(3000);
    assert_string_equal(verdict(), "GET /up: not answered within 500 ms");
}

static void test_a_late_answer_counts_if_lb_was_later(void **state)
{
    (void)state;
    connect_it(CHECK_HTTP);
    text_append_str(&latest()->sent, OK);
    pretend_uv_pass(3000);
    assert_string_equal(verdict(), "");
}

/* ---- states and turns ------------------------------------------------------------------------ */

static void test_an_end_in_each_state(void **state)
{
    static const struct {
        enum look_state at;
        bool is_over;        /* at once */
        unsigned done_after; /* how often on_done came, in the end */
    } rows[] = {
        {LOOK_IDLE, true, 0},       {LOOK_WAITING, true, 0},  {LOOK_CONNECTING, false, 1},
        {LOOK_ANSWERING, false, 1}, {LOOK_CLOSING, false, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address at = address_of("10.0.0.1:80");
        queue.max_count = rows[i].at != LOOK_WAITING;
        if (rows[i].at != LOOK_IDLE)
            start_look(CHECK_HTTP);
        if (rows[i].at == LOOK_ANSWERING)
            world_connect(latest(), 0);
        if (rows[i].at == LOOK_CLOSING)
            look_cancel(&look);
        assert_int_equal(look.state, rows[i].at);
        assert_int_equal(look_cancel(&look), rows[i].is_over);
        assert_int_equal(done_count, 0);
        pretend_uv_settle();
        assert_int_equal(done_count, rows[i].done_after);
        assert_true(list_is_empty(&queue.waiting));
        assert_int_equal(queue.running_count, 0);
        assert_false(deadline_is_armed(&look.deadline));
        queue.max_count = 1;
        look_start(&look, &at, &check, CHECK_TCP, 500); /* it can begin again */
        assert_int_equal(look.state, LOOK_CONNECTING);
        close_queue(state);
        open_queue(state);
    }
}

static void test_looks_take_turns_in_the_order_they_came(void **state)
{
    struct look others[3];
    struct address at = address_of("10.0.0.2:80");
    (void)state;
    start_look(CHECK_HTTP);
    for (unsigned i = 0; i < 3; i++) {
        look_init(&others[i], &queue, on_done);
        look_start(&others[i], &at, &check, CHECK_TCP, 500);
    }
    pretend_uv_settle();
    assert_int_equal(connect_count(), 2); /* the most at the same time */
    assert_int_equal(others[1].state, LOOK_WAITING);
    pretend_uv_pass(400); /* which does not count for those that wait */
    world_connect(world_backend(1), 0);
    assert_int_equal(others[0].state, LOOK_IDLE);
    assert_int_equal(others[1].state, LOOK_CONNECTING);
    assert_int_equal(others[2].state, LOOK_WAITING);
    pretend_uv_pass(100 + SLACK_MS); /* the first one's time is over */
    assert_string_equal(look.problem, "connect timed out");
    assert_int_equal(others[2].state, LOOK_CONNECTING);
    assert_int_equal(done_count, 2);
    world_connect(world_backend(2), 0);
    world_connect(world_backend(3), 0);
    assert_int_equal(done_count, 4);
    assert_int_equal(queue.running_count, 0);
}

static void test_a_look_may_be_begun_again_when_it_is_done(void **state)
{
    (void)state;
    connect_it(CHECK_HTTP);
    world_say(latest(), "HTTP/1.1 500 No\r\n\r\n");
    assert_int_equal(done_count, 1);
    connect_it(CHECK_HTTP);
    world_say(latest(), OK);
    assert_int_equal(done_count, 2);
    assert_string_equal(look.problem, "");
}

/* Neither how far the body was looked through nor that lb was late once. */
static void test_a_look_remembers_nothing_of_the_one_before(void **state)
{
    (void)state;
    strcpy(check.text, "well");
    for (unsigned i = 0; i < 2; i++) {
        connect_it(CHECK_HTTP);
        world_say(latest(), "HTTP/1.1 200 OK\r\n\r\n");
        text_append_str(&latest()->sent, "not yet");
        pretend_uv_pass(3000); /* late */
        world_say_filler(latest(), HTTP_ANSWER_BODY_MAX / 2 + 100);
        world_say(latest(), "well");
        assert_int_equal(done_count, i + 1);
        assert_string_equal(look.problem, "");
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_queue, close_queue)
    const struct CMUnitTest tests[] = {
        TEST(test_a_connect_is_all_that_tcp_asks),
        TEST(test_http_asks_what_the_check_says_and_waits),
        TEST(test_a_header_goes_first),
        TEST(test_talks),
        TEST(test_a_talk_that_ends),
        TEST(test_a_talk_goes_on),
        TEST(test_answers),
        TEST(test_an_answer_byte_by_byte),
        TEST(test_the_text_is_looked_for_in_the_first_64_kib),
        TEST(test_a_connection_that_ends),
        TEST(test_a_refused_connect_names_a_port_of_its_own),
        TEST(test_whose_fault_it_is_that_no_connect_begins),
        TEST(test_one_deadline_for_connect_and_answer),
        TEST(test_a_late_lb_gives_the_server_its_time_once),
        TEST(test_a_late_answer_counts_if_lb_was_later),
        TEST(test_an_end_in_each_state),
        TEST(test_looks_take_turns_in_the_order_they_came),
        TEST(test_a_look_may_be_begun_again_when_it_is_done),
        TEST(test_a_look_remembers_nothing_of_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
