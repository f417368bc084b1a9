/* Where a connection goes, to the letter: by which rule, to whom, and what would change it. */
#include "lb/admin/explain_listener.h"

#include "tests/unit/admin/listeners_case.h"

static void ask(const char *url, const char *want)
{
    struct listener_question question;
    struct text problem = TEXT_INIT, out = TEXT_INIT, query = TEXT_INIT;
    struct explain explain = {.pool = publisher.pool,
                              .membership = &publisher.membership,
                              .now_ms = 5000,
                              .listeners = &listeners_all};
    text_appendf(&query, "url=%s", url);
    if (!listener_question_read(&question, text_view(&query), &problem))
        fail_msg("%s", text_str(&problem));
    explain_listener_write_text(&explain, &question, &out);
    listener_question_fini(&question);
    text_fini(&query);
    assert_text(&out, want);
}

#define WEB1                                                                                       \
    "web1: gets connections (tcp) as app/web1 at 127.0.0.9:5432 since " SITE_TIME                  \
    ", 0 connections, 0 open.\n"
#define DB                                                                                         \
    "db1: gets connections (tcp) as db/db1 at 127.0.0.9:5432 since " SITE_TIME                     \
    ", 0 connections, 0 open.\n"                                                                   \
    "db2: gets no connections (tcp), unhealthy since " SITE_TIME                                   \
    ": its HEALTHCHECK fails. It gets requests when the check passes again; docker inspect shows " \
    "what the check says. Address: 127.0.0.9:5432. Service: db.\n"

static void test_by_its_name(void **state)
{
    (void)state;
    take_listeners();
    ask("tcp://0.0.0.0:443/A.test",
        "asked: tcp to 0.0.0.0:443, TLS that asks for a.test\n"
        "listener: tcp 0.0.0.0:443, with 3 rules\n"
        "rule: for the server name a.test: to the service app, by lb.tcp.sni of web1 (lb)\n"
        "why: a rule with the server name itself comes first; next would be the one for all else: "
        "to the service idle, by --tcp\n"
        "other: for all server names of *.b.test: to the service db, by --tcp\n"
        "service: app, 1 of 1 server can be asked, chosen by least-connections\n" WEB1
        "answer: from a server of app\n");
}

static void test_one_service_of_several_kinds(void **state)
{
    (void)state;
    take_listeners();
    ask("udp://:53",
        "asked: udp to port 53\n"
        "listener: udp 0.0.0.0:53, with 1 rule\n"
        "rule: for all: to the service app, by --udp\n"
        "service: app, 1 of 1 server can be asked, chosen by hash connection\n"
        "web1: gets flows (udp) as app/web1 at 127.0.0.9:5432 since " SITE_TIME ", 0 open.\n"
        "answer: from a server of app\n");
}

static void test_nobody_there(void **state)
{
    (void)state;
    take_listeners();
    ask("tcp://:443",
        "asked: tcp to port 443\n"
        "listener: tcp 0.0.0.0:443, with 3 rules\n"
        "rule: for all else: to the service idle, by --tcp\n"
        "other: for the server name a.test: to the service app, by lb.tcp.sni of web1 (lb)\n"
        "other: for all server names of *.b.test: to the service db, by --tcp\n"
        "service: idle, which has no servers for tcp: a container with the label lb.service=idle, "
        "or --backend idle=tcp://HOST:PORT, would be one\n"
        "answer: from nobody at the moment: no server can be asked, so that the connection is "
        "closed (no_endpoint). The lines above say what would change it.\n");
}

static void test_nobody_listens(void **state)
{
    (void)state;
    take_listeners();
    ask("udp://:5432",
        "asked: udp to port 5432\n"
        "answer: from nobody: lb has no udp listener there. lb listens at udp 0.0.0.0:53. Start it "
        "with --udp 5432=SERVICE, or give a container the label lb.udp=5432 where --dynamic-ports "
        "has that port.\n");
    ask("tcp://:6379",
        "asked: tcp to port 6379\n"
        "listener: tcp 0.0.0.0:6379, with 0 rules\n"
        "answer: from nobody: no container asks for this listener. Give one the label lb.tcp=6379, "
        "or start lb with --tcp 0.0.0.0:6379=SERVICE.\n");
    ask("tcp://:7000",
        "asked: tcp to port 7000\n"
        "listener: tcp 0.0.0.0:7000, which is not open: address already in use, with 0 rules\n"
        "answer: from nobody: the listener is not open, see above.\n");
}

static void test_json(void **state)
{
    struct listener_question question;
    struct text problem = TEXT_INIT, out = TEXT_INIT;
    (void)state;
    take_listeners();
    struct explain explain = {.pool = publisher.pool, .membership = &publisher.membership};
    assert_true(listener_question_read(&question, VIEW("url=tcp://:443/x.b.test"), &problem));
    explain_listener_write_json(&explain, &question, &out);
    assert_non_null(strstr(
        text_str(&out),
        "{\"url\":\"tcp://:443/x.b.test\",\"protocol\":\"tcp\",\"listener\":\"0.0.0.0:443\","
        "\"rule\":\"for all server names of *.b.test: to the service db, by --tcp\",\"why\":\"a "
        "rule with a server name comes before one without; next would be the one for all else: to "
        "the service idle, by --tcp\",\"service\":\"db\",\"usable\":1,\"endpoint_count\":2,"
        "\"containers\":[{\"id\":\"db1\",\"name\":\"db1\",\"service\":\"db\","
        "\"protocol\":\"tcp\",\"routed\":true,"));
    assert_non_null(strstr(text_str(&out), "],\"answer\":\"from a server of db\"}\n"));
    listener_question_fini(&question);
    text_fini(&out);
}

/* A container and a service of several kinds, by lb explain NAME. */
static void test_by_container_and_service(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    take_listeners();
    struct explain explain = {.pool = publisher.pool, .membership = &publisher.membership};
    explain_write_text(&explain, VIEW("web1"), &out);
    assert_non_null(strstr(text_str(&out), "web1: routed as app/web1 at 127.0.0.9:5432 since "));
    assert_non_null(strstr(text_str(&out), WEB1));
    assert_non_null(strstr(text_str(&out), "web1: gets flows (udp) as app/web1"));
    assert_non_null(strstr(text_str(&out), "tcp 0.0.0.0:443 for the server name a.test: "));
    text_clear(&out);
    explain_write_text(&explain, VIEW("db"), &out);
    if (!view_starts_with(text_view(&out), VIEW(DB)))
        fail_msg("%s", text_str(&out));
    assert_non_null(strstr(text_str(&out), "tcp 0.0.0.0:5432 for all: to the service db"));
    text_fini(&out);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_publisher, close_publisher)
    const struct CMUnitTest tests[] = {
        TEST(test_by_its_name),  TEST(test_one_service_of_several_kinds),
        TEST(test_nobody_there), TEST(test_nobody_listens),
        TEST(test_json),         TEST(test_by_container_and_service),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
