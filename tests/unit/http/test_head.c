/* What a set of fields means: framing, persistence, host, what is dropped. */
#include "lb/http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct head head;

/* A head of the given start line and field lines "name:value\n", as a parser would leave it. */
static void fill(const char *fields, unsigned minor_version)
{
    head = (struct head){.base = fields, .minor_version = minor_version};
    for (const char *line = fields; *line; line = strchr(line, '\n') + 1) {
        struct field *field = &head.fields[head.field_count];
        const char *colon = strchr(line, ':');
        struct view value = view_trim(view_of(colon + 1, strcspn(colon + 1, "\n")));
        field->name_at = (uint32_t)(line - fields);
        field->name_len = (uint16_t)(colon - line);
        field->value_at = (uint32_t)(value.ptr - fields);
        field->value_len = (uint32_t)value.len;
        head_file_field(&head, head.field_count++);
    }
}

/* ---- fields -----------------------------------------------------------------------------------
 */

/* Every known name in either case, and nothing that is nearly one. */
static void test_field_id(void **state)
{
    static const struct {
        enum field_id id;
        const char *name;
    } rows[] = {
#define XX(name, text, hop_by_hop) {FIELD_##name, text},
        FIELD_MAP(XX)
#undef XX
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[64];
        size_t len = strlen(rows[i].name);
        memcpy(name, rows[i].name, len);
        assert_int_equal(head_field_id(view_of(name, len)), rows[i].id);
        assert_int_equal(head_field_id(view_of(name, len - 1)), FIELD_OTHER);
        for (size_t at = 0; at < len; at++) {
            char was = name[at];
            name[at] = (char)(was >= 'a' && was <= 'z' ? was - 32 : was);
            assert_int_equal(head_field_id(view_of(name, len)), rows[i].id);
            name[at] = '!';
            assert_int_equal(head_field_id(view_of(name, len)), FIELD_OTHER);
            name[at] = was;
        }
    }
}

static void test_file(void **state)
{
    (void)state;
    fill("hOsT:a\nhosts:b\nX-Forwarded-For:c\nx-forwarded-for:d\nTE:e\nKeep-Alive:f\nProxy:g\n"
         "Trailer:h\nProxy-Connection:i\nUpgrade:j\nTransfer-Encoding:k\nConnection:l\n",
         1);
    assert_ptr_equal(head_find(&head, FIELD_HOST), &head.fields[0]);
    assert_int_equal(head.fields[1].id, FIELD_OTHER);
    assert_ptr_equal(head_find(&head, FIELD_X_FORWARDED_FOR), &head.fields[2]);
    assert_int_equal(head.fields[3].id, FIELD_X_FORWARDED_FOR);
    assert_null(head_find(&head, FIELD_VIA));
    for (unsigned i = 0; i < head.field_count; i++)
        assert_int_equal(head.fields[i].is_dropped, i >= 4);
}

static void test_host(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool is_good;
    } cases[] = {
        {"host:a\n", 1, true},
        {"host:\n", 1, true}, /* RFC 9112 § 3.2: sent when the target has no authority */
        {"host:A-z.9_~!$&'()*+,;=%41\n", 1, true},
        {"host:a:80\n", 1, true},
        {"host:a:\n", 1, true},
        {"host:1.2.3.4:65535\n", 1, true},
        {"host:[::]\n", 1, true},
        {"host:[::1]:8000\n", 1, true},
        {"host:[::ffff:1.2.3.4]\n", 1, true},
        {"", 0, true},
        {"host:a\n", 0, true},
        {"", 1, false},
        {"host:a\nhost:a\n", 1, false},
        {"host:a\nhost:\n", 1, false},
        {"host:a\nhost:a\n", 0, false},
        {"host:a b\n", 1, false},
        {"host:a,b c\n", 1, false},
        {"host:a/b\n", 1, false},
        {"host:u@a\n", 1, false},
        {"host:a:b\n", 1, false},
        {"host:a:80:80\n", 1, false},
        {"host:a:65536\n", 1, false},
        {"host:a:-1\n", 1, false},
        {"host:a: 80\n", 1, false},
        {"host::80\n", 1, false},
        {"host:\xc3\xa9\n", 1, false},
        {"host:http://a\n", 1, false},
        {"host:[::1\n", 1, false},
        {"host:[]\n", 1, false},
        {"host:[:::]\n", 1, false},
        {"host:[1.2.3.4]\n", 1, false},
        {"host:[::1]80\n", 1, false},
        {"host:[::1]a:80\n", 1, false},
        {"host:::1\n", 1, false},
        {"host:a[::1]\n", 1, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, cases[i].minor_version);
        enum err got = head_finish_request(&head);
        if (got != (cases[i].is_good ? ERR_OK : ERR_HOST))
            fail_msg("%s in HTTP/1.%u: got %s", cases[i].fields, cases[i].minor_version,
                     err_word(got));
    }
}

