/* Connections and flows in every form of the access log, to the letter; and what hostile bytes of a ClientHello
 * or of a name can not do there. */
#include "lb/observe/access_haproxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "lb/base/utf8.h"
#include "lb/observe/access_line.h"
#include "tests/unit/observe/access_case.h"

#define TEMPLATE                                                                                   \
    "%{kind} %{protocol} %{listener} %{server_name} %{service} %{container} %{upstream} "          \
    "%{request_bytes}/%{response_bytes} %{request_datagrams}/%{response_datagrams} %{method} "     \
    "%{target} %{version} %{host} %{status} %{connection} %{end}"

/* The line without its "\n". */
static const char *write_line(const char *form, const struct record *record)
{
    static char out[ACCESS_LINE_BYTES];
    struct access_format format;
    struct text problem = TEXT_INIT;
    assert_true(access_format_parse(&format, view_str(form), &problem));
    struct access_line access = {.format = &format};
    size_t len = access_line_write(&access, record, out);
    assert_in_range(len, 1, ACCESS_LINE_BYTES - 1);
    assert_int_equal(out[len - 1], '\n');
    out[len - 1] = '\0';
    return out;
}

static void test_connection(void **state)
{
    struct record record = access_case_connection();
    (void)state;
    assert_string_equal(
        write_line("haproxy", &record),
        "203.0.113.7:40112 [22/Nov/2026:02:30:00.123] 0.0.0.0:443 db/db1 1/0/61000 9876543 -- "
        "0/0/0/0/1 0/0 {a.test|ok|refused|3f0c5e|172.19.0.2:5432|1200}");
    assert_string_equal(write_line("combined", &record),
                        "203.0.113.7 - - [22/Nov/2026:02:30:00 +0000] \"TCP 0.0.0.0:443/a.test\" "
                        "200 9876543 \"-\" \"-\"");
    assert_string_equal(write_line("logstalgia", &record),
                        "1795314600|203.0.113.7|0.0.0.0:443/a.test|200|9876543|1||-|-|a.test|db1");
    assert_string_equal(write_line(TEMPLATE, &record),
                        "connection tcp 0.0.0.0:443 a.test db db1 172.19.0.2:5432 1200/9876543 0/0 "
                        "- - - a.test 200 new ok");
    assert_string_equal(
        write_line("json", &record),
        "{\"@timestamp\":\"2026-11-22T02:30:00.123456Z\",\"message\":\"tcp 0.0.0.0:443/a.test ok\","
        "\"ecs\":{\"version\":\"8.11.0\"},\"log\":{\"level\":\"info\",\"logger\":\"access\"},"
        "\"event\":{\"kind\":\"event\",\"category\":[\"network\"],\"type\":[\"connection\","
        "\"end\"],\"dataset\":\"lb.access\",\"outcome\":\"success\",\"duration\":61000000000},"
        "\"service\":{\"name\":\"lb\",\"type\":\"load-balancer\"},"
        "\"network\":{\"transport\":\"tcp\"},\"tls\":{\"client\":{\"server_name\":\"a.test\"}},"
        "\"client\":{\"ip\":\"203.0.113.7\"},"
        "\"source\":{\"ip\":\"172.18.0.1\",\"port\":40112,\"bytes\":1200},"
        "\"destination\":{\"ip\":\"172.19.0.2\",\"port\":5432,\"bytes\":9876543},"
        "\"lb\":{\"end\":\"ok\",\"kind\":\"connection\",\"listener\":\"0.0.0.0:443\","
        "\"attempts\":2,\"retries\":[\"refused\"],\"total_ms\":61000.000,\"queue_ms\":1.000,"
        "\"connect_ms\":0.250,\"first_byte_ms\":4.500,\"service\":\"db\","
        "\"upstream\":{\"name\":\"db1\",\"id\":\"3f0c5e\",\"address\":\"172.19.0.2:5432\"}}}");
}

static void test_flow(void **state)
{
    struct record record = access_case_flow();
    (void)state;
    assert_string_equal(
        write_line("haproxy", &record),
        "172.18.0.1:40112 [22/Nov/2026:02:30:00.123] [::]:53 dns/dns1 -1/-1/30004 300 -- "
        "0/0/0/0/0 0/0 {|idle|-|3f0c5e|172.19.0.2:53|80}");
    assert_string_equal(write_line("combined", &record),
                        "172.18.0.1 - - [22/Nov/2026:02:30:00 +0000] \"UDP [::]:53\" 200 300 "
                        "\"-\" \"-\"");
    assert_string_equal(write_line("logstalgia", &record),
                        "1795314600|172.18.0.1|[::]:53|200|300|1||-|-|-|dns1");
    assert_string_equal(write_line(TEMPLATE, &record),
                        "flow udp [::]:53 - dns dns1 172.19.0.2:53 80/300 2/3 - - - - 200 new "
                        "idle");
    assert_non_null(strstr(write_line("json", &record), "\"outcome\":\"success\""));
    assert_non_null(strstr(write_line("json", &record),
                           "\"source\":{\"ip\":\"172.18.0.1\",\"port\":40112,\"bytes\":80,"
                           "\"packets\":2},\"destination\":{\"ip\":\"172.19.0.2\",\"port\":53,"
                           "\"bytes\":300,\"packets\":3}"));
    assert_null(strstr(write_line("json", &record), "error"));
}

