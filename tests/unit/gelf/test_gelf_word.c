/* The same is said once a minute, something else at once, and that it goes well again once. */
#include "lb/gelf/gelf_word.h"

#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static char said[1000];

static void on_word(void *owner, bool is_trouble, const char *sentence)
{
    (void)owner;
    size_t len = strlen(said);
    snprintf(said + len, sizeof(said) - len, "%c%s;", is_trouble ? '-' : '+', sentence);
}

static void test_words(void **state)
{
    struct gelf_word word = {.on_word = on_word};
    (void)state;
    gelf_word_well(&word, "well");
    gelf_word_trouble(&word, 1000, "no %s", "one");
    gelf_word_trouble(&word, 60999, "no %s", "one");
    gelf_word_trouble(&word, 61000, "no %s", "one");
    gelf_word_trouble(&word, 61001, "no %s", "two");
    gelf_word_well(&word, "well");
    gelf_word_well(&word, "well");
    gelf_word_trouble(&word, 61002, "no %s", "two");
    assert_string_equal(said, "-no one;-no one;-no two;+well;-no two;");
}

static void test_long(void **state)
{
    struct gelf_word word = {.on_word = NULL};
    (void)state;
    gelf_word_trouble(&word, 1, "%0500d", 1);
    assert_int_equal(strlen(word.last), GELF_WORD_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