static void test_framing(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        enum err want;
        enum framing framing;
        uint64_t length;
    } cases[] = {
        {"", 1, ERR_OK, FRAMING_NONE, 0},
        {"content-length:0\n", 1, ERR_OK, FRAMING_LENGTH, 0},
        {"content-length: 00012 \n", 0, ERR_OK, FRAMING_LENGTH, 12},
        {"content-length:9223372036854775807\n", 1, ERR_OK, FRAMING_LENGTH, INT64_MAX},
        {"transfer-encoding:chunked\n", 1, ERR_OK, FRAMING_CHUNKED, 0},
        {"Transfer-Encoding:\t CHUNKed \t\n", 1, ERR_OK, FRAMING_CHUNKED, 0},
        {"content-length:9223372036854775808\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:99999999999999999999999\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:+1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:-0\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1 2\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1,1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:0x1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1e1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\na:b\nContent-Length:2\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked\n", 0, ERR_LENGTH, 0, 0},
        {"transfer-encoding:identity\n", 0, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:identity\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip, chunked\n", 1, ERR_CODING, 0, 0},
        {"transfer-encoding:,chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked,\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked;a\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunke\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\x0b"
         "chunked\n",
         1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked, gzip\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked, chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:a, b ,CHUNKED\n", 1, ERR_CODING, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[256];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        enum err got = head_finish_request(&head);
        if (got != cases[i].want)
            fail_msg("%s want %s, got %s", fields, err_word(cases[i].want), err_word(got));
        if (!got) {
            assert_int_equal(head.framing, cases[i].framing);
            assert_int_equal(head.content_length, cases[i].length);
        }
        head.status = 200;
        assert_int_equal(head_finish_response(&head, false), got);
    }
}

static void test_response_framing(void **state)
{
    static const struct {
        const char *fields;
        unsigned status;
        bool to_head;
        enum framing want;
        bool is_keep_alive;
    } cases[] = {
        {"", 200, false, FRAMING_CLOSE, false},
        {"", 200, true, FRAMING_NONE, true},
        {"", 100, false, FRAMING_NONE, true},
        {"", 199, false, FRAMING_NONE, true},
        {"", 204, false, FRAMING_NONE, true},
        {"", 205, false, FRAMING_CLOSE, false},
        {"", 304, false, FRAMING_NONE, true},
        {"content-length:5\n", 200, false, FRAMING_LENGTH, true},
        {"content-length:5\n", 200, true, FRAMING_NONE, true},
        {"content-length:5\n", 204, false, FRAMING_NONE, true},
        {"content-length:5\n", 304, false, FRAMING_NONE, true},
        {"transfer-encoding:chunked\n", 500, false, FRAMING_CHUNKED, true},
        {"transfer-encoding:chunked\n", 304, false, FRAMING_NONE, true},
        {"connection:close\ncontent-length:5\n", 200, false, FRAMING_LENGTH, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, 1);
        head.status = cases[i].status;
        assert_int_equal(head_finish_response(&head, cases[i].to_head), ERR_OK);
        assert_int_equal(head.framing, cases[i].want);
        assert_int_equal(head.is_keep_alive, cases[i].is_keep_alive);
    }
}

static void test_connection(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool is_keep_alive;
        const char *dropped; /* one letter a field: '-' is dropped */
    } cases[] = {
        {"a:1\n", 1, true, "+"},
        {"a:1\n", 0, false, "+"},
        {"connection:close\n", 1, false, "-"},
        {"connection:KEEP-alive\n", 0, true, "-"},
        {"connection:keep-alive, close\n", 0, false, "-"},
        {"connection:keep-alive\nconnection:x,close\n", 1, false, "--"},
        {"connection:closed, close-not\n", 1, true, "-"},
        {"connection: , ,, a ,\t,\na:1\nb:2\nA:3\n", 1, true, "--+-"},
        {"a:1\nconnection:a\n", 1, true, "--"},
        {"a-b:1\nconnection:a\n", 1, true, "+-"},
        {"connection:\na:1\n", 1, true, "-+"},
        {"connection:content-length,x-forwarded-for,via,x-real-ip,x-request-id,expect\n"
         "content-length:1\nx-forwarded-for:b\nvia:c\nx-real-ip:d\nx-request-id:e\n"
         "x-forwarded-proto:f\nx-forwarded-host:g\n",
         1, true, "-+++++++"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[512];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(head_finish_request(&head), ERR_OK);
        assert_int_equal(head.is_keep_alive, cases[i].is_keep_alive);
        for (unsigned j = 1; j < head.field_count; j++)
            if (head.fields[j].is_dropped != (cases[i].dropped[j - 1] == '-'))
                fail_msg("%s field %u", cases[i].fields, j);
    }
    fill("host:a\nconnection:host\n", 1);
    assert_int_equal(head_finish_request(&head), ERR_OK);
    assert_false(head.fields[0].is_dropped);
}

/* RFC 9110 § 7.6.2: only in OPTIONS and TRACE, and only a number. */
/* Each option that names a field costs a look at all fields. */
static void test_many_connection_options(void **state)
{
    static const struct {
        const char *option;
        unsigned count;
        enum err want;
    } cases[] = {
        {"a,", HEAD_OPTION_MAX, ERR_OK},
        {"a,", HEAD_OPTION_MAX + 1, ERR_OPTIONS},
        {"te,", HEAD_OPTION_MAX + 1, ERR_OPTIONS},
        {"a\nconnection:", HEAD_OPTION_MAX + 1, ERR_OPTIONS}, /* in fields of their own */
        {",", 4000, ERR_OK},
        {"close,", 900, ERR_OK},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static char fields[8192];
        char *end = stpcpy(fields, "host:a\nconnection:");
        for (unsigned j = 0; j < cases[i].count; j++)
            end = stpcpy(end, cases[i].option);
        strcpy(end, "\n");
        fill(fields, 1);
        assert_int_equal(head_finish_request(&head), cases[i].want);
        fill(fields, 1);
        head.status = 200;
        assert_int_equal(head_finish_response(&head, false), cases[i].want);
    }
}

static void test_max_forwards(void **state)
{
    static const struct {
        const char *method, *value;
        bool has;
        unsigned want;
    } cases[] = {
        {"OPTIONS", "0", true, 0},
        {"TRACE", "12", true, 12},
        {"TRACE", "4294967295", true, UINT32_MAX},
        {"GET", "3", false, 0},
        {"TRACE", "", false, 0},
        {"TRACE", "4294967296", false, 0},
        {"TRACE", "-1", false, 0},
        {"TRACE", "1, 2", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[64];
        snprintf(fields, sizeof(fields), "host:a\nmax-forwards:%s\n", cases[i].value);
        fill(fields, 1);
        head.method = view_str(cases[i].method);
        assert_int_equal(head_finish_request(&head), ERR_OK);
        assert_int_equal(head.has_max_forwards, cases[i].has);
        assert_int_equal(head.max_forwards, cases[i].want);
    }
}

/* What may become a tunnel (RFC 9110 § 7.8): asked for by a field that Connection names; h2c never.
 */
static void test_upgrade(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool wants_upgrade, takes_trailers;
    } cases[] = {
        {"connection:Upgrade\nupgrade:websocket\n", 1, true, false},
        {"connection:close, upgrade\nupgrade:a, b\nte:trailers\n", 1, true, true},
        {"upgrade:websocket\nte:gzip;q=0, TRAILERS\n", 1, false, true},
        {"connection:upgrade\nte:gzip\nte:x,trailers\n", 1, false, true},
        {"connection:upgrade\nupgrade:websocket\n", 0, false, false},
        {"connection:upgrade\nupgrade:h2c\n", 1, false, false},
        {"connection:upgrade\nupgrade:websocket, H2C\n", 1, true, false},
        {"connection:upgrade\nupgrade:h2c,websocket\n", 1, true, false},
        {"connection:upgrade\nupgrade:h2c/2.0, H2C/1\n", 1, false, false},
        {"connection:upgrade\nupgrade:, h2c ,\nupgrade:\n", 1, false, false},
        {"connection:upgrade\nupgrade:a\nupgrade:b\n", 1, true, false},
        {"connection:upgrade\nupgrade:a\ncontent-length:0\n", 1, true, false},
        {"connection:upgrade\nupgrade:a\ntransfer-encoding:chunked\n", 1, true, false},
        {"te:trailersx\n", 1, false, false},
        {"te:trailers;q=1\n", 1, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[128];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(head_finish_request(&head), ERR_OK);
        if (head.wants_upgrade != cases[i].wants_upgrade ||
            head.takes_trailers != cases[i].takes_trailers)
            fail_msg("%s", cases[i].fields);
    }
}

static void test_expect(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        enum err want;
        bool expects_continue;
    } cases[] = {
        {"expect:100-continue\ncontent-length:1\n", 1, ERR_OK, true},
        {"expect:100-CONTINUE\ntransfer-encoding:chunked\n", 1, ERR_OK, true},
        {"expect:100-continue\n", 1, ERR_OK, false}, /* nothing to wait for */
        {"expect:100-continue\ncontent-length:1\n", 0, ERR_OK, false},
        {"expect:nonsense\ncontent-length:1\n", 0, ERR_OK, false},
        {"expect:nonsense\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:100-continue, a\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:100-continue\nexpect:a\ncontent-length:1\n", 1, ERR_EXPECT, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[256];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(head_finish_request(&head), cases[i].want);
        if (!cases[i].want)
            assert_int_equal(head.expects_continue, cases[i].expects_continue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_id),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_host),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_response_framing),
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_many_connection_options),
        cmocka_unit_test(test_max_forwards),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_expect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
