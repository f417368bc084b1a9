/* Every form of the access log: what a usual record gives, to the letter; and what hostile bytes
 * can not do: a second line, invalid UTF-8, a control character, a field more, a line of 16 KiB. */
#include "lb/observe/access_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/utf8.h"
#include "tests/unit/observe/access_case.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEMPLATE                                                                                   \
    "%{time} %{client_ip} %{peer_ip} %{method} %{target} \"%{user_agent}\" \"%{referrer}\" "       \
    "%{host} %{request_id} %{trace_id} %{route} %{service} %{container} %{container_id} "          \
    "%{upstream} "                                                                                 \
    "%{retries} %{end}"

static const char *const forms[] = {"json", "combined", "logstalgia", "haproxy", TEMPLATE};

/* The line without its "\n", in `out`. */
static struct view write_line(const char *form, const struct record *record,
                              char out[ACCESS_LINE_BYTES])
{
    struct access_format format;
    struct text problem = TEXT_INIT;
    assert_true(access_format_parse(&format, view_str(form), &problem));
    struct access_line access = {.format = &format};
    size_t len = access_line_write(&access, record, out);
    assert_in_range(len, 1, ACCESS_LINE_BYTES - 1);
    assert_int_equal(out[len - 1], '\n');
    out[len - 1] = '\0';
    return view_of(out, len - 1);
}

static void check_is(const char *form, const struct record *record, const char *expected)
{
    char out[ACCESS_LINE_BYTES];
    write_line(form, record, out);
    assert_string_equal(out, expected);
}

/* ---- a usual record ---------------------------------------------------------------------------*/

static void test_json(void **state)
{
    struct record record = access_case();
    (void)state;
    check_is(
        "json", &record,
        "{\"@timestamp\":\"2026-11-22T02:30:00.123456Z\",\"message\":\"GET /a/b 200\","
        "\"ecs\":{\"version\":\"8.11.0\"},\"log\":{\"level\":\"info\",\"logger\":\"access\"},"
        "\"event\":{\"kind\":\"event\",\"category\":[\"web\"],\"type\":[\"access\"],"
        "\"dataset\":\"lb.access\",\"outcome\":\"success\",\"duration\":5004321},"
        "\"service\":{\"name\":\"lb\",\"type\":\"load-balancer\"},"
        "\"http\":{\"request\":{\"body\":{\"bytes\":12},\"id\":\"0123456789abcdef\","
        "\"method\":\"GET\",\"referrer\":\"https://example.org/from\"},"
        "\"response\":{\"body\":{\"bytes\":345},\"status_code\":200},\"version\":\"1.1\"},"
        "\"trace\":{\"id\":\"0af7651916cd43dd8448eb211c80319c\"},"
        "\"url\":{\"original\":\"/a/b?c=d&e=f\",\"path\":\"/a/b\",\"domain\":\"example.com\","
        "\"port\":8000},\"client\":{\"ip\":\"203.0.113.7\"},"
        "\"source\":{\"ip\":\"172.18.0.1\",\"port\":40112},"
        "\"destination\":{\"ip\":\"172.19.0.2\",\"port\":8080},"
        "\"user_agent\":{\"original\":\"curl/8.1 (x; y)\"},"
        "\"lb\":{\"end\":\"ok\",\"attempts\":2,\"replays\":1,"
        "\"retries\":[\"refused\",\"upstream_reset\"],\"reused\":false,\"tunnel\":false,"
        "\"total_ms\":5.004,\"queue_ms\":1.000,\"connect_ms\":0.250,\"first_byte_ms\":4.500,"
        "\"route\":\"example.com/"
        "a\",\"service\":\"appserver\",\"upstream\":{\"name\":\"appserver1\",\"id\":\"3f0c5e\","
        "\"address\":\"172.19.0.2:8080\"}}}");
}

static struct record over_tls(void)
{
    struct record record = access_case();
    record.scheme = VIEW("https");
    record.tls_version = VIEW("1.3");
    record.tls_cipher = VIEW("TLS_AES_128_GCM_SHA256");
    record.tls_client_subject = VIEW("CN=\"j\"");
    record.is_tls_resumed = true;
    return record;
}

