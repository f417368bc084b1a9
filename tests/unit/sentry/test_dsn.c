/* What is a DSN, what is none, and that no key is ever in a sentence. */
#include "lb/sentry/dsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lb/config/config_kind.h"

struct good {
    const char *text, *public_key, *secret_key, *endpoint, *shown;
};

static const struct good goods[] = {
    {"https://abc123@o1.ingest.sentry.io/42", "abc123", "",
     "https://o1.ingest.sentry.io/api/42/envelope/", "https://o1.ingest.sentry.io, project 42"},
    {"http://a:b@127.0.0.1:9000/1", "a", "b", "http://127.0.0.1:9000/api/1/envelope/",
     "http://127.0.0.1:9000, project 1"},
    {"https://KEY@[::1]:8443/deep/er/7", "KEY", "", "https://[::1]:8443/deep/er/api/7/envelope/",
     "https://[::1]:8443/deep/er, project 7"},
    {"http://0b2c-d_e.f@[::ffff:1.2.3.4]/p-1", "0b2c-d_e.f", "",
     "http://[::ffff:1.2.3.4]/api/p-1/envelope/", "http://[::ffff:1.2.3.4], project p-1"},
    {"http://a:@h/1", "a", "", "http://h/api/1/envelope/", "http://h, project 1"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct text problem = TEXT_INIT;
        struct dsn dsn;
        assert_true(dsn_parse(view_str(goods[i].text), &dsn, &problem));
        assert_string_equal(dsn.public_key, goods[i].public_key);
        assert_string_equal(dsn.secret_key, goods[i].secret_key);
        assert_string_equal(dsn.endpoint, goods[i].endpoint);
        assert_string_equal(dsn.shown, goods[i].shown);
        assert_int_equal(problem.len, 0);
        assert_int_equal(dsn.is_tls, goods[i].text[4] == 's');
    }
}

static const char *const bad[] = {
    "",
    "https://",
    "ftp://KEYKEY@host/1",
    "HTTPS://KEYKEY@host/1",
    "https://host/1",
    "https://@host/1",
    "https://:KEYKEY@host/1",
    "https://KEYKEY@host",
    "https://KEYKEY@host/",
    "https://KEYKEY@host//1",
    "https://KEYKEY@host/a//1",
    "https://KEYKEY@/1",
    "https://KEYKEY@host:0/1",
    "https://KEYKEY@host:65536/1",
    "https://KEYKEY@host:80:80/1",
    "https://KEYKEY@host:x/1",
    "https://KEYKEY@ho st/1",
    "https://KEYKEY@host/1?x=1",
    "https://KEYKEY@host/1#x",
    "https://KEYKEY@host/../1",
    "https://KEYKEY@host/.",
    "https://KEYKEY@host/%2e/1",
    "https://KEYKEY@[::1/1",
    "https://KEYKEY@[]/1",
    "https://KEYKEY@[::g]/1",
    "https://KEYKEY, sentry_secret=x@host/1",
    "https://KEYKEY\r\nX: y@host/1",
    "https://KEYKEY@host\n/1",
    "https://KEYKEY@host/1\n",
    "https://KEY:KEYKEY:x@host/1",
    "https://KEYKEY@\xc3\xa9/1",
    " https://KEYKEY@host/1",
};

static void refuse(struct view text)
{
    struct text problem = TEXT_INIT;
    struct dsn dsn;
    assert_false(dsn_parse(text, &dsn, &problem));
    assert_non_null(strstr(text_str(&problem), "the DSN cannot be used"));
    assert_null(strstr(text_str(&problem), "KEYKEY"));
    for (size_t i = 0; i < sizeof(dsn); i++)
        assert_int_equal(((const char *)&dsn)[i], 0);
    text_fini(&problem);
}

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuse(view_str(bad[i]));
    refuse(VIEW("https://KEYKEY@host\0.test/1"));
}

static void fill(char *text, size_t at, size_t count)
{
    memset(text + at, 'k', count);
}

static void test_long(void **state)
{
    static const char head[] = "https://";
    char text[4096];
    struct dsn dsn;
    struct text problem = TEXT_INIT;
    size_t len = sizeof(head) - 1;
    (void)state;
    memcpy(text, head, len);
    fill(text, len, DSN_KEY_BYTES - 1);
    memcpy(text + len + DSN_KEY_BYTES - 1, "@h/1", 5);
    assert_true(dsn_parse(view_str(text), &dsn, &problem));
    fill(text, len, DSN_KEY_BYTES);
    memcpy(text + len + DSN_KEY_BYTES, "@h/1", 5);
    refuse(view_str(text));
    fill(text, 0, sizeof(text));
    refuse(view_of(text, sizeof(text)));
    memcpy(text, "https://k@h/", 12);
    refuse(view_of(text, DSN_BYTES_MAX));
    memcpy(text + DSN_BYTES_MAX - 2, "/1", 2);
    assert_true(dsn_parse(view_of(text, DSN_BYTES_MAX), &dsn, &problem));
    assert_int_equal(strlen(dsn.endpoint), DSN_BYTES_MAX - 4 + strlen("/api/1/envelope/"));
    refuse(view_of(text, DSN_BYTES_MAX + 1));
    text_fini(&problem);
}

static void test_forgotten(void **state)
{
    struct text problem = TEXT_INIT;
    struct dsn dsn;
    (void)state;
    assert_true(dsn_parse(VIEW("https://abc@h/1"), &dsn, &problem));
    dsn_forget(&dsn);
    for (size_t i = 0; i < sizeof(dsn); i++)
        assert_int_equal(((const char *)&dsn)[i], 0);
}

static bool takes(const char *text)
{
    static const struct config_setting setting = {.word = "sentry-dsn", .kind = &kind_dsn};
    struct text refusal = TEXT_INIT, problem = TEXT_INIT;
    char *taken = NULL;
    struct dsn dsn;
    if (!kind_dsn.parse(&setting, view_str(text), &taken, &refusal)) {
        text_fini(&refusal);
        return false;
    }
    assert_true(dsn_parse(view_str(taken), &dsn, &problem));
    kind_dsn.fini(&taken);
    return true;
}

/* What lb's setting takes, lb-report can use. */
static void test_all_that_the_setting_takes(void **state)
{
    static const char *const texts[] = {
        "https://abc123@o1.ingest.sentry.io/42",
        "http://_:-@_host/1",
        "https://KEY@[::1]:08443/deep/er/7",
        "http://k@[::ffff:1.2.3.4]/9999999999999999999",
        "http://k@-a..b.:1/x.y/_-/0",
    };
    char text[600], host[256];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(takes(texts[i]));
    memset(host, 'h', 255);
    host[255] = '\0';
    snprintf(text, sizeof(text), "http://%s:%.238s@h/1", host, host);
    assert_true(takes(text));
    snprintf(text, sizeof(text), "http://%.245s@%s/1", host, host);
    assert_true(takes(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_all_that_the_setting_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
