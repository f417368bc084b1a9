/* What is said to servers that do not speak HTTP, and what their answers mean. */
#include "lb/health/talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define STILL "(open)"

static struct talk talk;

static void begin(enum check_mode mode, const char *send, const char *expect)
{
    struct check check = {.mode = mode};
    assert_true(!send || check_set(&check, VIEW("send"), view_str(send)));
    assert_true(!expect || check_set(&check, VIEW("expect"), view_str(expect)));
    talk_init(&talk, mode, &check);
}

static const char *said(enum verdict verdict)
{
    return verdict == VERDICT_OPEN ? STILL : verdict == VERDICT_WELL ? "" : talk.problem;
}

static void test_first_words(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *send;
        struct view words;
    } rows[] = {
        {CHECK_POSTGRES, NULL, VIEW("\0\0\0\x08\x04\xD2\x16\x2F")},
        {CHECK_REDIS, "not this", VIEW("PING\r\n")},
        {CHECK_SMTP, NULL, VIEW("")},
        {CHECK_DNS, NULL, VIEW("lb\x01\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01")},
        {CHECK_TCP, NULL, VIEW("")},
        {CHECK_TCP, "a\\x00b\\r\\n", VIEW("a\0b\r\n")},
        {CHECK_UDP, NULL, VIEW("")},
        {CHECK_UDP, "\\\\", VIEW("\\")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(rows[i].mode, rows[i].send, NULL);
        if (!view_eq(talk_words(&talk), rows[i].words))
            fail_msg("row %zu", i);
        assert_int_equal(talk_words(&talk).len, 0); /* once */
    }
}

static void test_who_wants_an_answer(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *send, *expect;
        bool wants_nothing;
    } rows[] = {
        {CHECK_TCP, "", "", true},   {CHECK_UDP, "", "", true},   {CHECK_TCP, "a", "", false},
        {CHECK_UDP, "", "a", false}, {CHECK_SMTP, "", "", false}, {CHECK_HTTP, "", "", false},
        {CHECK_DNS, "", "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct check check = {0};
        strcpy(check.send, rows[i].send);
        strcpy(check.expect, rows[i].expect);
        assert_int_equal(talk_wants_nothing(rows[i].mode, &check), rows[i].wants_nothing);
    }
}

/* ---- answers --------------------------------------------------------------------------------- */

