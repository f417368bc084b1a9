/* Why it is this service, port and address: what is told, what counts as not told, and its words. */
#include "lb/follow/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void check(const char *object, const char *address, const char *service, const char *text,
                  const char *members)
{
    struct facts facts;
    struct text out = TEXT_INIT;
    struct json_writer json;
    json_t *read = json_loads(object, JSON_DECODE_ANY, NULL);
    facts_read(read, &facts);
    facts_append(&facts, address, service, &out);
    assert_string_equal(text_str(&out), text);
    text_clear(&out);
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    facts_write(&facts, &json);
    json_writer_end_object(&json);
    assert_string_equal(text_str(&out), members);
    text_fini(&out);
    json_decref(read);
}

static void test_what_is_told(void **state)
{
    static const struct {
        const char *object, *address, *service, *text, *members;
    } rows[] = {
        {"{}", NULL, NULL, "", "{}"},
        {"null", "1.2.3.4:5", "app", " Address: 1.2.3.4:5. Service: app.", "{}"},
        {"{}", NULL, "", "", "{}"},
        {"{\"address\":\"10.0.0.1\",\"port\":80}", NULL, NULL, " Address: 10.0.0.1:80.",
         "{\"port\":80}"},
        {"{\"address\":\"fd00::1\",\"port\":80,\"address_from\":\"its network\"}", NULL, NULL,
         " Address: [fd00::1]:80 (its network).", "{\"port\":80,\"address_from\":\"its network\"}"},
        {"{\"port\":80}", NULL, "s", " Port: 80. Service: s.", "{\"port\":80}"},
        {"{\"port\":80,\"port_from\":\"the label lb.port\"}", "1.2.3.4:80", "s",
         " Address: 1.2.3.4:80. Port: 80 (the label lb.port). Service: s.",
         "{\"port\":80,\"port_from\":\"the label lb.port\"}"},
        {"{\"service_from\":\"its image\",\"health\":\"exit code 1\"}", NULL, "s",
         " Service: s (its image).", "{\"service_from\":\"its image\",\"health\":\"exit code 1\"}"},
        /* what is not as the format says counts as not told */
        {"{\"address\":\"no address\",\"port\":80}", NULL, NULL, " Port: 80.", "{\"port\":80}"},
        {"{\"address\":\"10.0.0.1\",\"port\":0}", NULL, NULL, "", "{}"},
        {"{\"address\":\"10.0.0.1\",\"port\":65536}", NULL, NULL, "", "{}"},
        {"{\"address\":\"10.0.0.1\",\"port\":-1}", NULL, NULL, "", "{}"},
        {"{\"address\":\"10.0.0.1\",\"port\":\"80\"}", NULL, NULL, "", "{}"},
        {"{\"port_from\":7,\"service_from\":\"\",\"health\":{}}", NULL, "s", " Service: s.", "{}"},
        {"[]", NULL, NULL, "", "{}"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check(rows[i].object, rows[i].address, rows[i].service, rows[i].text, rows[i].members);
}

static void test_a_sentence_has_a_limit(void **state)
{
    (void)state;
    for (unsigned len = 512; len <= 513; len++) {
        struct facts facts;
        char sentence[514] = "";
        memset(sentence, 's', len);
        json_t *object = json_pack("{s:s}", "health", sentence);
        facts_read(object, &facts);
        assert_int_equal(facts.health != NULL, len == 512);
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_a_sentence_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
