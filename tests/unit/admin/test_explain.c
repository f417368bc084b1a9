/* A line for each container: where its requests come from or why it gets none. */
#include "lb/admin/explain.h"

#include "lb/admin/subject.h"
#include "tests/unit/admin/site_case.h"

static struct explain explain_of_now(void)
{
    return (struct explain){.pool = publisher.pool, .membership = &publisher.membership};
}

static void check_text(const char *subject, unsigned count, const char *want)
{
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    assert_int_equal(explain_write_text(&explain, view_str(subject), &out), count);
    assert_text(&out, want);
}

static void check_json(const char *subject, unsigned count, const char *want)
{
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    assert_int_equal(explain_write_json(&explain, view_str(subject), &out), count);
    assert_text(&out, want);
}

static void test_a_backend_is_meant_by_its_name_too(void **state)
{
    static const struct {
        const char *subject;
        unsigned count;
    } rows[] = {
        {"db.example", 1}, {"db.example:8080", 1}, {"db.example:81", 0}, {"127.0.0.1:8080", 1},
        {"nowhere", 1},    {"nowhere:80", 1},      {"now", 0},           {"", 2}};
    struct backends backends = {0};
    struct address address;
    (void)state;
    assert_true(address_parse(VIEW("127.0.0.1:8080"), &address));
    backends_add_name(&backends, "db.example:8080", "", 0);
    backends_add(&backends, &address);
    backends_add_name(&backends, "nowhere:80", "Name or service not known", SITE_TIME_NS);
    publisher_take_backends(&publisher, &backends, false);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct explain explain = explain_of_now();
        struct text out = TEXT_INIT;
        if (explain_write_text(&explain, view_str(rows[i].subject), &out) != rows[i].count)
            fail_msg("\"%s\": %s", rows[i].subject, text_str(&out));
        text_fini(&out);
        endpoint_note_problem(endpoint_of("127.0.0.1:8080"), NULL);
    }
    assert_int_equal(subject_means_endpoint(&publisher.membership, VIEW("db.example"),
                                            endpoint_of("127.0.0.1:8080")),
                     SUBJECT_CONTAINER);
}

/* ---- text ------------------------------------------------------------------------------------ */

static void test_nothing_is_known(void **state)
{
    (void)state;
    check_text("", 0, "");
    check_text("web1", 0, "");
    check_json("", 0, "{\"containers\":[]}\n");
}

#define PROBING                                                                                    \
    "web1: not routed, probing since " SITE_TIME ": nothing has answered on its port yet. It "     \
    "gets requests as soon as a connection to its address succeeds: is the port right (label "     \
    "lb.port), and does the server listen on all addresses of its container? Address: "            \
    "127.0.0.3:8484. Port: 8484 (the label lb.port). Service: app. Note: lb.wieght is no label "   \
    "of lb.\n"
#define ROUTED "web1: routed as app/web1 at 127.0.0.3:8484 since " SITE_TIME ", 0 requests"
#define NOTE   " Note: lb.wieght is no label of lb.\n"

static void test_before_and_after_the_first_contact(void **state)
{
    (void)state;
    take_line(site_line);
    check_text("web1", 1, PROBING);
    admit_all();
    check_text("4f9c", 1, ROUTED ". Port: the label lb.port." NOTE);
}

static void check_names(const char *subject, unsigned count, const char *const names[3])
{
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    json_t *array, *told;
    assert_int_equal(explain_write_json(&explain, view_str(subject), &out), count);
    assert_non_null(told = json_loads(text_str(&out), 0, NULL));
    array = json_object_get(told, "containers");
    assert_int_equal(json_array_size(array), count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(array, i), "name")),
                            names[i]);
    json_decref(told);
    text_fini(&out);
}

