/* The words of servers by https among lb's own flags: what they take, and that each has its own place. */
#include "lb/config/config_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/config/config.h"
#include "lb/config/config_field.h"
#include "lb/config/config_print.h"
#include "lb/config/settings.h"

static const struct config_setting *row(const char *word)
{
    for (size_t i = 0; i < settings_upstream_tls.count; i++)
        if (view_eq(view_str(settings_upstream_tls.settings[i].word), view_str(word)))
            return &settings_upstream_tls.settings[i];
    fail_msg("no setting %s", word);
    return NULL;
}

static void check(const char *word, const char *value, const char *shown, const char *problem)
{
    struct upstream_tls tls = {0};
    struct text text = TEXT_INIT;
    assert_int_equal(kind_upstream_tls.parse(row(word), view_str(value), &tls, &text), !problem);
    assert_string_equal(text_str(&text), problem ? problem : "");
    text_clear(&text);
    assert_int_equal(kind_upstream_tls.is_given(row(word), &tls), !problem);
    kind_upstream_tls.format(row(word), &tls, &text);
    assert_string_equal(text_str(&text), shown);
    text_fini(&text);
}

static void test_values(void **state)
{
    (void)state;
    check("backend-ca", "ca.pem", "ca.pem", NULL);
    check("backend-ca", "/etc/ca.pem", "",
          "\"/etc/ca.pem\" cannot be used; give the name of a PEM file in the operator's "
          "--backend-certificates, without a path, for example ca.pem");
    check("backend-name", "A.test", "a.test", NULL);
    check("backend-name", "*.test", "",
          "\"*.test\" cannot be used; give a host's name such as app.example.com, or an IP "
          "address, for example app.example.com");
    check("backend-certificate", "lb.pem", "lb.pem", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
