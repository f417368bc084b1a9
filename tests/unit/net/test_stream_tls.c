/* TLS on a stream: the bytes that come out are those that went in, whatever waits, pauses, resumes and ends meanwhile. */
#include "stream_pair.h"

#include "tests/unit/support/made_certificate.h"

static struct made_certificate made;
static struct tls_host host;

static struct tls_choice choose(void *owner, struct view name)
{
    (void)owner;
    return (struct tls_choice){.host = view_eq(name, VIEW("nobody.test")) ? NULL : &host};
}

static int set_up_named(void **state, struct view name, bool verifies)
{
    struct text problem = TEXT_INIT;
    made = made_certificate_new((struct made_wish){.subject = "a.test", .names = "DNS:a.test"});
    host = (struct tls_host){0};
    host.identities[TLS_KEY_ECDSA] =
        tls_identity_read(text_view(&made.pem), text_view(&made.key_pem), time(NULL), &problem);
    assert_non_null(host.identities[TLS_KEY_ECDSA]);
    pair_server = tls_server_new(&(struct tls_server_options){.choose = choose}, &problem);
    pair_client = tls_client_new(&(struct tls_client_options){.verifies = verifies,
                                                              .ca = text_view(&made.pem),
                                                              .name = name},
                                 &problem);
    assert_non_null(pair_server);
    assert_non_null(pair_client);
    pair_set_up(state);
    text_fini(&problem);
    return 0;
}

static int set_up(void **state)
{
    set_up_named(state, VIEW("a.test"), true);
    assert_int_equal(client.status, 0);
    assert_int_equal(server.status, 0);
    return 0;
}

static int set_up_unknown(void **state)
{
    return set_up_named(state, VIEW("nobody.test"), true);
}

static int set_up_distrusted(void **state)
{
    return set_up_named(state, VIEW("other.test"), true);
}

static int tear_down(void **state)
{
    pair_tear_down(state);
    tls_server_free(pair_server);
    tls_client_unref(pair_client);
    pair_server = NULL;
    pair_client = NULL;
    tls_identity_unref(host.identities[TLS_KEY_ECDSA]);
    made_certificate_free(&made);
    return 0;
}

static void assert_got(const struct end *end, const struct text *want)
{
    assert_int_equal(end->got.len, want->len);
    assert_memory_equal(end->got.bytes, want->bytes, want->len);
}

static void test_says_both_ways(void **state)
{
    (void)state;
    stream_resume(&server.stream);
    stream_resume(&client.stream);
    assert_int_equal(write_pieces(&client, VIEW("one, two"), 3), STREAM_WRITTEN);
    assert_int_equal(write_pieces(&server, VIEW("three"), 1), STREAM_WRITTEN);
    WAIT_FOR(server.got.len == 8 && client.got.len == 5);
    assert_string_equal(server.got.bytes, "one, two");
    assert_string_equal(client.got.bytes, "three");
    assert_true(
        view_eq(tls_session_facts(stream_tls(&server.stream))->server_name, VIEW("a.test")));
    assert_true(view_eq(tls_session_facts(stream_tls(&client.stream))->protocol, VIEW("TLSv1.3")));
}

/* More than the socket takes: the rest waits, and drains. */
static void test_much_waits(void **state)
{
    struct text want = noise(12u << 20);
    (void)state;
    assert_int_equal(write_pieces(&client, text_view(&want), 7), STREAM_FULL);
    assert_true(stream_waiting_bytes(&client.stream) > STREAM_HIGH_WATER_BYTES);
    stream_resume(&server.stream);
    WAIT_FOR(server.got.len == want.len);
    assert_got(&server, &want);
    WAIT_FOR(client.drained_count > 0);
    assert_int_equal(stream_waiting_bytes(&client.stream), 0);
    text_fini(&want);
}

/* What was received stays with the stream that does not read; resumed, it is told although the socket is silent. */
static void test_pending_is_told_after_a_pause(void **state)
{
    struct text want = noise(3 * TLS_RECORD_BYTES + 100);
    (void)state;
    server.stream.read_max_bytes = 20000; /* so that records are left over */
    server.pauses_on_data = true;
    stream_resume(&server.stream);
    assert_int_equal(write_pieces(&client, text_view(&want), 1), STREAM_WRITTEN);
    unsigned rounds = 0;
    while (server.got.len < want.len) {
        size_t before = server.got.len;
        WAIT_FOR(server.got.len > before);
        turn();
        assert_true(server.got.len - before <= 20000);
        stream_resume(&server.stream);
        rounds++;
    }
    assert_in_range(rounds, 3, 8);
    assert_got(&server, &want);
    text_fini(&want);
}