static void test_what_is_told_of_tls(void **state)
{
    struct record record = over_tls();
    char out[ACCESS_LINE_BYTES];
    (void)state;
    write_line("json", &record, out);
    assert_non_null(strstr(out, ",\"url\":{\"original\":\"/a/b?c=d&e=f\",\"path\":\"/a/b\","
                                "\"scheme\":\"https\",\"domain\":\"example.com\",\"port\":8000},"
                                "\"tls\":{\"version\":\"1.3\",\"version_protocol\":\"tls\","
                                "\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"resumed\":true,"
                                "\"client\":{\"subject\":\"CN=\\\"j\\\"\"}},\"client\":"));
    check_is("%{scheme} %{tls_version} %{tls_cipher} %{tls_resumed} %{tls_client_subject}", &record,
             "https 1.3 TLS_AES_128_GCM_SHA256 resumed CN=\\x22j\\x22");
    record.is_tls_resumed = false;
    check_is("%{tls_resumed}", &record, "full");
    record = access_case();
    record.scheme = VIEW("http");
    check_is("%{scheme} %{tls_version} %{tls_cipher} %{tls_resumed} %{tls_client_subject}", &record,
             "http - - - -");
    write_line("json", &record, out);
    assert_null(strstr(out, "tls"));
}

static void test_a_redirect_is_no_failure(void **state)
{
    static const enum err ends[] = {ERR_MOVED, ERR_FOUND, ERR_ELSEWHERE, ERR_MOVED_FOR_GOOD,
                                    ERR_SLASH};
    char out[ACCESS_LINE_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct record record = access_case();
        record.end = ends[i];
        record.status = 308;
        write_line("json", &record, out);
        assert_non_null(strstr(out, "\"outcome\":\"success\""));
        assert_null(strstr(out, "\"error\""));
    }
}

static void test_json_of_bad_request(void **state)
{
    struct record record = {.end = ERR_FIELD,
                            .status = 400,
                            .queue_ns = RECORD_NEVER,
                            .connect_ns = RECORD_NEVER,
                            .first_byte_ns = RECORD_NEVER};
    (void)state;
    check_is("json", &record,
             "{\"@timestamp\":\"1970-01-01T00:00:00.000000Z\",\"message\":\"400\","
             "\"ecs\":{\"version\":\"8.11.0\"},\"log\":{\"level\":\"info\",\"logger\":\"access\"},"
             "\"event\":{\"kind\":\"event\",\"category\":[\"web\"],\"type\":[\"access\"],"
             "\"dataset\":\"lb.access\",\"outcome\":\"failure\",\"duration\":0},"
             "\"service\":{\"name\":\"lb\",\"type\":\"load-balancer\"},"
             "\"http\":{\"request\":{\"body\":{\"bytes\":0}},"
             "\"response\":{\"body\":{\"bytes\":0},\"status_code\":400}},"
             "\"lb\":{\"end\":\"bad_request:field\",\"attempts\":0,\"replays\":0,\"reused\":false,"
             "\"tunnel\":false,\"total_ms\":0.000},"
             "\"error\":{\"code\":\"bad_request:field\"}}");
}

static void test_text_forms(void **state)
{
    struct record record = access_case();
    (void)state;
    check_is("combined", &record,
             "203.0.113.7 - - [22/Nov/2026:02:30:00 +0000] \"GET /a/b?c=d&e=f HTTP/1.1\" 200 345 "
             "\"https://example.org/from\" \"curl/8.1 (x; y)\"");
    check_is("logstalgia", &record,
             "1795314600|203.0.113.7|/a/b?c=d&e=f|200|345|1||https://example.org/from|"
             "curl/8.1 (x; y)|example.com:8000|appserver1");
    check_is("haproxy", &record,
             "203.0.113.7:40112 [22/Nov/2026:02:30:00.123] lb appserver/appserver1 0/1/0/3/5 200 "
             "345 - - ---- 0/0/0/0/1 0/0 {example.com:8000|curl/8.1\\x20(x;\\x20y)|"
             "https://example.org/from} {0123456789abcdef|ok|refused,upstream_reset|3f0c5e|"
             "172.19.0.2:8080|12} \"GET /a/b?c=d&e=f HTTP/1.1\"");
    check_is("<%{time_unix}> %{kind} %{connection} %{version} %{status} %{request_bytes}/"
             "%{response_bytes} %{total_ms} %{attempts}/%{replays} %{retries} 100%%",
             &record,
             "<1795314600.123> request new HTTP/1.1 200 12/345 5.004 2/1 refused,upstream_reset "
             "100%%");
}

