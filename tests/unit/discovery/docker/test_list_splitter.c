#include "discovery/docker/list_splitter.h"

#include <stdlib.h>

#include "tests/unit/discovery/fixture.h"

static void take(void *owner, struct view element, bool is_cut)
{
    struct text *out = owner;
    text_append(out, element);
    text_append_str(out, is_cut ? "!|" : "|");
}

/* Joins the elements that come out when the bytes arrive in pieces of `size`. */
static bool split(const char *input, size_t size, size_t max_bytes, struct text *out)
{
    struct list_splitter splitter = {.max_bytes = max_bytes, .owner = out, .on_element = take};
    struct view rest = view_str(input);
    text_clear(out);
    while (rest.len > 0) {
        size_t len = size < rest.len ? size : rest.len;
        char *piece = malloc(len); /* what is kept must not point into it */
        memcpy(piece, rest.ptr, len);
        list_splitter_feed(&splitter, view_of(piece, len));
        free(piece);
        rest = view_skip(rest, len);
    }
    bool is_done = list_splitter_is_done(&splitter);
    list_splitter_fini(&splitter);
    return is_done;
}

static void test_elements_however_they_come(void **state)
{
    static const struct {
        const char *input, *elements;
        bool is_done;
    } cases[] = {
        {"[]", "", true},
        {" [ ]\n", "", true},
        {"[{}]", "{}|", true},
        {"[{\"a\":[1,{\"b\":2}]},{\"c\":\"x,y]}\\\"\\\\\"} ,3,\"s\"]\r\n",
         "{\"a\":[1,{\"b\":2}]}|{\"c\":\"x,y]}\\\"\\\\\"}|3|\"s\"|", true},
        {"[{}", "", false},
        {"[{},", "{}|", false},
        {"", "", false},
        {"{\"message\":\"no\"}", "", false},
        {"null", "", false},
        {"[] x", "", false},
        {"[1][2]", "1|", false},
    };
    struct text out = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t size = 1; size < 80; size++) {
            assert_int_equal(split(cases[i].input, size, 1000, &out), cases[i].is_done);
            assert_string_equal(text_str(&out), cases[i].elements);
        }
    }
    text_fini(&out);
}

static void test_a_long_element_is_cut_and_the_next_is_whole(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    for (size_t size = 1; size < 40; size++) {
        assert_true(
            split("[{\"a\":\"12345\"},{\"b\":[\"]\",\"1234567\"]},{\"c\":1}]", size, 13, &out));
        assert_string_equal(text_str(&out), "{\"a\":\"12345\"}|{\"b\":[\"]\",\"12!|{\"c\":1}|");
    }
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements_however_they_come),
        cmocka_unit_test(test_a_long_element_is_cut_and_the_next_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