static const struct {
    enum check_mode mode;
    const char *send, *expect;
    struct view answer;
    const char *want, *at_end; /* NULL: as `want` */
} rows[] = {
    {CHECK_POSTGRES, NULL, NULL, VIEW("S"), "", NULL},
    {CHECK_POSTGRES, NULL, NULL, VIEW("N"), "", NULL},
    {CHECK_POSTGRES, NULL, NULL, VIEW(""), STILL, "the connection ended before the answer did"},
    {CHECK_POSTGRES, NULL, NULL, VIEW("E\0\0\0\x25SFATAL\0C53300\0Mtoo many clients\0\0"),
     "it answers: too many clients", NULL},
    {CHECK_POSTGRES, NULL, NULL, VIEW("Ecould not fork\n\0"), "it answers: could not fork", NULL},
    {CHECK_POSTGRES, NULL, NULL, VIEW("Ecould not"), STILL, "it answers: could not"},
    {CHECK_POSTGRES, NULL, NULL, VIEW("HTTP/1.1 400 Bad"), "what answers is no PostgreSQL", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("+PONG\r\n"), "", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("+PONG"), STILL, ""},
    {CHECK_REDIS, NULL, NULL, VIEW("-NOAUTH Authentication required.\r\n"), "", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("-NOPERM this user has no permissions\r\n"), "", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("-LOADING Redis is loading the dataset in memory\r\n"),
     "it still loads its data: -LOADING Redis is loading the dataset in memory", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("-MASTERDOWN Link with MASTER is down\r\n"),
     "it has lost its master, and serves no stale data: -MASTERDOWN Link with MASTER is down",
     NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("-ERR max number of clients reached\r\n"),
     "it answers: -ERR max number of clients reached", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"),
     "what answers is no Redis: HTTP/1.1 400 Bad Request", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("\n"), "what answers is no Redis", NULL},
    {CHECK_REDIS, NULL, NULL, VIEW("-\x1b[2Jred\xC3\xA4\xFF\r\n"),
     "it answers: -\\x1b[2Jred\xC3\xA4\\xff", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("220 mx.test ESMTP\r\n"), STILL, ""},
    {CHECK_SMTP, NULL, NULL, VIEW("220-mx.test\r\n220-no"), STILL,
     "the connection ended before the answer did"},
    {CHECK_SMTP, NULL, NULL, VIEW("220-mx.test\r\n220 go on\r\n221 bye\r\n"), "", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("220 mx.test\r\n221-bye\r\n221 bye\r\n"), "", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("220 mx.test\r\n500 what?\r\n"),
     "it does not take QUIT: 500 what?", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("421 too busy\r\n"), "it answers: 421 too busy", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("554 no service here\r\n"), "it answers: 554 no service here",
     NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("220-mx.test\r\n554 no\r\n"), "it answers: 554 no", NULL},
    {CHECK_SMTP, NULL, NULL, VIEW("SSH-2.0-OpenSSH\r\n"), "what greets is no SMTP: SSH-2.0-OpenSSH",
     NULL},
    {CHECK_TCP, "x", NULL, VIEW("y"), "", NULL},
    {CHECK_TCP, "x", NULL, VIEW(""), STILL, "the connection ended before the answer did"},
    {CHECK_TCP, NULL, "b\\x00c", VIEW("aab\0c"), "", NULL},
    {CHECK_TCP, NULL, "b\\x00c", VIEW("aab\0d"), STILL,
     "the connection ended before the answer did"},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin(rows[i].mode, rows[i].send, rows[i].expect);
        talk_words(&talk);
        enum verdict verdict =
            rows[i].answer.len > 0 ? talk_take(&talk, rows[i].answer) : VERDICT_OPEN;
        if (strcmp(said(verdict), rows[i].want) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, said(verdict), rows[i].want);
        if (verdict != VERDICT_OPEN)
            continue;
        verdict = talk_end(&talk);
        if (strcmp(said(verdict), rows[i].at_end) != 0)
            fail_msg("the end of row %zu: \"%s\"", i, said(verdict));
    }
}

/* Whatever the pieces are, the verdict is the same. */
static void test_answers_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum verdict verdict = VERDICT_OPEN;
        begin(rows[i].mode, rows[i].send, rows[i].expect);
        for (size_t at = 0; at < rows[i].answer.len && verdict == VERDICT_OPEN; at++)
            verdict = talk_take(&talk, view_of(rows[i].answer.ptr + at, 1));
        if (strcmp(said(verdict), rows[i].want) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, said(verdict), rows[i].want);
    }
}

static void test_quit_is_said_after_the_greeting(void **state)
{
    (void)state;
    begin(CHECK_SMTP, NULL, NULL);
    talk_take(&talk, VIEW("220-mx.test\r\n"));
    assert_int_equal(talk_words(&talk).len, 0);
    talk_take(&talk, VIEW("220 ready\r\n"));
    assert_true(view_eq(talk_words(&talk), VIEW("QUIT\r\n")));
    assert_int_equal(talk_take(&talk, VIEW("221 bye\r\n")), VERDICT_WELL);
}

