/* Words with values: which is meant, and the sentence on a value that cannot be used. */
#include "lb/contract/option_grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#define BYTES_MAX 150u

static bool check_red(struct view value, struct text *problem)
{
    bool is_good = view_eq(value, VIEW("red"));
    text_append_str(problem, is_good ? "" : "is not red");
    return is_good;
}

static const struct option_grammar grammars[] = {
    {"colour", "red", check_red},
    {"password", "any colour", check_red},
};

static void assert_refused(struct view value, const char *sentence)
{
    struct text problem = TEXT_INIT;
    assert_false(option_grammar_check(&grammars[0], value, BYTES_MAX, false, &problem));
    assert_string_equal(text_str(&problem), sentence);
    text_fini(&problem);
}

static void test_a_word_is_found_by_all_of_its_letters(void **state)
{
    (void)state;
    assert_int_equal(option_grammar_find(grammars, 2, VIEW("colour")), 0);
    assert_int_equal(option_grammar_find(grammars, 2, VIEW("password")), 1);
    assert_int_equal(option_grammar_find(grammars, 2, VIEW("pass")), 2);
    assert_int_equal(option_grammar_find(grammars, 2, VIEW("")), 2);
}

static void test_what_is_good_leaves_no_sentence(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(option_grammar_check(&grammars[0], VIEW("red"), BYTES_MAX, false, &problem));
    assert_int_equal(problem.len, 0);
    text_fini(&problem);
}

static void test_a_sentence_names_the_word_and_the_remedy(void **state)
{
    (void)state;
    assert_refused(VIEW("blue"), "colour \"blue\" is not red; red is accepted");
    assert_refused(VIEW(""), "colour \"\" is empty; red is accepted");
    assert_refused(VIEW("r\ned"),
                   "colour \"r\\x0aed\" has a control character inside; red is accepted");
    assert_refused(VIEW("red\x7f"),
                   "colour \"red\\x7f\" has a control character inside; red is accepted");
}

static void test_what_is_too_long_is_cut_in_the_sentence(void **state)
{
    char bytes[BYTES_MAX + 1];
    struct text sentence = TEXT_INIT;
    (void)state;
    memset(bytes, 'r', sizeof(bytes));
    text_appendf(&sentence, "colour \"%.100s...\" is longer than 150 bytes; red is accepted",
                 bytes);
    assert_refused(view_of(bytes, sizeof(bytes)), text_str(&sentence));
    text_fini(&sentence);
}

static void test_a_secret_is_not_told(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_false(option_grammar_check(&grammars[1], VIEW("blue"), BYTES_MAX, true, &problem));
    assert_string_equal(text_str(&problem), "password is not red; any colour is accepted");
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_word_is_found_by_all_of_its_letters),
        cmocka_unit_test(test_what_is_good_leaves_no_sentence),
        cmocka_unit_test(test_a_sentence_names_the_word_and_the_remedy),
        cmocka_unit_test(test_what_is_too_long_is_cut_in_the_sentence),
        cmocka_unit_test(test_a_secret_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
