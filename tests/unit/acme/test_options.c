/* The command line: defaults, values, refusals with what is accepted. */
#include "acme/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "acme/directory.h"

static bool parse(struct options *out, struct text *problem, const char *a, const char *b)
{
    char *argv[] = {(char *)(uintptr_t) "lb-acme", (char *)(uintptr_t)a, (char *)(uintptr_t)b,
                    NULL};
    return options_parse(a ? b ? 3 : 2 : 1, argv, out, problem);
}

static void test_values(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(parse(&options, &problem, NULL, NULL));
    assert_string_equal(options.folder, OPTIONS_FOLDER_DEFAULT);
    assert_string_equal(options.directory, DIRECTORY_PRODUCTION);
    assert_int_equal(options.action, OPTIONS_RUN);
    assert_null(options.consul);
    assert_true(parse(&options, &problem, "--directory=staging", "--challenge=tls-alpn-01"));
    assert_string_equal(options.directory, DIRECTORY_STAGING);
    assert_int_equal(options.challenge, CHALLENGE_ALPN);
    assert_true(parse(&options, &problem, "--consul", "--check"));
    assert_string_equal(options.consul, "");
    assert_true(options.checks);
    assert_true(parse(&options, &problem, "--email", "you@example.org"));
    assert_string_equal(options.email, "you@example.org");
    assert_true(parse(&options, &problem, "--key=rsa", "--rollover"));
    assert_int_equal(options.key_kind, PRIVATE_KEY_RSA);
    assert_int_equal(options.action, OPTIONS_ROLLOVER);
    assert_string_equal(text_str(&problem), "");
}

static void refuse(const char *a, const char *b, const char *why)
{
    struct options options;
    struct text problem = TEXT_INIT;
    if (parse(&options, &problem, a, b))
        fail_msg("%s was taken", a);
    if (!strstr(text_str(&problem), why))
        fail_msg("%s: %s", a, text_str(&problem));
    text_fini(&problem);
    options_fini(&options);
}

static void test_refusals(void **state)
{
    (void)state;
    refuse("--directory=http://ca.example/dir", NULL, "https://");
    refuse("--directory=production2", NULL, "staging");
    refuse("--email=nobody", NULL, "you@example.org");
    refuse("--email=a@b.example,c@d.example", NULL, "one address");
    refuse("--challenge=dns-01", NULL, "tls-alpn-01");
    refuse("--key=dsa", NULL, "ecdsa or rsa");
    refuse("--check-port=0", NULL, "65535");
    refuse("--eab-kid=x", NULL, "give both");
    refuse("--eab-kid=x", "--eab-key-file=/nowhere", "base64url");
    refuse("--dir", NULL, "missing");
    refuse("--check=yes", NULL, "alone");
    refuse("--what", NULL, "--help");
    refuse("stray", NULL, "no flag");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
