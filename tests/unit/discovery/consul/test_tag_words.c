#include "discovery/consul/tag_words.h"

#include <string.h>

#include "discovery/field.h"
#include "tests/unit/discovery/consul/captured.h"

static struct tag_words words;
static struct offers offers;

static void read_tags(const char *tags, uint16_t port)
{
    json_t *list = quoted(tags);
    tag_words_read(list, "web", port, &words);
    tag_words_offer(&words, NULL, &offers);
    json_decref(list);
}

static int tear_down(void **state)
{
    (void)state;
    tag_words_fini(&words);
    offers_fini(&offers);
    return 0;
}

static void test_without_words(void **state)
{
    (void)state;
    read_tags("['v1','blue',7,null,'VIRTUAL_HOST=a.test','SERVICE_NAME=x','com.docker.x=y']", 80);
    assert_int_equal(json_object_size(words.labels), 1);
    assert_int_equal(offers.count, 1);
    assert_int_equal(offers.items[0].port, 80);
    assert_string_equal(offers.items[0].protocol, "http");
    assert_string_equal(offers.items[0].service, "web");
    assert_false(offers.items[0].is_guessed);
    assert_int_equal(offers.route_count, 0);
}

static void test_words_of_lb(void **state)
{
    (void)state;
    read_tags("['lb.host=a.test','lb.protocol=https','lb.drain','lb.allow=10.0.0.0/8']", 8443);
    assert_int_equal(offers.route_count, 1);
    assert_string_equal(offers.items[0].protocol, "https");
    assert_int_equal(offers.routes[0].option_count, 1);
    assert_string_equal(field_str(words.labels, "lb.drain"), "");
}

static void test_words_of_traefik(void **state)
{
    (void)state;
    read_tags("['traefik.enable=true','traefik.http.routers.a.rule=Host(`a.test`)']", 80);
    assert_int_equal(words.items.count, 1);
    assert_int_equal(offers.route_count, 1);
    assert_true(view_eq(offers.routes[0].host.text, VIEW("a.test")));
}

static void test_words_of_fabio(void **state)
{
    (void)state;
    read_tags("['urlprefix-a.test/ allow=ip:10.0.0.0/8,ip:10.1.0.0/16','urlprefix-/b\\\\',"
              "'urlprefix-c.test/ proto=https']",
              80);
    assert_string_equal(field_str(words.labels, "SERVICE_TAGS"),
                        "urlprefix-a.test/ allow=ip:10.0.0.0/8\\,ip:10.1.0.0/16,urlprefix-/b\\ "
                        ",urlprefix-c.test/ proto=https");
    bool has_c = false;
    for (size_t i = 0; i < offers.route_count; i++)
        has_c |= view_eq(offers.routes[i].host.text, VIEW("c.test"));
    assert_true(has_c);
    for (size_t i = 0; i < offers.route_count;
         i++) /* which of the tags, not a word that no entry has */
        assert_true(view_starts_with(offers.routes[i].label, VIEW("urlprefix-")));
}

static void test_udp(void **state)
{
    (void)state;
    read_tags("['udp','lb.udp=dns']", 53);
    assert_non_null(json_object_get(words.exposed, "53/udp"));
    assert_non_null(offers_find(&offers, 53, true));
}

static void test_no_port(void **state)
{
    (void)state;
    read_tags("[]", 0);
    assert_int_equal(offers.fault, LEFT_OUT_NO_PORT);
}

static void test_silenced_registrator_still_names(void **state)
{
    struct dialect_settings settings = {0};
    struct view wrong;
    json_t *list = quoted("['lb.host=a.test']");
    (void)state;
    assert_true(dialect_parse_list(VIEW("lb"), &settings.silenced, &wrong));
    tag_words_read(list, "web", 80, &words);
    tag_words_offer(&words, &settings, &offers);
    json_decref(list);
    assert_string_equal(offers.items[0].service, "web");
    assert_false(offers.items[0].is_guessed);
}

static void test_the_same_word_twice(void **state)
{
    (void)state;
    read_tags("['lb.host=a.test','lb.host=a.test']", 80);
    assert_null(words.problem);
    tear_down(NULL);
    read_tags("['lb.host=a.test','lb.host=b.test']", 80);
    assert_non_null(words.problem);
    assert_string_equal(words.twice, "lb.host");
}

static json_t *many(size_t count, size_t bytes)
{
    json_t *list = json_array();
    char tag[2048];
    for (size_t i = 0; i < count; i++) {
        snprintf(tag, sizeof(tag), "lb.x%zu=%0*d", i, (int)bytes, 1);
        json_array_append_new(list, json_string(tag));
    }
    return list;
}

static void test_bounds(void **state)
{
    static const struct {
        size_t count, bytes;
        bool is_fine;
    } cases[] = {{TAG_WORDS_MAX, 1, true},
                 {TAG_WORDS_MAX + 1, 1, false},
                 {60, 1000, true},
                 {70, 1000, false}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *list = many(cases[i].count, cases[i].bytes);
        tag_words_read(list, "web", 80, &words);
        assert_int_equal(words.problem == NULL, cases[i].is_fine);
        json_decref(list);
        tag_words_fini(&words);
    }
    offers = (struct offers){0};
}

static void test_prefixes(void **state)
{
    (void)state;
    assert_true(tag_words_is_one("lb.host=a"));
    assert_true(tag_words_is_one("LB.Host=a"));
    assert_true(tag_words_is_one("Traefik.enable=true"));
    assert_true(tag_words_is_one("urlprefix-/"));
    assert_false(tag_words_is_one(""));
    assert_false(tag_words_is_one("lb"));
    assert_false(tag_words_is_one("traefik"));
    assert_false(tag_words_is_one("Urlprefix-/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_without_words, tear_down),
        cmocka_unit_test_teardown(test_words_of_lb, tear_down),
        cmocka_unit_test_teardown(test_words_of_traefik, tear_down),
        cmocka_unit_test_teardown(test_words_of_fabio, tear_down),
        cmocka_unit_test_teardown(test_udp, tear_down),
        cmocka_unit_test_teardown(test_no_port, tear_down),
        cmocka_unit_test_teardown(test_silenced_registrator_still_names, tear_down),
        cmocka_unit_test_teardown(test_the_same_word_twice, tear_down),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