static void test_datagrams(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *send, *expect;
        struct view answer;
        const char *want;
    } some[] = {
        {CHECK_UDP, "x", NULL, VIEW("y"), ""},
        {CHECK_UDP, "x", NULL, VIEW(""), ""},
        {CHECK_UDP, NULL, "b", VIEW("abc"), ""},
        {CHECK_UDP, NULL, "b", VIEW("a"), "its answer has not the expected text"},
        {CHECK_UDP, NULL, "b", VIEW(""), "its answer has not the expected text"},
        {CHECK_DNS, NULL, NULL, VIEW("lb\x81\x80\0\x01\0\0\0\0\0\0\0\0\x02\0\x01"), ""},
        {CHECK_DNS, NULL, NULL, VIEW("lb\x80\x05\0\0\0\0\0\0\0\0"), ""}, /* refused: it lives */
        {CHECK_DNS, NULL, NULL, VIEW("lb\x80\x05\0\0\0\0\0\0\0"), "what it answers is no DNS"},
        {CHECK_DNS, NULL, NULL, VIEW("lb\x01\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01"),
         "what it answers is no DNS"}, /* an echo */
        {CHECK_DNS, NULL, NULL, VIEW("xb\x80\x05\0\0\0\0\0\0\0\0"), "what it answers is no DNS"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(some); i++) {
        begin(some[i].mode, some[i].send, some[i].expect);
        enum verdict verdict = talk_take(&talk, some[i].answer);
        if (strcmp(said(verdict), some[i].want) != 0)
            fail_msg("row %zu: \"%s\", not \"%s\"", i, said(verdict), some[i].want);
    }
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static enum verdict flood(const char *piece)
{
    enum verdict verdict = VERDICT_OPEN;
    for (unsigned i = 0; i < 2 * TALK_BYTES_MAX && verdict == VERDICT_OPEN; i++)
        verdict = talk_take(&talk, view_str(piece));
    return verdict;
}

static void test_what_never_ends_is_a_failure(void **state)
{
    static const struct {
        enum check_mode mode;
        const char *expect, *begins, *piece, *want;
    } some[] = {
        {CHECK_SMTP, NULL, "", "220-more\r\n", "its answer does not end within 64 KiB"},
        {CHECK_SMTP, NULL, "220 ", "x", "its answer does not end within 64 KiB"},
        {CHECK_TCP, "b", "", "a", "the first 64 KiB of its answer have not the expected text"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(some); i++) {
        begin(some[i].mode, NULL, some[i].expect);
        assert_int_equal(talk_take(&talk, view_str(some[i].begins)), VERDICT_OPEN);
        assert_string_equal(said(flood(some[i].piece)), some[i].want);
        assert_int_equal(talk.taken_bytes, TALK_BYTES_MAX);
    }
}

/* Of a long line its beginning counts, and its rest is no line. */
static void test_a_long_line(void **state)
{
    (void)state;
    begin(CHECK_REDIS, NULL, NULL);
    assert_int_equal(talk_take(&talk, VIEW("-DENIED Redis is running in protected mode ")),
                     VERDICT_OPEN);
    assert_int_equal(flood("because it "), VERDICT_BAD);
    assert_ptr_equal(strstr(talk.problem, "it serves no other hosts: give it a password, or "),
                     talk.problem);
    begin(CHECK_SMTP, NULL, NULL);
    talk_take(&talk, VIEW("220 "));
    for (unsigned i = 0; i < TALK_KEPT_MAX; i++)
        assert_int_equal(talk_take(&talk, VIEW("5")), VERDICT_OPEN);
    assert_true(view_eq(talk_words(&talk), VIEW("QUIT\r\n")));
    assert_int_equal(talk_take(&talk, VIEW("54 not this\r\n")), VERDICT_OPEN);
    assert_int_equal(talk_take(&talk, VIEW("221 bye\r\n")), VERDICT_WELL);
}

/* Bytes that are shown as escapes take four times the room, and still the sentence ends. */
static void test_what_is_told_fits(void **state)
{
    (void)state;
    begin(CHECK_REDIS, NULL, NULL);
    talk_take(&talk, VIEW("-"));
    for (unsigned i = 0; i < 300; i++)
        talk_take(&talk, VIEW("\x01"));
    assert_int_equal(talk_take(&talk, VIEW("\n")), VERDICT_BAD);
    assert_true(strlen(talk.problem) < 100);
    assert_string_equal(talk.problem + strlen(talk.problem) - 4, "\\x01");
}

static void test_the_last_bytes_that_count(void **state)
{
    (void)state;
    for (unsigned extra = 0; extra < 2; extra++) {
        begin(CHECK_TCP, NULL, "well");
        for (unsigned i = 0; i < TALK_BYTES_MAX - 4 + extra; i++)
            assert_int_equal(talk_take(&talk, VIEW("x")), VERDICT_OPEN);
        assert_int_equal(talk_take(&talk, VIEW("well")), extra ? VERDICT_BAD : VERDICT_WELL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_words),
        cmocka_unit_test(test_who_wants_an_answer),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_answers_byte_by_byte),
        cmocka_unit_test(test_quit_is_said_after_the_greeting),
        cmocka_unit_test(test_datagrams),
        cmocka_unit_test(test_what_never_ends_is_a_failure),
        cmocka_unit_test(test_a_long_line),
        cmocka_unit_test(test_what_is_told_fits),
        cmocka_unit_test(test_the_last_bytes_that_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