/* The end comes behind what is pending. */
static void test_end_behind_pending(void **state)
{
    struct text want = noise(5000);
    (void)state;
    server.stream.read_max_bytes = 1000;
    server.pauses_on_data = true;
    stream_expect_end(&client.stream);
    assert_int_equal(write_pieces(&client, text_view(&want), 2), STREAM_WRITTEN);
    stream_shut_write(&client.stream);
    stream_resume(&server.stream);
    while (server.eof_count == 0) {
        uv_run(&loop.uv, UV_RUN_NOWAIT);
        stream_resume(&server.stream);
    }
    assert_got(&server, &want);
    assert_false(stream_was_cut_off(&server.stream));
    text_fini(&want);
}

/* One end is over, the other goes on. */
static void test_half_close(void **state)
{
    (void)state;
    stream_resume(&server.stream);
    stream_resume(&client.stream);
    stream_shut_write(&client.stream);
    WAIT_FOR(server.eof_count > 0);
    assert_false(stream_was_cut_off(&server.stream));
    assert_int_equal(write_pieces(&server, VIEW("still here"), 1), STREAM_WRITTEN);
    WAIT_FOR(client.got.len == 10);
    stream_close(&server.stream);
    WAIT_FOR(client.eof_count > 0);
    assert_false(stream_was_cut_off(&client.stream));
}

/* A FIN without close_notify is an end that may have been anybody's. */
static void test_cut_off(void **state)
{
    (void)state;
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("half a"), 1);
    socket_shut(client.stream.transport.fd);
    WAIT_FOR(server.eof_count > 0);
    assert_string_equal(server.got.bytes, "half a");
    assert_true(stream_was_cut_off(&server.stream));
    assert_int_equal(write_pieces(&server, VIEW("heard"), 1), STREAM_WRITTEN);
    stream_resume(&client.stream);
    WAIT_FOR(client.got.len == 5);
}

static void test_garbage_breaks(void **state)
{
    struct iovec piece = {
        .iov_base = (void *)(uintptr_t) "\x17\x03\x03\x00\x20garbage garbage garbage garbage.",
        .iov_len = 37};
    (void)state;
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("good"), 1);
    assert_int_equal(socket_send(client.stream.transport.fd, &piece, 1, piece.iov_len, false),
                     (ssize_t)piece.iov_len);
    WAIT_FOR(server.broken_count > 0);
    assert_int_equal(server.status, UV_EPROTO);
    assert_string_equal(server.got.bytes, "good");
    assert_true(stream_tls_problem(&server.stream).len > 0);
}

/* It is read at once, and one that is paused stays so. */
static void test_reads_now(void **state)
{
    (void)state;
    write_pieces(&client, VIEW("one"), 1);
    while (server.got.len < 3)
        stream_read_now(&server.stream);
    assert_false(server.stream.is_reading);
    assert_int_equal(stream_look(&server.stream), SOCKET_QUIET);
    write_pieces(&client, VIEW("two"), 1);
    while (stream_look(&server.stream) == SOCKET_QUIET)
        ;
    assert_int_equal(stream_look(&server.stream), SOCKET_SPEAKS);
    stream_resume(&server.stream);
    turn(); /* the socket is silent, so nothing would end a wait */
    assert_string_equal(server.got.bytes, "onetwo");
}

static void test_closes_in_handler(void **state)
{
    (void)state;
    server.closes_on_data = true;
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("one"), 1);
    WAIT_FOR(server.closed_count > 0);
    assert_string_equal(server.got.bytes, "one");
}

static void test_no_pipe(void **state)
{
    (void)state;
    assert_null(stream_splice(&server.stream, 1u << 20));
    stream_splice_soon(&server.stream);
    stream_resume(&server.stream);
    write_pieces(&client, VIEW("copied"), 1);
    WAIT_FOR(server.got.len == 6);
}

static void test_unknown_name(void **state)
{
    (void)state;
    assert_int_equal(server.status, UV_EPROTO);
    assert_int_equal(client.status, UV_EPROTO);
    assert_non_null(strstr(stream_tls_problem(&server.stream).ptr,
                           "no certificate for the name \"nobody.test\""));
    assert_non_null(strstr(stream_tls_problem(&client.stream).ptr, "unrecognized name"));
}

static void test_distrusted(void **state)
{
    (void)state;
    assert_int_equal(client.status, UV_EPROTO);
    assert_non_null(strstr(stream_tls_problem(&client.stream).ptr, "its certificate is for "));
}

#define TLS_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(test_says_both_ways),
        TLS_TEST(test_much_waits),
        TLS_TEST(test_pending_is_told_after_a_pause),
        TLS_TEST(test_end_behind_pending),
        TLS_TEST(test_half_close),
        TLS_TEST(test_cut_off),
        TLS_TEST(test_garbage_breaks),
        TLS_TEST(test_reads_now),
        TLS_TEST(test_closes_in_handler),
        TLS_TEST(test_no_pipe),
        cmocka_unit_test_setup_teardown(test_unknown_name, set_up_unknown, tear_down),
        cmocka_unit_test_setup_teardown(test_distrusted, set_up_distrusted, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