static void test_a_service_is_meant_where_no_container_is_called_so(void **state)
{
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    (void)state;
    take_line(site_line);
    explain = explain_of_now();
    assert_int_equal(explain_write_text(&explain, VIEW("postgres"), &out), 1);
    assert_true(view_starts_with(text_view(&out), VIEW("db: not routed, no_shared_network")));
    text_clear(&out);
    assert_int_equal(explain_write_text(&explain, VIEW("app"), &out), 4);
    assert_true(view_starts_with(text_view(&out), VIEW("web1: ")));
    text_fini(&out);
    check_names("other", 1, (const char *[3]){"o1"});
    check_names("db", 1, (const char *[3]){"db"});
    check_names("ap", 0, (const char *[3]){0});
}

/* In the text; an object of JSON stands for itself. */
static void test_a_remark_is_told_once_for_its_container(void **state)
{
    static const char line[] = "{\"v\":2,\"services\":[{\"name\":\"app\",\"endpoints\":["
                               "{\"id\":\"4f9cab:80\",\"container\":\"4f9cab\",\"name\":\"web1\","
                               "\"address\":\"127.0.0.3\","
                               "\"port\":80,\"state\":\"ready\"},"
                               "{\"id\":\"4f9cab:81\",\"container\":\"4f9cab\",\"name\":\"web1\","
                               "\"address\":\"127.0.0.3\","
                               "\"port\":81,\"state\":\"ready\"},"
                               "{\"id\":\"77aacd\",\"name\":\"web2\",\"address\":\"127.0.0.4\","
                               "\"port\":80,\"state\":\"ready\"}]}],"
                               "\"routes\":[],\"left_out\":[],\"remarks\":{\"4f9cab\":\"odd "
                               "one\",\"77aacd\":\"odd two\"}}";
    struct text out = TEXT_INIT;
    (void)state;
    take_line(line);
    struct explain explain = explain_of_now();
    assert_int_equal(explain_write_text(&explain, VIEW(""), &out), 3);
    struct view rest = text_view(&out);
    assert_non_null(strstr(rest.ptr, "Note: odd one.\nweb1: "));
    view_cut(&rest, '\n');
    assert_null(strstr(rest.ptr, "odd one"));
    assert_non_null(strstr(rest.ptr, "Note: odd two."));
    text_clear(&out);
    assert_int_equal(explain_write_json(&explain, VIEW("web1"), &out), 2);
    const char *first = strstr(text_str(&out), "\"remark\":\"odd one\"");
    assert_true(first && strstr(first + 1, "\"remark\":\"odd one\""));
    text_fini(&out);
}

static void test_each_reason_has_its_words(void **state)
{
    static const struct {
        const char *subject, *want;
    } rows[] = {
        {"web2", "web2: not routed, draining since " SITE_TIME
                 ": it was told to stop and finishes what it has. It comes back when it is started "
                 "again, or if it survives the stop. Address: [::1]:65535. Service: app.\n"},
        {"web3", "web3: not routed, unhealthy since " SITE_TIME
                 ": its HEALTHCHECK fails: exit code 1: no db. It gets requests when the check "
                 "passes again; docker inspect shows what the check says. Address: 127.0.0.5:80. "
                 "Service: app.\n"},
        {"o1", "o1: not routed, other_service: lb routes to the service \"app\" (--service). "
               "Nothing is routed to its service: the label lb.service or lb.host of the "
               "container, or --service of lb, would change that. Address: 127.0.0.9:1. Service: "
               "other.\n"},
        {"db", "db: not routed, no_shared_network: it is on: back. Nothing is routed to its "
               "service: the label lb.service or lb.host of the container, or --service of lb, "
               "would change that. Service: postgres.\n"},
        {"bad1", "a\\x0a\\x1b[31m\"\\<b>: not routed, no_port since " SITE_TIME
                 ": it exposes no TCP port and names none. Create it anew with a port that it "
                 "exposes or names. Service: app.\n"},
    };
    (void)state;
    take_line(site_line);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_text(rows[i].subject, 1, rows[i].want);
}

