#include "discovery/dialect/port_choice.h"

#include "tests/unit/discovery/dialect/words_case.h"

static void read_two_ports(const struct statement_source *source, struct statement *statement)
{
    (void)source;
    statement_add_port(statement, VIEW("8080"), "two", "the word two");
    statement_add_port(statement, VIEW("9090"), "two", "the word two");
    statement_add_port(statement, VIEW("8080"), "two", "said again");
    statement_set_name(&statement->service, "all", "two");
}

static void name_and_ignore(const struct statement_source *source, uint16_t port,
                            struct statement_of_port *statement)
{
    (void)source;
    if (port == 9090)
        statement_set_name(&statement->service, "nine", "the word nine");
    if (port == 8080)
        strcpy(statement->ignored_by, "no eighty");
}

static void read_weight(const struct statement_source *source, struct statement *statement)
{
    (void)source;
    statement->has_options = true;
    statement->options.weight = 9;
    statement_set_name(&statement->service, "later", "weight");
}

static void read_let_in(const struct statement_source *source, struct statement *statement)
{
    (void)source;
    statement->lets_in = true;
}

static void offer_by(const struct dialect *table, size_t count, struct offers *out)
{
    dialect_read_by(table, count, &(struct dialect_container){.image = "x", .name = "n"}, out);
}

static void test_container_may_offer_several_ports(void **state)
{
    static const struct dialect table[] = {{.word = "two", .read = read_two_ports},
                                           {.word = "weight", .read = read_weight}};
    struct offers offers;
    (void)state;
    offer_by(table, 2, &offers);
    assert_int_equal(offers.count, 2);
    assert_int_equal(offers.items[0].port, 8080);
    assert_int_equal(offers.items[1].port, 9090);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(offers.items[i].service, "all"); /* the first dialect's */
        assert_string_equal(offers.items[i].port_from, "the word two");
        assert_int_equal(offers.items[i].options->weight, 9); /* the first that says any */
    }
    assert_int_equal(offers.fault, LEFT_OUT_REASON_COUNT);
    offers_fini(&offers);
}

static void test_one_of_several_ports_is_left_out_or_named(void **state)
{
    static const struct dialect table[] = {
        {.word = "two", .read = read_two_ports, .read_port = name_and_ignore}};
    static const struct dialect let_in[] = {
        {.word = "in", .read = read_let_in},
        {.word = "two", .read = read_two_ports, .read_port = name_and_ignore}};
    struct offers offers;
    (void)state;
    offer_by(table, 1, &offers);
    assert_int_equal(offers.count, 1);
    assert_string_equal(offers.items[0].service, "nine");
    assert_null(offers.disabled_by);
    offers_fini(&offers);
    offer_by(let_in, 2, &offers);
    assert_int_equal(offers.count, 2);
    assert_string_equal(offers.items[0].service, "all");
    assert_string_equal(offers.items[1].service, "nine");
    offers_fini(&offers);
}

/* "service:port", and "/udp" behind it where it is one, with spaces between them. */
static void check_offers(const char *labels, const char *environment, const char *exposed,
                         const char *expected)
{
    struct offers offers;
    struct text got = TEXT_INIT;
    read_words(&(struct words){.labels = labels, .environment = environment, .exposed = exposed},
               &offers);
    for (size_t i = 0; i < offers.count; i++)
        text_appendf(&got, "%s%s:%u%s", i > 0 ? " " : "", offers.items[i].service,
                     offers.items[i].port, offers_is_udp(&offers.items[i]) ? "/udp" : "");
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
    offers_fini(&offers);
}

static void test_exposed_ports_with_names_of_their_own_are_all_offered(void **state)
{
#define TOMCAT "{\"8080/tcp\":{},\"8009/tcp\":{},\"8009\":{},\"8443/tcp\":{},\"53/udp\":{}}"
#define NAMES  "\"SERVICE_8080_NAME=web\",\"SERVICE_8009_NAME=ajp\""
    (void)state;
    check_offers(NULL, "[" NAMES "]", TOMCAT, "ajp:8009 web:8080 shop:53/udp");
    check_offers(NULL, "[" NAMES ",\"SERVICE_8009_IGNORE=1\"]", TOMCAT, "web:8080 shop:53/udp");
    check_offers(NULL, "[" NAMES ",\"SERVICE_NAME=x\"]", TOMCAT, "ajp:8009 web:8080 x:53/udp");
    check_offers("{\"lb.service\":\"mine\"}", "[" NAMES "]", TOMCAT, "mine:8009 mine:53/udp");
    check_offers("{\"lb.port\":\"8080\"}", "[" NAMES "]", TOMCAT, "web:8080 shop:53/udp");
    check_offers(NULL, "[\"SERVICE_8080_NAME=web\",\"SERVICE_8443_NAME=web\"]", TOMCAT,
                 "web:8080 shop:53/udp");
    check_offers(NULL, "[\"SERVICE_443_NAME=tls\",\"SERVICE_80_NAME=web\"]", TWO, "web:80 tls:443");
    check_offers(NULL, "[\"SERVICE_8080_NAME=web\"]", TOMCAT, "web:8080 shop:53/udp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_container_may_offer_several_ports),
        cmocka_unit_test(test_one_of_several_ports_is_left_out_or_named),
        cmocka_unit_test(test_exposed_ports_with_names_of_their_own_are_all_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
