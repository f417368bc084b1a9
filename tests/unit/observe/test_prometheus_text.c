/* The text format: what is escaped, what a histogram becomes, and that all of it is UTF-8. */
#include "lb/observe/prometheus_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct text out;

static int tear_down(void **state)
{
    (void)state;
    text_fini(&out);
    return 0;
}

static void test_family_and_samples(void **state)
{
    struct prometheus_text writer = {.out = &out};
    (void)state;
    prometheus_text_family(&writer, "a_total", "counter", "What it is.");
    prometheus_text_uint(&writer, NULL, 0);
    prometheus_text_uint(&writer, PROMETHEUS_LABELS({"x", "1"}), UINT64_MAX);
    prometheus_text_family(&writer, "b_seconds", "gauge", "Other.");
    prometheus_text_seconds(&writer, PROMETHEUS_LABELS({"x", ""}, {"y", "z"}), 1000000001);
    prometheus_text_seconds(&writer, NULL, UINT64_MAX);
    assert_string_equal(text_str(&out), "# HELP a_total What it is.\n# TYPE a_total counter\n"
                                        "a_total 0\na_total{x=\"1\"} 18446744073709551615\n"
                                        "# HELP b_seconds Other.\n# TYPE b_seconds gauge\n"
                                        "b_seconds{x=\"\",y=\"z\"} 1.000000001\n"
                                        "b_seconds 18446744073.709551615\n");
}

static void test_escapes(void **state)
{
    static const char *const rows[][2] = {
        {"plain/name_1.2", "plain/name_1.2"},
        {"a\"b", "a\\\"b"},
        {"a\\b", "a\\\\b"},
        {"a\nb", "a\\nb"},
        {"\\n", "\\\\n"},
        {"\xC3\xA9\xF0\x9F\x90\xB3", "\xC3\xA9\xF0\x9F\x90\xB3"},
        {"a\xFF\x62", "a\xEF\xBF\xBD\x62"},
        {"\xC3", "\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct prometheus_text writer = {.out = &out, .family = "f"};
        struct text want = TEXT_INIT;
        text_clear(&out);
        prometheus_text_uint(&writer, PROMETHEUS_LABELS({"x", rows[i][0]}), 1);
        text_appendf(&want, "f{x=\"%s\"} 1\n", rows[i][1]);
        assert_string_equal(text_str(&out), text_str(&want));
        text_fini(&want);
    }
}

static void test_histogram(void **state)
{
    static const char *const words[] = {
        "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1",
        "0.25",   "0.5",     "1",      "2.5",   "5",      "10",    "30",   "60",    "+Inf"};
    struct prometheus_text writer = {.out = &out};
    struct histogram histogram = {0};
    struct text want = TEXT_INIT;
    (void)state;
    histogram_observe(&histogram, 100000);        /* a bound belongs to its bucket */
    histogram_observe(&histogram, 100001);        /* and what is above it does not */
    histogram_observe(&histogram, 60000000000);   /* the last bound */
    histogram_observe(&histogram, 7200000000000); /* beyond all */
    text_clear(&out);
    prometheus_text_family(&writer, "h_seconds", "histogram", "H.");
    prometheus_text_histogram(&writer, PROMETHEUS_LABELS({"s", "\""}), &histogram);
    text_append_str(&want, "# HELP h_seconds H.\n# TYPE h_seconds histogram\n");
    for (unsigned i = 0; i <= HISTOGRAM_BOUND_COUNT; i++)
        text_appendf(&want, "h_seconds_bucket{s=\"\\\"\",le=\"%s\"} %d\n", words[i],
                     i == 0   ? 1
                     : i < 17 ? 2
                     : i < 18 ? 3
                              : 4);
    text_append_str(&want, "h_seconds_sum{s=\"\\\"\"} 7260.000200001\n"
                           "h_seconds_count{s=\"\\\"\"} 4\n");
    assert_string_equal(text_str(&out), text_str(&want));
    text_fini(&want);
}

static void test_histogram_without_labels(void **state)
{
    struct prometheus_text writer = {.out = &out, .family = "h_seconds"};
    struct histogram histogram = {0};
    (void)state;
    text_clear(&out);
    prometheus_text_histogram(&writer, NULL, &histogram);
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{le=\"0.0001\"} 0\n"));
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{le=\"+Inf\"} 0\n"
                                           "h_seconds_sum 0.000000000\nh_seconds_count 0\n"));
}