static void test_orders_and_what_still_runs(void **state)
{
    (void)state;
    take_line(site_line);
    admit_all();
    orders_set_weight(&publisher.orders, "4f9cab", 9);
    publisher_obey(&publisher);
    stop_clocks();
    check_text("web1", 1, ROUTED ", weight 9 as ordered by admin. Port: the label lb.port." NOTE);
    orders_set(&publisher.orders, "4f9cab", ENDPOINT_ORDER_DRAIN);
    publisher_obey(&publisher);
    stop_clocks();
    endpoint_count_inflight(&endpoint_of("web1")->locals[0], 2);
    check_text("web1", 1,
               "web1: not routed, draining since " SITE_TIME
               ": it is drained, as ordered by admin, 2 still running, weight 9 as ordered by "
               "admin. lb ctl undrain brings it back. Address: 127.0.0.3:8484. Port: 8484 (the "
               "label lb.port). Service: app." NOTE);
    endpoint_count_inflight(&endpoint_of("web1")->locals[0], -2);
}

static void test_who_is_used_although_it_is_not_well(void **state)
{
    (void)state;
    publisher.rules.policy.panic_below_percent = 50;
    take_line(site_line);
    admit_all();
    struct endpoint *endpoint = endpoint_of("web1");
    endpoint->is_suspect = true;
    endpoint_note_problem(endpoint, "5 answers 5xx in a row");
    check_text("web1", 1, ROUTED ", though 5 answers 5xx in a row. Port: the label lb.port." NOTE);
    endpoint->is_suspect = false;
    endpoint->is_failing = true;
    publisher_publish(&publisher);
    stop_clocks();
    check_text("web1", 1,
               ROUTED
               ", though failing, as too few others are healthy (--panic-below): lb's own "
               "check of it fails: 5 answers 5xx in a row. It gets requests again after "
               "some successful checks in a row (--check-rise). Port: the label lb.port." NOTE);
}

static void test_a_remedy_of_the_line_wins_unless_it_is_too_long(void **state)
{
    (void)state;
    for (unsigned len = 512; len <= 513; len++) {
        struct text line = TEXT_INIT, want = TEXT_INIT;
        text_append_str(&line,
                        "{\"v\":1,\"services\":[],\"left_out\":[{\"id\":\"1\",\"name\":\"n\","
                        "\"service\":\"app\",\"reason\":\"no_port\",\"detail\":\"d\","
                        "\"remedy\":\"");
        text_append_str(&want, "n: not routed, no_port: d. ");
        for (unsigned i = 0; i < len; i++) {
            text_append_char(&line, 'r');
            if (len == 512)
                text_append_char(&want, 'r');
        }
        text_append_str(&line, "\"}]}");
        if (len > 512)
            text_append_str(&want, "Create it anew with a port that it exposes or names.");
        text_append_str(&want, " Service: app.\n");
        take_line(text_str(&line));
        check_text("n", 1, text_str(&want));
        text_fini(&line);
        text_fini(&want);
    }
}

/* Though it is not the default one. */
static void test_a_remedy_counts_where_a_route_leads_to_the_service(void **state)
{
    (void)state;
    take_line("{\"v\":2,\"services\":[],\"left_out\":[{\"id\":\"1\",\"name\":\"n\","
              "\"service\":\"shop\",\"reason\":\"no_port\",\"detail\":\"d\"}],"
              "\"routes\":[{\"host\":\"a.test\",\"service\":\"shop\"}]}");
    check_text("n", 1,
               "n: not routed, no_port: d. Create it anew with a port that it exposes or names. "
               "Service: shop.\n");
}