/* One that nobody could be found for. */
static void test_connection_without_endpoint(void **state)
{
    struct record record = access_case_connection();
    (void)state;
    record.end = ERR_NO_ENDPOINT;
    record.attempt_count = 0;
    record.retried_after = record.request_body_bytes = record.response_body_bytes = 0;
    record.queue_ns = record.connect_ns = record.first_byte_ns = RECORD_NEVER;
    record.host = record.endpoint_name = record.endpoint_id = record.endpoint_address =
        view_of(NULL, 0);
    assert_string_equal(
        write_line("haproxy", &record),
        "203.0.113.7:40112 [22/Nov/2026:02:30:00.123] 0.0.0.0:443 db/<NOSRV> -1/-1/61000 0 SC "
        "0/0/0/0/0 0/0 {|no_endpoint|-|||0}");
    assert_string_equal(write_line("combined", &record),
                        "203.0.113.7 - - [22/Nov/2026:02:30:00 +0000] \"TCP 0.0.0.0:443\" "
                        "503 0 \"-\" \"-\"");
    assert_non_null(strstr(write_line("json", &record), "\"error\":{\"code\":\"no_endpoint\"}"));
    assert_null(strstr(write_line("json", &record), "destination"));
}

/* haproxy's letters: who ended it, and how far it had come. */
static void test_letters(void **state)
{
    static const struct {
        enum err end;
        unsigned attempt_count;
        bool is_connected;
        const char *letters;
    } rows[] = {
        {ERR_OK, 1, true, " -- "},
        {ERR_IDLE, 1, true, " -- "},
        {ERR_CLIENT_GONE, 1, true, " CD "},
        {ERR_CLIENT_GONE, 1, false, " CC "},
        {ERR_REFUSED, 1, false, " SC "},
        {ERR_CONNECT_TIMEOUT, 2, false, " sC "},
        {ERR_SHUTDOWN, 1, true, " DD "},
        {ERR_UPSTREAM_RESET, 1, true, " SD "},
        {ERR_TUNNEL_IDLE, 1, true, " cD "},
        {ERR_DRAINED, 1, true, " DD "},
        {ERR_EVICTED, 1, true, " RD "},
        {ERR_PROXY_HEADER, 0, false, " PR "},
        {ERR_HEAD_TIMEOUT, 0, false, " cR "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct record record = access_case_connection();
        record.end = rows[i].end;
        record.attempt_count = rows[i].attempt_count;
        if (!rows[i].is_connected)
            record.connect_ns = RECORD_NEVER;
        assert_non_null(strstr(write_line("haproxy", &record), rows[i].letters));
    }
}

static size_t count(const char *line, char c)
{
    size_t found = 0;
    for (; *line; line++)
        found += *line == c;
    return found;
}

static void check_clean(struct view line)
{
    while (line.len > 0) {
        size_t len = utf8_length(line);
        assert_true(len > 0);
        assert_false(utf8_is_control(line, len));
        line = view_skip(line, len);
    }
}

static void check_all(const struct record *record)
{
    static const char *const forms[] = {"json", "combined", "logstalgia", "haproxy", TEMPLATE};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        check_clean(view_str(write_line(forms[i], record)));
    json_t *document = json_loads(write_line("json", record), JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_object_size(json_object_get(document, "lb")), 11);
    json_decref(document);
    assert_int_equal(count(write_line("haproxy", record), ' '), 9);
    assert_int_equal(count(write_line("combined", record), ' '), 10);
    assert_int_equal(count(write_line("logstalgia", record), '|'), 10);
    assert_int_equal(count(write_line(TEMPLATE, record), ' '), 15);
}

static void test_hostile_bytes(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        static char bytes[30000];
        struct record record = access_case_connection();
        memset(bytes, (int)c, sizeof(bytes));
        struct view *const texts[] = {&record.host,      &record.listener,      &record.service,
                                      &record.client_ip, &record.endpoint_name, &record.endpoint_id,
                                      &record.peer_ip};
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            *texts[i] = view_of(bytes, sizeof(bytes));
        check_all(&record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connection),
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_connection_without_endpoint),
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
