/* Bytes through a session: split anywhere, gathered, kept, ended; and what a hostile peer can do to it. */
#include <errno.h>

#include "tls_ends.h"

static struct tls_client *client;
static struct text got;

static int set_up(void **state)
{
    (void)state;
    ends_open(TLS_POLICY_INTERMEDIATE, true);
    client = ends_client("a.test");
    pair_open(ends.server, client);
    got = TEXT_INIT;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pair_close();
    tls_client_unref(client);
    ends_close();
    text_fini(&got);
    return 0;
}

static void shake(void)
{
    pair_shake();
    assert_int_equal(near_end.step, TLS_STEP_DONE);
    assert_int_equal(far_end.step, TLS_STEP_DONE);
}

/* Bytes of which each differs from its neighbours. */
static struct text pattern(size_t len)
{
    struct text text = TEXT_INIT;
    for (size_t i = 0; i < len; i++)
        text_append_char(&text, (char)(i * 31 + i / 251));
    return text;
}

static void assert_got(const struct text *want)
{
    assert_int_equal(got.len, want->len);
    assert_memory_equal(got.bytes, want->bytes, want->len);
}

static void test_one_byte_at_a_time(void **state)
{
    struct text want = pattern(100);
    (void)state;
    near_end.piece = far_end.piece = 1;
    shake();
    pair_write(&far_end, text_view(&want));
    assert_int_equal(pair_read(&near_end, &got), -EAGAIN);
    assert_got(&want);
    text_fini(&want);
}

/* A record that is cut at each of its bytes, with another behind it. */
static void test_cut_at_every_byte(void **state)
{
    struct text want = pattern(200);
    (void)state;
    shake();
    pair_read(&far_end, &got);
    for (size_t cut = 1; cut < 300; cut++) {
        text_clear(&got);
        near_end.piece = cut;
        pair_write(&far_end, view_of(want.bytes, 60));
        pair_write(&far_end, view_skip(text_view(&want), 60));
        assert_int_equal(pair_read(&near_end, &got), -EAGAIN);
        assert_got(&want);
    }
    text_fini(&want);
}

/* One send for all records, one receive for all of them; nothing is kept behind. */
static void test_gathers(void **state)
{
    struct text want = pattern(4 * TLS_RECORD_BYTES - 100);
    struct iovec pieces[9];
    char bytes[65536];
    (void)state;
    shake();
    unsigned sends = far_end.sends, receives = near_end.receives;
    for (unsigned i = 0; i < 9; i++) {
        size_t part = want.len / 9;
        pieces[i] = (struct iovec){want.bytes + i * part, i < 8 ? part : want.len - 8 * part};
    }
    assert_int_equal(tls_session_write(far_end.session, pieces, 9, false), 0);
    assert_int_equal(far_end.sends, sends + 1);
    while (got.len < want.len) {
        ssize_t count = tls_session_read(near_end.session, bytes, sizeof(bytes));
        assert_true(count > 0);
        text_append(&got, view_of(bytes, (size_t)count));
    }
    assert_true(near_end.receives - receives <=
                2); /* the wire's bytes are some more than one read */
    assert_false(tls_session_has_pending(near_end.session));
    assert_got(&want);
    text_fini(&want);
}

/* What is read at once goes on in one packet, wherever among the records a receive ends. */
static void test_reads_what_fits_a_packet(void **state)
{
    struct text want = pattern(13 * TLS_RECORD_BYTES + 1000);
    char bytes[65536];
    ssize_t count;
    (void)state;
    shake();
    pair_write(&far_end, view_of(want.bytes, 1000));
    pair_write(&far_end, view_skip(text_view(&want), 1000));
    while ((count = tls_session_read(near_end.session, bytes, sizeof(bytes))) > 0) {
        if (want.len - got.len > 3 * TLS_RECORD_BYTES)
            assert_in_range(count, 2 * TLS_RECORD_BYTES + 1000, 3 * TLS_RECORD_BYTES);
        text_append(&got, view_of(bytes, (size_t)count));
    }
    assert_int_equal(count, -EAGAIN);
    assert_got(&want);
    text_fini(&want);
}