static void test_what_keeps_discovery_from_telling(void **state)
{
    struct text out = TEXT_INIT;
    struct explain explain = explain_of_now();
    (void)state;
    explain_write_obstacle(&explain, &out);
    assert_text(&out, "");
    take_obstacle("no socket\\u001b[2J", "Start Docker.");
    explain_write_obstacle(&explain, &out);
    assert_text(&out, "lb-discovery: has learnt nothing yet since " SITE_TIME
                      ": no socket?[2J. Start Docker.\n");
    take_line("{\"v\":1,\"services\":[],\"losses\":[\"No events, so lb asks.\",\"No\\nmore.\"]}");
    explain_write_obstacle(&explain, &out);
    assert_text(&out, "lb-discovery: No events, so lb asks.\nlb-discovery: No\\x0amore.\n"
                      "lb-discovery: does not follow its source since " SITE_TIME
                      ": no socket?[2J. Start Docker.\n");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void test_json_of_each_kind(void **state)
{
    static const struct {
        const char *subject, *want;
    } rows[] = {
        {"web1", "{\"containers\":[{\"id\":\"4f9cab\",\"name\":\"web1\",\"service\":\"app\","
                 "\"routed\":true,\"state\":\"ready\",\"since\":\"" SITE_TIME
                 "\",\"address\":\"127.0.0.3:8484\",\"requests\":0,\"inflight\":0,\"weight\":7,"
                 "\"port\":8484,\"port_from\":\"the label lb.port\","
                 "\"remark\":\"lb.wieght is no label of lb\"}],\"routes\":[]}\n"},
        {"web2",
         "{\"containers\":[{\"id\":\"77aacd\",\"name\":\"web2\",\"service\":\"app\","
         "\"routed\":false,\"state\":\"draining\",\"since\":\"" SITE_TIME
         "\",\"address\":\"[::1]:65535\",\"requests\":0,\"inflight\":0,\"weight\":1,"
         "\"port\":65535,\"why\":\"it was told to stop and finishes what it has\",\"remedy\":"
         "\"It comes back when it is started again, or if it survives the "
         "stop.\"}],\"routes\":[]}\n"},
        {"bad1",
         "{\"containers\":[{\"id\":\"bad1\",\"name\":\"a\\n\\u001b[31m\\\"\\\\<b>\","
         "\"service\":\"app\",\"routed\":false,\"reason\":\"no_port\",\"since\":\"" SITE_TIME
         "\",\"why\":\"it exposes no TCP port and names none\",\"remedy\":\"Create it anew with a "
         "port that it exposes or names.\"}],\"routes\":[]}\n"},
    };
    (void)state;
    take_line(site_line);
    admit_all();
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_json(rows[i].subject, 1, rows[i].want);
    struct explain explain = explain_of_now();
    struct text out = TEXT_INIT;
    assert_int_equal(explain_write_json(&explain, VIEW(""), &out), 6);
    text_fini(&out);
}

static void test_json_of_what_is_in_the_way(void **state)
{
    (void)state;
    take_line("{\"v\":1,\"services\":[],\"losses\":[\"No events.\"]}");
    take_obstacle("no socket", "");
    check_json(
        "", 0,
        "{\"discovery\":{\"problem\":\"no socket\",\"remedy\":\"\",\"problem_since\":\"" SITE_TIME
        "\"},\"losses\":[\"No events.\"],\"containers\":[]}\n");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_a_backend_is_meant_by_its_name_too),
        TEST(test_nothing_is_known),
        TEST(test_before_and_after_the_first_contact),
        TEST(test_each_reason_has_its_words),
        TEST(test_a_service_is_meant_where_no_container_is_called_so),
        TEST(test_a_remark_is_told_once_for_its_container),
        TEST(test_orders_and_what_still_runs),
        TEST(test_who_is_used_although_it_is_not_well),
        TEST(test_a_remedy_of_the_line_wins_unless_it_is_too_long),
        TEST(test_a_remedy_counts_where_a_route_leads_to_the_service),
        TEST(test_what_keeps_discovery_from_telling),
        TEST(test_json_of_each_kind),
        TEST(test_json_of_what_is_in_the_way),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