static void test_text_forms_of_nothing(void **state)
{
    struct record record = {.end = ERR_CLIENT_GONE,
                            .queue_ns = RECORD_NEVER,
                            .connect_ns = RECORD_NEVER,
                            .first_byte_ns = RECORD_NEVER};
    (void)state;
    check_is("combined", &record, "- - - [01/Jan/1970:00:00:00 +0000] \"-\" 499 0 \"-\" \"-\"");
    check_is("logstalgia", &record, "0|-|-|499|0|0||-|-|-|-");
    check_is("haproxy", &record,
             "-:0 [01/Jan/1970:00:00:00.000] lb -/<NOSRV> -1/-1/-1/-1/0 499 0 - - CD-- 0/0/0/0/0 "
             "0/0 {||} {|client_gone|-|||0} \"-\"");
    check_is("%{first_byte_ms} %{container} %{retries} %{connection} %{version}", &record,
             "- - - - -");
}

/* Every end has its two letters and its word. */
static void test_ends(void **state)
{
    (void)state;
    for (unsigned end = 0; end < ERR_COUNT; end++) {
        char out[ACCESS_LINE_BYTES];
        struct record record = access_case();
        record.end = (enum err)end;
        assert_int_equal(strchr(strstr(write_line("haproxy", &record, out).ptr, " - - ") + 5, ' ') -
                             (strstr(out, " - - ") + 5),
                         4);
        write_line("%{end}", &record, out);
        assert_string_equal(out, err_word((enum err)end));
    }
}

static void test_second_changes(void **state)
{
    struct access_format format;
    struct text problem = TEXT_INIT;
    char out[ACCESS_LINE_BYTES];
    struct record record = access_case();
    (void)state;
    assert_true(access_format_parse(&format, VIEW("%{time}"), &problem));
    struct access_line access = {.format = &format};
    access_line_write(&access, &record, out);
    record.start_wall_ns += UINT64_C(999999999);
    access_line_write(&access, &record, out);
    assert_memory_equal(out, "2026-11-22T02:30:01.123456Z\n", 28);
}

/* ---- secrets ----------------------------------------------------------------------------------*/

static void test_userinfo_is_masked(void **state)
{
    static const struct {
        const char *url, *expected;
    } rows[] = {
        {"/a@b", "/a@b"},
        {"/?u=http://x/y@z", "/?u=http://x/y@z"},
        {"/?u=http://me:secret@host/x", "/?u=http://***@host/x"},
        {"/?u=http://me:secret@host&v=http://you:secret@host",
         "/?u=http://***@host&v=http://***@host"},
        {"/?u=http://me:secret@host/&v=ftp://you:secret@h", "/?u=http://***@host/&v=ftp://***@h"},
        {"/?u=http://secret@host", "/?u=http://***@host"},
        {"//me:secret@host/", "//***@host/"},
        {"/?u=///me:secret@host/", "/?u=///me:secret@host/"},
        {"/?u=http://a@secret@host", "/?u=http://***@host"},
        {"//secret@", "//***@"},
        {"@//", "@//"},
    };
    char out[ACCESS_LINE_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct record record = access_case();
        record.target = view_str(rows[i].url);
        record.referrer = record.target;
        check_is("%{target}", &record, rows[i].expected);
        check_is("%{referrer}", &record, rows[i].expected);
        if (!strstr(rows[i].expected, "***"))
            continue;
        for (size_t k = 0; k < COUNT(forms); k++)
            assert_null(strstr(write_line(forms[k], &record, out).ptr, "secret"));
    }
}

/* The "@" stands far behind what a line has room for. */
static void test_long_userinfo_is_masked(void **state)
{
    static char url[40000] = "/?u=http://me:";
    char out[ACCESS_LINE_BYTES];
    (void)state;
    memset(url + 14, 'S', sizeof(url) - 20);
    strcpy(url + sizeof(url) - 7, "@host");
    struct record record = access_case();
    record.target = view_str(url);
    record.referrer = record.target;
    for (size_t k = 0; k < COUNT(forms); k++)
        assert_null(strstr(write_line(forms[k], &record, out).ptr, "SSS"));
}

/* ---- hostile bytes ----------------------------------------------------------------------------*/

static void check_clean(struct view line)
{
    while (line.len > 0) {
        size_t len = utf8_length(line);
        assert_true(len > 0);
        assert_false(utf8_is_control(line, len));
        line = view_skip(line, len);
    }
}

static size_t count(struct view line, char c)
{
    size_t found = 0;
    for (size_t i = 0; i < line.len; i++)
        found += line.ptr[i] == c;
    return found;
}

/* What jansson, which is strict, makes of it. */
static void check_json(struct view line)
{
    json_t *document = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    assert_true(json_is_object(document));
    assert_int_equal(json_object_size(json_object_get(document, "lb")), 13);
    assert_int_equal(json_object_size(document), 13);
    json_decref(document);
}