/* ---- OpenMetrics ------------------------------------------------------------------------------ */

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void test_open_families(void **state)
{
    struct prometheus_text writer = {.out = &out, .is_open = true};
    (void)state;
    text_clear(&out);
    prometheus_text_family(&writer, "a_total", "counter", "A.");
    prometheus_text_uint(&writer, NULL, 1);
    prometheus_text_family(&writer, "b_seconds_total", "counter", "B.");
    prometheus_text_seconds(&writer, NULL, 1);
    prometheus_text_family(&writer, "c_bytes", "gauge", "C.");
    prometheus_text_uint(&writer, NULL, 2);
    prometheus_text_end(&writer);
    assert_string_equal(text_str(&out), "# HELP a A.\n# TYPE a counter\na_total 1\n"
                                        "# HELP b_seconds B.\n# TYPE b_seconds counter\n"
                                        "# UNIT b_seconds seconds\nb_seconds_total 0.000000001\n"
                                        "# HELP c_bytes C.\n# TYPE c_bytes gauge\n"
                                        "# UNIT c_bytes bytes\nc_bytes 2\n# EOF\n");
}

static void test_open_histogram(void **state)
{
    struct prometheus_text writer = {.out = &out, .is_open = true, .family = "h_seconds"};
    struct histogram histogram = {0};
    struct exemplars exemplars = {0};
    (void)state;
    histogram_observe(&histogram, 1000000000);
    exemplars_note(&exemplars, histogram_bucket(1000000000), VIEW(TRACE), 1000000000,
                   1500000000250000000);
    exemplars_note(&exemplars, HISTOGRAM_BOUND_COUNT, VIEW(TRACE), 61000000000, 1);
    text_clear(&out);
    prometheus_text_traced(&writer, PROMETHEUS_LABELS({"s", "x"}), &histogram, &exemplars);
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{s=\"x\",le=\"0.0001\"} 0\n"));
    assert_non_null(strstr(text_str(&out),
                           "h_seconds_bucket{s=\"x\",le=\"1.0\"} 1 # {trace_id=\"" TRACE
                           "\"} 1.000000000 1500000000.250000000\n"));
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{s=\"x\",le=\"60.0\"} 1\n"));
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{s=\"x\",le=\"+Inf\"} 1 # {"));
    writer.is_open = false; /* which has none */
    text_clear(&out);
    prometheus_text_traced(&writer, NULL, &histogram, &exemplars);
    prometheus_text_end(&writer);
    assert_null(strchr(text_str(&out), '#'));
    assert_non_null(strstr(text_str(&out), "h_seconds_bucket{le=\"1\"} 1\n"));
}

static void test_coarse_histogram(void **state)
{
    struct prometheus_text writer = {.out = &out, .family = "h_seconds"};
    struct coarse_histogram histogram = {0};
    (void)state;
    coarse_histogram_observe(&histogram, 5000000);
    coarse_histogram_observe(&histogram, 11000000000);
    text_clear(&out);
    prometheus_text_coarse(&writer, NULL, &histogram);
    assert_string_equal(text_str(&out), "h_seconds_bucket{le=\"0.001\"} 0\n"
                                        "h_seconds_bucket{le=\"0.005\"} 1\n"
                                        "h_seconds_bucket{le=\"0.025\"} 1\n"
                                        "h_seconds_bucket{le=\"0.1\"} 1\n"
                                        "h_seconds_bucket{le=\"0.5\"} 1\n"
                                        "h_seconds_bucket{le=\"2.5\"} 1\n"
                                        "h_seconds_bucket{le=\"10\"} 1\n"
                                        "h_seconds_bucket{le=\"+Inf\"} 2\n"
                                        "h_seconds_sum 11.005000000\nh_seconds_count 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_family_and_samples), cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_histogram),          cmocka_unit_test(test_histogram_without_labels),
        cmocka_unit_test(test_open_families),      cmocka_unit_test(test_open_histogram),
        cmocka_unit_test(test_coarse_histogram),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
