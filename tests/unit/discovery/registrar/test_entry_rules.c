#include "discovery/registrar/entry_rules.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_ids(void **state)
{
    char longest[ENTRY_RULES_ID_BYTES_MAX + 2];
    static const char *const good[] = {"h1:web1:8001", "h1:dns:53:udp", "x",  "a/b",
                                       "a b?c#d%",     "ä\"<",          "..."};
    static const char *const bad[] = {"",   "a//b", "/a",   "a/",    "a/../b", ".",
                                      "..", "./a",  "a\nb", "a\x01", "\x80"};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!entry_rules_is_id(good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (entry_rules_is_id(bad[i]))
            fail_msg("%s", bad[i]);
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_false(entry_rules_is_id(longest));
    longest[sizeof(longest) - 2] = '\0';
    assert_true(entry_rules_is_id(longest));
}

static void test_what_is_refused_whole(void **state)
{
    (void)state;
    assert_null(entry_rules_refuse(&(struct registration){.id = "a", .name = "web"}));
    assert_non_null(strstr(entry_rules_refuse(&(struct registration){.id = "a//", .name = "web"}),
                           "SERVICE_ID"));
    assert_non_null(
        strstr(entry_rules_refuse(&(struct registration){.id = "a", .name = ""}), "SERVICE_NAME"));
    assert_non_null(strstr(entry_rules_refuse(&(struct registration){.id = "a", .name = "w\n"}),
                           "SERVICE_NAME"));
}

static void test_tags(void **state)
{
    struct text remarks = TEXT_INIT;
    (void)state;
    json_t *tags = json_pack("[s,s,s,i,s]", "urlprefix-/foo strip=/foo", "", "two\nlines", 3, "ü");
    json_t *picked = entry_rules_pick_tags(tags, &remarks);
    assert_int_equal(json_array_size(picked), 2);
    assert_string_equal(json_string_value(json_array_get(picked, 0)), "urlprefix-/foo strip=/foo");
    assert_string_equal(json_string_value(json_array_get(picked, 1)), "ü");
    assert_non_null(strstr(text_str(&remarks), "the tag \"two?lines\" is left out: "));
    json_decref(picked);
    text_clear(&remarks);
    for (int i = 0; i < 200; i++)
        json_array_append_new(tags, json_string("x"));
    picked = entry_rules_pick_tags(tags, &remarks);
    assert_int_equal(json_array_size(picked), ENTRY_RULES_TAGS_MAX);
    assert_non_null(strstr(text_str(&remarks), "more than 128"));
    json_decref(picked);
    json_decref(tags);
    picked = entry_rules_pick_tags(NULL, &remarks);
    assert_int_equal(json_array_size(picked), 0);
    json_decref(picked);
    text_fini(&remarks);
}

static void assert_pair(const char *key, const char *value, const char *why)
{
    struct text remarks = TEXT_INIT;
    json_t *meta = json_object();
    json_object_set_new_nocheck(meta, key, json_string(value));
    json_t *picked = entry_rules_pick_meta(meta, &remarks);
    if (json_object_size(picked) != (why ? 0 : 1) || !strstr(text_str(&remarks), why ? why : ""))
        fail_msg("%s: %s", key, text_str(&remarks));
    assert_true(why || remarks.len == 0);
    json_decref(meta);
    json_decref(picked);
    text_fini(&remarks);
}

static void test_pairs(void **state)
{
    char value[ENTRY_RULES_META_BYTES_MAX + 2], key[ENTRY_RULES_META_KEY_MAX + 2];
    (void)state;
    assert_pair("region", "eu", NULL);
    assert_pair("Region_1-x", "", NULL);
    assert_pair("foo.bar", "x", "no characters but"); /* R12 */
    assert_pair("", "x", "1 to 128");
    assert_pair("lb-owner", "x", "lb's own");
    assert_pair("consul-x", "x", "Consul's own");
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    assert_pair("k", value, "more than 512 bytes"); /* R13 */
    value[sizeof(value) - 2] = '\0';
    assert_pair("k", value, NULL);
    memset(key, 'k', sizeof(key));
    key[sizeof(key) - 1] = '\0';
    assert_pair(key, "x", "1 to 128");
}

static void test_many_pairs(void **state)
{
    struct text remarks = TEXT_INIT;
    char key[16];
    json_t *meta = json_object();
    (void)state;
    json_object_set_new(meta, "number", json_integer(1));
    for (int i = 0; i < 61; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        json_object_set_new(meta, key, json_string("v"));
    }
    json_t *picked = entry_rules_pick_meta(meta, &remarks);
    assert_int_equal(json_object_size(picked), 61);
    json_decref(picked);
    text_clear(&remarks);
    json_object_set_new(meta, "one-more", json_string("v"));
    picked = entry_rules_pick_meta(meta, &remarks);
    assert_int_equal(json_object_size(picked), 61);
    assert_non_null(strstr(text_str(&remarks), "more than 61"));
    json_decref(picked);
    json_decref(meta);
    text_fini(&remarks);
}

static void test_ids_that_registrator_makes(void **state)
{
    struct registration item = {.id = "h1:web1:80", .container_name = "web1", .container_port = 80};
    static const char *const of_h1[] = {"h1:web1:80", "h1:a_b.c-d:1:udp", "h1:10:65535"};
    static const char *const others[] = {"h2:web1:80",
                                         "h1",
                                         "h1:",
                                         "h1:web1",
                                         "h1:web1:",
                                         "h1:web1:x",
                                         "h1:web1:80:tcp",
                                         "h1:web1:80:udp:",
                                         "h1:w:80",
                                         "h1:_web:80",
                                         "h11:web1:80",
                                         "h1:web 1:80",
                                         "h1:web1:80000"};
    (void)state;
    assert_true(entry_rules_is_usual_id(&item, "h1"));
    assert_false(entry_rules_is_usual_id(&item, "h2"));
    assert_false(entry_rules_is_usual_id(&item, ""));
    item.is_udp = true;
    assert_false(entry_rules_is_usual_id(&item, "h1"));
    item.id = "h1:web1:80:udp";
    assert_true(entry_rules_is_usual_id(&item, "h1"));
    item.container_name = NULL;
    assert_false(entry_rules_is_usual_id(&item, "h1"));
    for (size_t i = 0; i < COUNT(of_h1); i++)
        if (!entry_rules_is_of_host(of_h1[i], "h1"))
            fail_msg("%s", of_h1[i]);
    for (size_t i = 0; i < COUNT(others); i++)
        if (entry_rules_is_of_host(others[i], "h1"))
            fail_msg("%s", others[i]);
    assert_false(entry_rules_is_of_host(":web1:80", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids),        cmocka_unit_test(test_what_is_refused_whole),
        cmocka_unit_test(test_tags),       cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_many_pairs), cmocka_unit_test(test_ids_that_registrator_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