/* As many marks as with harmless values: no foreign byte became one. */
static void check_marks(const char *form, struct view line)
{
    if (strcmp(form, "combined") == 0)
        assert_int_equal(count(line, '"'), 6);
    if (strcmp(form, "logstalgia") == 0)
        assert_int_equal(count(line, '|'), 10);
    if (strcmp(form, "haproxy") == 0) {
        assert_int_equal(count(line, ' '), 16);
        assert_int_equal(count(line, '"'), 2);
    }
    if (strcmp(form, "json") == 0)
        check_json(line);
    if (form == forms[4])
        assert_int_equal(count(line, '"'), 4);
}

static void set_all(struct record *record, struct view value)
{
    struct view *const texts[] = {
        &record->trace_id,    &record->request_id,      &record->method,   &record->target,
        &record->host,        &record->user_agent,      &record->referrer, &record->client_ip,
        &record->peer_ip,     &record->service,         &record->route,    &record->endpoint_name,
        &record->endpoint_id, &record->endpoint_address};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = value;
}

static void check_all_forms(struct view value)
{
    char out[ACCESS_LINE_BYTES];
    struct record record = access_case();
    set_all(&record, value);
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct view line = write_line(forms[i], &record, out);
        check_clean(line);
        check_marks(forms[i], line);
    }
}

static void test_each_byte(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char bytes[40];
        memset(bytes, 'x', sizeof(bytes));
        for (size_t at = 0; at < sizeof(bytes); at++) { /* in and beside what is compared at once */
            bytes[at] = (char)c;
            check_all_forms(view_of(bytes, sizeof(bytes)));
            bytes[at] = 'x';
        }
        memset(bytes, (int)c, sizeof(bytes));
        check_all_forms(view_of(bytes, sizeof(bytes)));
    }
}

static void test_random_bytes(void **state)
{
    static char bytes[30000];
    unsigned seed = 1;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        size_t len = round % 3 == 0 ? sizeof(bytes) : 1 + (size_t)rand_r(&seed) % 200;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)(rand_r(&seed) >> 7);
        check_all_forms(view_of(bytes, len));
    }
}

/* All values longer than their room, of bytes that take the most: no form is cut off at its end. */
static void test_longest(void **state)
{
    static const char *const units[] = {"x", "\x01", "\"", "\xF0\x9F\x98\x80", "\xFF", "\xC2\x9B"};
    static char bytes[60000];
    char out[ACCESS_LINE_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT(units); i++) {
        size_t len = strlen(units[i]);
        for (size_t at = 0; at + len <= sizeof(bytes); at += len)
            memcpy(bytes + at, units[i], len);
        check_all_forms(view_of(bytes, sizeof(bytes) / len * len));
        struct record record = access_case();
        record.retried_after = UINT64_MAX >> (64 - ERR_COUNT);
        record.end = ERR_TOO_MANY_OF_CLIENT;
        record.total_ns = record.queue_ns = record.connect_ns = UINT64_MAX - 1;
        record.request_body_bytes = record.response_body_bytes = UINT64_MAX;
        set_all(&record, view_of(bytes, sizeof(bytes) / len * len));
        struct view line = write_line("json", &record, out);
        assert_memory_equal(line.ptr + line.len - 2, "}}", 2);
        assert_non_null(strstr(line.ptr, "\xE2\x80\xA6\""));
        line = write_line("haproxy", &record, out);
        assert_memory_equal(line.ptr + line.len - 10, " HTTP/1.1\"", 10);
        assert_non_null(strstr(line.ptr, "..."));
    }
}

/* A template may ask for more than a line has room for. */
static void test_template_too_long(void **state)
{
    static char target[9000];
    char form[400] = "", out[ACCESS_LINE_BYTES];
    struct record record = access_case();
    (void)state;
    memset(target, 'x', sizeof(target));
    record.target = view_of(target, sizeof(target));
    for (int i = 0; i < 20; i++)
        strcat(form, "%{target}\t");
    check_clean(view_of("", 0));
    struct view line = write_line(form, &record, out);
    assert_true(line.len > ACCESS_LINE_BYTES - 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_what_is_told_of_tls),
        cmocka_unit_test(test_a_redirect_is_no_failure),
        cmocka_unit_test(test_json_of_bad_request),
        cmocka_unit_test(test_text_forms),
        cmocka_unit_test(test_text_forms_of_nothing),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_second_changes),
        cmocka_unit_test(test_userinfo_is_masked),
        cmocka_unit_test(test_long_userinfo_is_masked),
        cmocka_unit_test(test_each_byte),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_template_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
