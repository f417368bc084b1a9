/* The command line. */
#include "lb/report/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define ARGUMENTS_MAX 16

static bool parse(const char *const *words, struct options *out, struct text *problem)
{
    char *argv[ARGUMENTS_MAX] = {(char *)(uintptr_t) "lb-report"};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    return options_parse(argc, argv, out, problem);
}

static void test_nothing(void **state)
{
    struct options options;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(parse((const char *const[]){NULL}, &options, &problem));
    assert_int_equal(options.action, OPTIONS_RUN);
    assert_false(options.has_gelf);
    assert_false(options.has_queries);
    assert_int_equal(options.gelf_compression, GELF_COMPRESSION_GZIP);
    assert_string_equal(options.release, "lb@" LB_VERSION);
    assert_string_equal(options.sentry_environment, "production");
    assert_null(options.server_name);
    assert_int_equal(options.jail, jail_default_mode());
}

static void test_all(void **state)
{
    static const char *const words[] = {"--gelf=udp://h",
                                        "--gelf-compress",
                                        "none",
                                        "--gelf-host=g",
                                        "--sentry-environment",
                                        "staging",
                                        "--sentry-queries",
                                        "--release=r",
                                        "--server-name=s",
                                        "--jail=log",
                                        "--log-level=warn",
                                        "--log-format=json",
                                        NULL};
    struct options options;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(parse(words, &options, &problem));
    assert_true(options.has_gelf && options.has_queries);
    assert_string_equal(options.gelf.host, "h");
    assert_int_equal(options.gelf.port, 12201);
    assert_int_equal(options.gelf_compression, GELF_COMPRESSION_NONE);
    assert_string_equal(options.gelf_host, "g");
    assert_string_equal(options.sentry_environment, "staging");
    assert_string_equal(options.release, "r");
    assert_string_equal(options.server_name, "s");
    assert_int_equal(options.jail, JAIL_LOG);
    assert_int_equal(options.log_level, LOG_LEVEL_WARN);
    assert_int_equal(options.log_format, LOG_FORMAT_JSON);
    assert_true(parse((const char *const[]){"--help", NULL}, &options, &problem));
    assert_int_equal(options.action, OPTIONS_HELP);
    assert_true(parse((const char *const[]){"--version", NULL}, &options, &problem));
    assert_int_equal(options.action, OPTIONS_VERSION);
    assert_int_equal(problem.len, 0);
    assert_non_null(strstr(options_help(), "LB_SENTRY_DSN"));
}

static void test_wrong(void **state)
{
    static const struct {
        const char *word, *value, *problem;
    } rows[] = {
        {"--nothing", NULL, "--nothing: that is no flag; see lb-report --help"},
        {"-x", NULL, "-x: that is no flag"},
        {"word", NULL, "word: that is no flag"},
        {"--gelf", NULL,
         "--gelf: the value is missing; udp://HOST[:PORT] or tcp://HOST[:PORT] is accepted"},
        {"--gelf=", NULL, "--gelf: the value is missing"},
        {"--gelf", "http://h", "--gelf: "},
        {"--gelf-compress", "lz4",
         "--gelf-compress: \"lz4\" cannot be used; gzip, zlib or none is accepted"},
        {"--jail", "on", "strict, log or off is accepted"},
        {"--log-level", "loud", "debug, info, warn or error is accepted"},
        {"--log-format", "xml", "auto, plain or json is accepted"},
        {"--sentry-queries=yes", NULL, "it takes no value; write it alone"},
        {"--release", "", "--release: the value is missing"},
        {"--\x1b[31m", NULL, "--\\x1b[31m: that is no flag"},
    };
    struct options options;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text problem = TEXT_INIT;
        assert_false(
            parse((const char *const[]){rows[i].word, rows[i].value, NULL}, &options, &problem));
        if (!strstr(text_str(&problem), rows[i].problem))
            print_error("%s\n", text_str(&problem));
        assert_non_null(strstr(text_str(&problem), rows[i].problem));
        text_fini(&problem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
