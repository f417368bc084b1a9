#include "discovery/registrar/entry_content.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static uint64_t hash(const char *text, const char *name_key, const char *mark)
{
    json_t *entry = json_loads(text, JSON_DECODE_ANY, NULL);
    uint64_t value = entry_content_hash(entry, name_key, view_str(mark));
    json_decref(entry);
    return value;
}

#define TOLD                                                                                       \
    "{\"ID\":\"i\",\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"a\",\"b\"],"  \
    "\"Meta\":{\"x\":\"1\",\"y\":\"2\"}}"

static void test_as_told_and_as_it_tells(void **state)
{
    (void)state;
    assert_true(
        hash(TOLD, "Name", "m") ==
        hash("{\"ID\":\"i\",\"Service\":\"web\",\"Tags\":[\"a\",\"b\"],\"Meta\":{\"y\":\"2\",\"x\":"
             "\"1\"},"
             "\"Port\":80,\"Address\":\"10.0.0.1\",\"Weights\":{\"Passing\":1,\"Warning\":1},"
             "\"EnableTagOverride\":false,\"Datacenter\":\"dc1\"}",
             "Service", "m"));
    assert_true(
        hash("{\"Name\":\"web\",\"Meta\":{},\"Tags\":[]}", "Name", "") ==
        hash("{\"Service\":\"web\",\"Meta\":null,\"Tags\":null,\"Address\":\"\",\"Port\":0}",
             "Service", ""));
}

static void test_what_counts(void **state)
{
    static const char *const others[] = {
        "{\"Name\":\"web2\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"1\",\"y\":\"2\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.2\",\"Port\":80,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"1\",\"y\":\"2\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":81,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"1\",\"y\":\"2\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"b\",\"a\"],\"Meta\":{"
        "\"x\":\"1\",\"y\":\"2\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"ab\"],\"Meta\":{\"x\":"
        "\"1\",\"y\":\"2\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"2\",\"y\":\"1\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"1\"}}",
        "{\"Name\":\"web\",\"Address\":\"10.0.0.1\",\"Port\":80,\"Tags\":[\"a\",\"b\"],\"Meta\":{"
        "\"x\":\"1\",\"y\":\"2\"},"
        "\"Weights\":{\"Passing\":2,\"Warning\":1}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(others); i++)
        if (hash(TOLD, "Name", "m") == hash(others[i], "Name", "m"))
            fail_msg("%s", others[i]);
    assert_true(hash(TOLD, "Name", "m") != hash(TOLD, "Name", "n"));
    assert_true(hash(TOLD, "Name", "m") != hash(TOLD, "Name", ""));
}

static void test_any_type(void **state)
{
    (void)state;
    hash("7", "Service", "");
    hash("[]", "Service", "");
    hash("{\"Service\":7,\"Tags\":{\"a\":1},\"Meta\":[1],\"Port\":\"80\",\"Weights\":[]}",
         "Service", "");
    hash("{\"Service\":null,\"Tags\":[1,null,{}],\"Meta\":{\"a\":null}}", "Service", "?");
}

static void test_marks(void **state)
{
    char mark[ENTRY_CONTENT_MARK_BYTES], other[ENTRY_CONTENT_MARK_BYTES], notes[64];
    json_t *check = json_pack("{s:s,s:s}", "TTL", "30s", "Name", "x");
    (void)state;
    entry_content_mark(check, mark);
    json_object_set_new(check, "Notes", json_string("else"));
    json_object_set_new(check, "Status", json_string("passing"));
    entry_content_mark(check, other);
    assert_string_equal(mark, other);
    json_object_set_new(check, "TTL", json_string("31s"));
    entry_content_mark(check, other);
    assert_string_not_equal(mark, other);
    json_decref(check);
    snprintf(notes, sizeof(notes), "told by lb-discovery (%s)", mark);
    struct view found = entry_content_find_mark(notes);
    assert_int_equal(found.len, 16);
    assert_memory_equal(found.ptr, mark, 16);
    assert_int_equal(entry_content_find_mark("").len, 0);
    assert_int_equal(entry_content_find_mark(")").len, 0);
    assert_int_equal(entry_content_find_mark("fed by lb").len, 0);
    assert_int_equal(entry_content_find_mark("0123456789abcdef)").len, 0);
    assert_int_equal(entry_content_find_mark("(0123456789abcdef)").len, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_told_and_as_it_tells),
        cmocka_unit_test(test_what_counts),
        cmocka_unit_test(test_any_type),
        cmocka_unit_test(test_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
