/* Problem documents (RFC 7807), and what is none: a sentence in each case, with who said it and what to do. */
#include "acme/trouble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static struct trouble read(unsigned status, const char *body)
{
    struct trouble trouble = {0};
    trouble_read(&trouble, status, view_str(body), "ca.example", "a.example");
    return trouble;
}

static void test_kinds(void **state)
{
    (void)state;
    struct trouble one =
        read(429, "{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\"detail\":\"too many\"}");
    assert_int_equal(one.kind, TROUBLE_LIMITED);
    assert_string_equal(one.word, "rateLimited");
    assert_non_null(strstr(one.sentence, "a.example: ca.example says: too many (rateLimited); "));
    one = read(403, "{\"type\":\"urn:ietf:params:acme:error:unauthorized\",\"detail\":\"no\"}");
    assert_int_equal(one.kind, TROUBLE_REFUSED);
    assert_int_equal(read(503, "").kind, TROUBLE_AWAY);
    assert_int_equal(read(429, "").kind, TROUBLE_LIMITED);
}

static void test_hostile(void **state)
{
    static char long_detail[5000];
    (void)state;
    memset(long_detail, 'x', sizeof(long_detail) - 1);
    memcpy(long_detail, "{\"detail\":\"\\u001b[31m", 21);
    memcpy(long_detail + sizeof(long_detail) - 3, "\"}", 2);
    struct trouble one = read(400, long_detail);
    assert_null(strchr(one.sentence, 0x1b));
    assert_true(strlen(one.sentence) < TROUBLE_SENTENCE_BYTES);
    assert_non_null(strstr(read(404, "<html>").sentence, "404"));
    assert_string_equal(
        read(400, "{\"type\":\"urn:ietf:params:acme:error:bad nonce\\u0007\"}").word, "badnonce");
    assert_string_equal(read(400, "{\"type\":7,\"detail\":[]}").word, "");
}

static void test_by_hand_its_own_flags_are_named(void **state)
{
    struct text said = TEXT_INIT;
    (void)state;
    trouble_append_by_hand(&said, VIEW("look at --acme-dir, --acme-ca and --acm; --acme-"));
    assert_string_equal(text_str(&said), "look at --dir, --ca and --acm; --");
    text_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_hostile),
                                       cmocka_unit_test(test_by_hand_its_own_flags_are_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