/* An event loop asks again: what the wire has beyond one receive stays there. */
static void test_asks_once(void **state)
{
    char bytes[100];
    (void)state;
    shake();
    pair_write(&far_end, VIEW("asked for"));
    near_end.piece = 10;
    unsigned receives = near_end.receives;
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), -EAGAIN);
    assert_int_equal(near_end.receives, receives + 1);
    assert_false(tls_session_has_pending(near_end.session));
    near_end.piece = 0;
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 9);
    assert_int_equal(near_end.receives, receives + 2);
}

/* A reader with little room: what is decrypted and what is not both wait, and are counted. */
static void test_pending(void **state)
{
    struct text want = pattern(3 * TLS_RECORD_BYTES);
    char bytes[1000];
    (void)state;
    shake();
    pair_write(&far_end, text_view(&want));
    near_end.is_over = true;
    do {
        ssize_t count = tls_session_read(near_end.session, bytes, sizeof(bytes));
        assert_in_range(count, 1, sizeof(bytes));
        text_append(&got, view_of(bytes, (size_t)count));
        if (got.len < want.len)
            assert_true(tls_session_has_pending(near_end.session));
        if (got.len < TLS_RECORD_BYTES)
            assert_true(pair_held_bytes > TLS_RECORD_BYTES);
    } while (got.len < want.len);
    assert_got(&want);
    assert_int_equal(pair_held_bytes, 0);
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 0);
    assert_true(tls_session_was_cut_off(near_end.session));
    text_fini(&want);
}

static void test_end_behind_bytes(void **state)
{
    struct iovec piece = {.iov_base = (char[]){"last"}, .iov_len = 4};
    (void)state;
    shake();
    unsigned sends = far_end.sends;
    assert_int_equal(tls_session_write(far_end.session, &piece, 1, true), 0);
    assert_int_equal(far_end.sends, sends + 1); /* close_notify goes with it */
    assert_int_equal(tls_session_write(far_end.session, &piece, 1, false), -EPIPE);
    tls_session_end(far_end.session);
    assert_int_equal(far_end.sends, sends + 1);
    char bytes[100];
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 4);
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 0);
    assert_false(tls_session_was_cut_off(near_end.session));
    pair_write(&near_end, VIEW("still said")); /* the other direction stands */
    assert_int_equal(pair_read(&far_end, &got), -EAGAIN);
    assert_string_equal(got.bytes, "still said");
}

/* The end is read in one go with the bytes: it is pending, though the wire is silent. */
static void test_end_is_pending(void **state)
{
    char bytes[100];
    (void)state;
    shake();
    pair_write(&far_end, VIEW("bytes"));
    tls_session_end(far_end.session);
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 5);
    assert_true(tls_session_has_pending(near_end.session));
    assert_int_equal(tls_session_read(near_end.session, bytes, sizeof(bytes)), 0);
}

/* The middle of a record. */
static void test_cut_off(void **state)
{
    (void)state;
    shake();
    pair_write(&far_end, VIEW("whole"));
    pair_write(&far_end, VIEW("half"));
    near_end.inbox.len -= 3;
    near_end.is_over = true;
    assert_int_equal(pair_read(&near_end, &got), 0);
    assert_string_equal(got.bytes, "whole");
    assert_true(tls_session_was_cut_off(near_end.session));
}

