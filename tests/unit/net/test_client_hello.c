/* The first words of a TLS client: read from pieces and records of any size, and refused. */
#include "lb/net/client_hello.h"

#include "tests/unit/net/hello_maker.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* ---- helpers ----------------------------------------------------------------------------------- */

static struct client_hello hello;

static enum client_hello_result read_all(struct view bytes)
{
    struct client_hello_progress progress = {0};
    return client_hello_read(&progress, bytes, &hello);
}

static void assert_wrong(struct view bytes, const char *problem)
{
    assert_int_equal(read_all(bytes), CLIENT_HELLO_WRONG);
    assert_non_null(strstr(hello.problem, problem));
}

static void assert_name(const char *wanted)
{
    assert_int_equal(hello.server_name.len, strlen(wanted));
    assert_memory_equal(hello.server_name.ptr, wanted, strlen(wanted));
}

static void assert_alpn(const char *wanted)
{
    char text[CLIENT_HELLO_ALPN_BYTES_MAX] = "";
    for (unsigned i = 0; i < hello.alpn_count; i++) {
        strcat(text, i > 0 ? "," : "");
        strncat(text, hello.alpn[i].ptr, hello.alpn[i].len);
    }
    assert_string_equal(text, wanted);
}

/* ---- names and protocols ------------------------------------------------------------------------ */

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_253                                                                                   \
    LABEL_63 "." LABEL_63 "." LABEL_63                                                             \
             ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_names_of_servers(void **state)
{
    static const struct {
        struct view said;
        const char *name; /* NULL: it is refused */
    } rows[] = {
        {VIEW("a.test"), "a.test"},
        {VIEW("Shop.EXAMPLE.Test"), "shop.example.test"},
        {VIEW("a.test."), "a.test"}, /* which has no dot at its end, but some say one */
        {VIEW("localhost"), "localhost"},
        {VIEW("xn--bcher-kva.test"), "xn--bcher-kva.test"},
        {VIEW("my_db.compose_default"), "my_db.compose_default"},
        {VIEW(NAME_253), NAME_253},
        {VIEW("192.0.2.7"), ""}, /* addresses are not permitted, and are no names */
        {VIEW("fd00::1"), ""},
        {VIEW("[fd00::1]"), ""},
        {VIEW("192.0.2.7.test"), "192.0.2.7.test"},
        {VIEW(""), NULL},
        {VIEW("."), NULL},
        {VIEW("a.test.."), NULL},
        {VIEW(".a.test"), NULL},
        {VIEW("a..test"), NULL},
        {VIEW("*.a.test"), NULL},
        {VIEW("a.test:443"), NULL},
        {VIEW("a test"), NULL},
        {VIEW("a.test\0.b.test"), NULL},
        {VIEW("a.test\n"), NULL},
        {VIEW("b\xc3\xbc"
              "cher.test"),
         NULL},
        {VIEW(LABEL_63 "a.test"), NULL},
        {VIEW(NAME_253 "a"), NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct made_hello made;
        hello_make(&made, rows[i].said, VIEW("\2h2"));
        assert_int_equal(read_all(made_view(&made)),
                         rows[i].name ? CLIENT_HELLO_DONE : CLIENT_HELLO_WRONG);
        if (rows[i].name)
            assert_name(rows[i].name);
        else
            assert_non_null(strstr(hello.problem, "the name of the server"));
    }
}

static void test_lists_of_names(void **state)
{
    static const struct {
        struct view extension;
        const char *name, *problem;
    } rows[] = {
        {VIEW("\0\7"
              "\0\0\4"
              "a.bc"),
         "a.bc", NULL},
        {VIEW("\0\5"
              "\1\0\2"
              "ab"),
         "", NULL}, /* of a kind that nobody knows */
        {VIEW("\0\x0c"
              "\1\0\2"
              "ab"
              "\0\0\4"
              "a.bc"),
         "a.bc", NULL},
        {VIEW("\0\x0a"
              "\0\0\2"
              "ab"
              "\0\0\2"
              "cd"),
         NULL, "two servers"},
        {VIEW(""), NULL, "malformed"},
        {VIEW("\0"), NULL, "malformed"},
        {VIEW("\0\0"), NULL, "malformed"},
        {VIEW("\0\1"
              "\0"),
         NULL, "malformed"},
        {VIEW("\0\6"
              "\0\0\4"
              "a.bc"),
         NULL, "malformed"},
        {VIEW("\0\x08"
              "\0\0\4"
              "a.bc"),
         NULL, "malformed"},
        {VIEW("\0\7"
              "\0\0\5"
              "a.bc"),
         NULL, "malformed"},
        {VIEW("\0\7"
              "\0\0\3"
              "a.bc"),
         NULL, "malformed"},
        {VIEW("\0\7"
              "\0\0\4"
              "a.bc"
              "d"),
         NULL, "malformed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct made_hello made;
        hello_begin(&made);
        hello_add(&made, 0, rows[i].extension);
        hello_end(&made);
        if (rows[i].problem) {
            assert_wrong(made_view(&made), rows[i].problem);
            continue;
        }
        assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
        assert_name(rows[i].name);
    }
}

static void test_protocols(void **state)
{
    static const struct {
        struct view list;
        const char *alpn, *problem;
    } rows[] = {
        {VIEW("\2h2\x08http/1.1"), "h2,http/1.1", NULL},
        {VIEW("\x0apostgresql"), "postgresql", NULL},
        {VIEW("\1a"), "a", NULL},
        {VIEW("\2\x0a\x0a\2h2"), "\n\n,h2", NULL}, /* RFC 8701: grease */
        {VIEW(""), NULL, "malformed"},
        {VIEW("\0"), NULL, "malformed"},
        {VIEW("\2h2\0"), NULL, "malformed"},
        {VIEW("\3h2"), NULL, "malformed"},
        {VIEW("\2h2\xff"), NULL, "malformed"},
        {VIEW("\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a\1a"
              "\1a\1a\1a\1a\1a"),
         NULL, "more than 32"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct made_hello made;
        hello_make(&made, VIEW("a.test"), rows[i].list);
        if (rows[i].problem) {
            assert_wrong(made_view(&made), rows[i].problem);
            continue;
        }
        assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
        assert_alpn(rows[i].alpn);
        assert_name("a.test");
    }
}

static void test_names_of_protocols_that_are_too_long(void **state)
{
    char list[CLIENT_HELLO_ALPN_BYTES_MAX + 1];
    struct made_hello made;
    (void)state;
    memset(list, 127, sizeof(list));
    hello_make(&made, VIEW("a.test"), view_of(list, CLIENT_HELLO_ALPN_BYTES_MAX));
    assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
    assert_int_equal(hello.alpn_count, 4);
    hello_make(&made, VIEW("a.test"), view_of(list, sizeof(list)));
    assert_wrong(made_view(&made), "longer than 512");
}

static void test_an_extension_that_is_there_twice(void **state)
{
    static const struct view names[] = {VIEW("\0\4"
                                             "\0\0\1"
                                             "a"),
                                        VIEW("\0\4"
                                             "\0\0\1"
                                             "b")};
    struct made_hello made;
    (void)state;
    for (unsigned type = 0; type <= 16; type += 16) {
        hello_begin(&made);
        for (unsigned i = 0; i < 2; i++)
            hello_add(&made, type,
                      type == 0 ? names[i]
                                : VIEW("\0\2"
                                       "\1"
                                       "a"));
        hello_end(&made);
        assert_wrong(made_view(&made), "there twice");
    }
}

static void test_a_hello_that_asks_for_nothing(void **state)
{
    struct made_hello made;
    (void)state;
    hello_begin(&made);
    hello_end(&made);
    assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
    assert_name("");
    assert_alpn("");
    hello_begin(&made);
    made.len = made.extensions_at; /* as before TLS 1.2 */
    hello_end_without_extensions(&made);
    assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
    assert_name("");
}

/* ---- pieces ------------------------------------------------------------------------------------ */

/* Each byte by itself, as it comes: what is known by then is kept. */
static void check_pieces(struct view bytes, size_t piece_len)
{
    struct client_hello_progress progress = {0};
    for (size_t len = 0; len < bytes.len; len += piece_len)
        assert_int_equal(client_hello_read(&progress, view_of(bytes.ptr, len), &hello),
                         CLIENT_HELLO_MORE);
    assert_int_equal(client_hello_read(&progress, bytes, &hello), CLIENT_HELLO_DONE);
    assert_name("shop.a.test");
    assert_alpn("h2,http/1.1");
}

static void test_any_pieces_and_any_records(void **state)
{
    struct made_hello made, cut;
    (void)state;
    hello_make(&made, VIEW("Shop.a.test"), VIEW("\2h2\x08http/1.1"));
    for (size_t record_len = 1; record_len <= made.len; record_len++) {
        hello_cut(&cut, &made, record_len);
        for (size_t piece_len = 1; piece_len <= cut.len; piece_len += piece_len / 8 + 1)
            check_pieces(made_view(&cut), piece_len);
    }
}

static void test_what_follows_is_not_looked_at(void **state)
{
    struct made_hello made;
    (void)state;
    hello_make(&made, VIEW("shop.a.test"), VIEW("\2h2\x08http/1.1"));
    memcpy(made.bytes + made.len, "\x17\3\3\0\1x", 6); /* early data */
    made.len += 6;
    assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
    assert_name("shop.a.test");
}

static void test_a_hello_up_to_the_bound_is_read(void **state)
{
    struct made_hello made, cut;
    (void)state;
    for (unsigned too_many = 0; too_many <= 1; too_many++) {
        hello_make_of(&made, CLIENT_HELLO_BYTES_MAX + too_many);
        if (too_many)
            assert_wrong(made_view(&made), "longer than 16384");
        else
            assert_int_equal(read_all(made_view(&made)), CLIENT_HELLO_DONE);
    }
    hello_make_of(&made, CLIENT_HELLO_BYTES_MAX - 5);
    hello_cut(&cut, &made, CLIENT_HELLO_BYTES_MAX / 2);
    assert_int_equal(cut.len, CLIENT_HELLO_BYTES_MAX);
    assert_int_equal(read_all(made_view(&cut)), CLIENT_HELLO_DONE);
    hello_make_of(&made, CLIENT_HELLO_BYTES_MAX - 6);
    hello_cut(&cut, &made, 1);
    assert_wrong(view_of(cut.bytes, CLIENT_HELLO_BYTES_MAX), "longer than 16384");
}

/* ---- no hello ---------------------------------------------------------------------------------- */

static void test_what_is_no_tls_is_told_by_its_first_bytes(void **state)
{
    static const struct {
        struct view bytes;
        size_t telling_len;
    } rows[] = {
        {VIEW("\0\0\0\x08\x04\xd2\x16\x2f"), 1}, /* PostgreSQL's SSLRequest */
        {VIEW("GET / HTTP/1.1\r\n"), 1},
        {VIEW("PING\r\n"), 1},
        {VIEW("\x80\x2e\1\0\2"), 1},     /* SSL 2 */
        {VIEW("\x15\3\1\0\2\2\x28"), 1}, /* an alert */
        {VIEW("\x16\2\0"), 2},
        {VIEW("\x16\x16\x16"), 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t len = 0; len <= rows[i].bytes.len; len++)
            assert_int_equal(read_all(view_of(rows[i].bytes.ptr, len)),
                             len < rows[i].telling_len ? CLIENT_HELLO_MORE : CLIENT_HELLO_NOT_TLS);
}

static void test_malformed_records_are_refused(void **state)
{
    static const struct {
        struct view bytes;
        const char *problem;
    } rows[] = {
        {VIEW("\x16\3\1\0\0"), "a record is empty"},
        {VIEW("\x16\3\1\x40\1"), "longer than a record"},
        {VIEW("\x16\3\1\xff\xff"), "longer than a record"},
        {VIEW("\x16\3\1\x40\0"), "longer than 16384"},
        {VIEW("\x16\3\1\0\4\2\0\0\0"), "no hello of a client"},
        {VIEW("\x16\3\1\0\4\1\1\0\0"), "longer than 16384"},
        {VIEW("\x16\3\1\0\4\1\0\0\0"), "too short"},
        {VIEW("\x16\3\1\0\4\1\0\0\1\x15\3\1\0\2"), "another record"},
        {VIEW("\x16\3\1\0\4\1\0\0\1\x16\2\1\0\2"), "another record"},
        {VIEW("\x16\3\1\0\4\1\0\0\1\x16\3\1\0\0"), "a record is empty"},
        {VIEW("\x16\3\1\0\1\1\x16\3\1\0\3\1\0\0"), "longer than 16384"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t len = 0; len < rows[i].bytes.len; len++)
            assert_int_equal(read_all(view_of(rows[i].bytes.ptr, len)), CLIENT_HELLO_MORE);
        assert_wrong(rows[i].bytes, rows[i].problem);
    }
}

/* A message that ends anywhere, and says so, is refused but where the extensions would begin. */
static void test_a_message_that_ends_too_early_is_refused(void **state)
{
    struct made_hello made, cut;
    (void)state;
    hello_make(&made, VIEW("a.test"), VIEW("\2h2"));
    for (size_t len = 9; len < made.len; len++) {
        cut = made;
        cut.len = len;
        hello_end_without_extensions(&cut);
        assert_int_equal(read_all(made_view(&cut)),
                         len == made.extensions_at ? CLIENT_HELLO_DONE : CLIENT_HELLO_WRONG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_servers),
        cmocka_unit_test(test_lists_of_names),
        cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_names_of_protocols_that_are_too_long),
        cmocka_unit_test(test_an_extension_that_is_there_twice),
        cmocka_unit_test(test_a_hello_that_asks_for_nothing),
        cmocka_unit_test(test_any_pieces_and_any_records),
        cmocka_unit_test(test_what_follows_is_not_looked_at),
        cmocka_unit_test(test_a_hello_up_to_the_bound_is_read),
        cmocka_unit_test(test_what_is_no_tls_is_told_by_its_first_bytes),
        cmocka_unit_test(test_malformed_records_are_refused),
        cmocka_unit_test(test_a_message_that_ends_too_early_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
