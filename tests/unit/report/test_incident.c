/* What is read of an incident, and what is kept from Sentry. */
#include "lb/report/incident.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/report/json.h"

#define BASE "'kind':'panic','phase':'begun','message':'m'"

static void test_whole(void **state)
{
    struct incident incident;
    json_t *object = json_of(
        "{'timestamp':3,'kind':'no_endpoint','phase':'begun','level':'warning','message':'a "
        "sentence',"
        "'subject':'s','service':'web','endpoint':'1.2.3.4:80','host':'h','lasted_seconds':1.5,"
        "'container':{'name':'n','id':'i','image':'g'},'trace_id':'"
        "4bf92f3577b34da6a3ce929d0e0e4736',"
        "'url':'http://a/b','extra':{'x':1}}");
    (void)state;
    assert_true(incident_read(object, 9, false, &incident));
    assert_true(view_eq(incident.kind, VIEW("no_endpoint")));
    assert_true(view_eq(incident.message, VIEW("a sentence")));
    assert_true(view_eq(incident.subject, VIEW("s")));
    assert_true(view_eq(incident.service, VIEW("web")));
    assert_true(view_eq(incident.endpoint, VIEW("1.2.3.4:80")));
    assert_true(view_eq(incident.host, VIEW("h")));
    assert_true(view_eq(incident.container_name, VIEW("n")));
    assert_true(view_eq(incident.container_id, VIEW("i")));
    assert_true(view_eq(incident.container_image, VIEW("g")));
    assert_int_equal(incident.trace_id.len, 32);
    assert_int_equal(incident.phase, INCIDENT_PHASE_begun);
    assert_int_equal(incident.level, SENTRY_WARNING);
    assert_int_equal(incident.timestamp_ns, 3000000000);
    assert_true(incident.has_lasted && incident.lasted_seconds == 1.5);
    assert_int_equal(json_object_size(incident.extra), 1);
    json_decref(object);
}

static void test_least(void **state)
{
    struct incident incident;
    json_t *object = json_of(
        "{" BASE ",'trace_id':'00000000000000000000000000000000','extra':[1],'container':7}");
    (void)state;
    assert_true(incident_read(object, 9, false, &incident));
    assert_int_equal(incident.timestamp_ns, 9);
    assert_int_equal(incident.level, SENTRY_ERROR);
    assert_int_equal(incident.trace_id.len + incident.service.len + incident.container_name.len, 0);
    assert_null(incident.extra);
    assert_false(incident.has_lasted);
    json_decref(object);
}

static void test_ended_is_info(void **state)
{
    struct incident incident;
    json_t *object = json_of("{'kind':'panic','phase':'ended','message':'m','level':'fatal'}");
    (void)state;
    assert_true(incident_read(object, 9, false, &incident));
    assert_int_equal(incident.level, SENTRY_INFO);
    assert_string_equal(incident_phase_word(incident.phase), "ended");
    json_decref(object);
}

static void test_none(void **state)
{
    static const char *const rows[] = {
        "{}",
        "{'phase':'begun','message':'m'}",
        "{'kind':'panic','message':'m'}",
        "{'kind':'panic','phase':'begun'}",
        "{'kind':'','phase':'begun','message':'m'}",
        "{'kind':'Panic!','phase':'begun','message':'m'}",
        "{'kind':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','phase':'begun','message':'m'}",
        "{'kind':'panic','phase':'going','message':'m'}",
        "{'kind':'panic','phase':'begun','message':''}",
        "{'kind':1,'phase':2,'message':3}",
    };
    struct incident incident;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *object = json_of(rows[i]);
        assert_false(incident_read(object, 9, false, &incident));
        json_decref(object);
    }
}

static void test_urls(void **state)
{
    static const struct {
        const char *url, *plain, *with_query;
    } rows[] = {
        {"http://h/a?token=1#f", "http://h/a", "http://h/a?token=1#f"},
        {"/a?b", "/a", "/a?b"},
        {"?b", "", "?b"},
        {"/a#token", "/a", "/a#token"},
        {"http://user:pw@h/a", "http:", "http:"},
        {"http://user:pw@h?b", "http:", "http:"},
        {"//user@h", "", ""},
        {"http://h/a@b", "http://h/a@b", "http://h/a@b"},
        {"/a?x=//y@z", "/a", "/a?x="},
        {"", "", ""},
    };
    struct incident incident;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *object = json_of("{" BASE "}");
        json_object_set_new(object, "url", json_string(rows[i].url));
        assert_true(incident_read(object, 9, false, &incident));
        assert_true(view_eq(incident.url, view_str(rows[i].plain)));
        assert_true(incident_read(object, 9, true, &incident));
        assert_true(view_eq(incident.url, view_str(rows[i].with_query)));
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),         cmocka_unit_test(test_least),
        cmocka_unit_test(test_ended_is_info), cmocka_unit_test(test_none),
        cmocka_unit_test(test_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