static void test_flipped_bit(void **state)
{
    (void)state;
    shake();
    pair_write(&far_end, VIEW("whole"));
    pair_write(&far_end, VIEW("flipped"));
    near_end.inbox.bytes[near_end.inbox.len - 1] ^= 1;
    unsigned sends = near_end.sends;
    assert_int_equal(pair_read(&near_end, &got), -EPROTO);
    assert_string_equal(got.bytes, "whole");
    assert_int_equal(near_end.sends, sends + 1); /* the alert */
    assert_true(tls_session_problem(near_end.session).len > 0);
    assert_int_equal(tls_session_write(near_end.session, NULL, 0, false), -EPIPE);
    text_clear(&got);
    assert_int_equal(pair_read(&far_end, &got), -EPROTO);
    assert_non_null(strstr(tls_session_problem(far_end.session).ptr, "bad record mac"));
}

static void test_deaf_wire(void **state)
{
    struct iovec piece = {.iov_base = (char[]){"lost"}, .iov_len = 4};
    (void)state;
    shake();
    pair_write(&far_end, VIEW("last words"));
    far_end.is_deaf = true;
    assert_int_equal(tls_session_write(near_end.session, &piece, 1, false), -EPIPE);
    assert_int_equal(pair_read(&near_end, &got), -EAGAIN); /* what the peer said is heard */
    assert_string_equal(got.bytes, "last words");
}

static void test_is_quiet(void **state)
{
    (void)state;
    shake();
    assert_true(
        tls_session_is_quiet(far_end.session)); /* a ticket came, and is nobody's business */
    assert_int_equal(far_end.taken, far_end.inbox.len);
    pair_write(&near_end, VIEW("unasked"));
    assert_false(tls_session_is_quiet(far_end.session));
    assert_int_equal(pair_read(&far_end, &got), -EAGAIN);
    assert_string_equal(got.bytes, "unasked");
    tls_session_end(near_end.session);
    assert_false(tls_session_is_quiet(far_end.session));
    assert_true(tls_session_has_ended(far_end.session));
}

static void test_early_bytes(void **state)
{
    char bytes[4096];
    (void)state;
    far_end.step = tls_session_shake_hands(far_end.session);
    size_t len = near_end.inbox.len;
    assert_in_range(len, 10, sizeof(bytes));
    memcpy(bytes, near_end.inbox.bytes, len);
    tls_session_feed(near_end.session, view_of(bytes, len - 7)); /* the rest is on the wire */
    near_end.taken = len - 7;
    shake();
}

static void assert_refused(struct view bytes, const char *why)
{
    text_append(&near_end.inbox, bytes);
    near_end.is_over = true;
    far_end.step = TLS_STEP_DONE;
    pair_shake();
    assert_int_equal(near_end.step, TLS_STEP_FAILED);
    struct view problem = tls_session_problem(near_end.session);
    if (!problem.ptr || !strstr(problem.ptr, why))
        fail_msg("\"%s\" is not in \"%s\"", why, problem.ptr ? problem.ptr : "");
}

static void test_http(void **state)
{
    (void)state;
    assert_refused(VIEW("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"), "HTTP without TLS");
}

static void test_garbage(void **state)
{
    (void)state;
    assert_refused(VIEW("\x80\x01garbage that is none of it"), "no TLS");
}

static void test_goes_away(void **state)
{
    (void)state;
    assert_refused(VIEW("\x16\x03\x01"), "went away");
}

#define SESSION_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(test_one_byte_at_a_time),
        SESSION_TEST(test_cut_at_every_byte),
        SESSION_TEST(test_gathers),
        SESSION_TEST(test_reads_what_fits_a_packet),
        SESSION_TEST(test_asks_once),
        SESSION_TEST(test_pending),
        SESSION_TEST(test_end_behind_bytes),
        SESSION_TEST(test_end_is_pending),
        SESSION_TEST(test_cut_off),
        SESSION_TEST(test_flipped_bit),
        SESSION_TEST(test_deaf_wire),
        SESSION_TEST(test_is_quiet),
        SESSION_TEST(test_early_bytes),
        SESSION_TEST(test_http),
        SESSION_TEST(test_garbage),
        SESSION_TEST(test_goes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
