/* What is written is read again; what is of another directory, or damaged, is not. */
#include "acme/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void test_round(void **state)
{
    struct state one = {0}, other = {0};
    struct wishes wishes = {0}, again = {0};
    struct text text = TEXT_INIT, problem = TEXT_INIT;
    (void)state;
    assert_true(wishes_read(
        &wishes,
        VIEW("{\"version\":1,\"certificates\":[{\"names\":[\"a.example\",\"b.example\"]}]}"),
        &problem));
    state_read(&one, VIEW(""), "https://ca.example/dir");
    struct state_entry *entry = state_of(&one, &wishes.list[0]);
    entry->failure_count = 3;
    entry->next_s = 1800000000;
    strcpy(entry->problem, "a sentence");
    strcpy(entry->id, "a.b");
    one.pause_until_s = 5;
    state_write(&one, &wishes, &text);
    state_read(&other, text_view(&text), "https://ca.example/dir");
    assert_int_equal(other.count, 1);
    entry = state_of(&other, &wishes.list[0]);
    assert_int_equal(other.count, 1);
    assert_int_equal(entry->failure_count, 3);
    assert_int_equal(entry->next_s, 1800000000);
    assert_string_equal(entry->problem, "a sentence");
    assert_string_equal(entry->id, "a.b");
    assert_int_equal(other.pause_until_s, 5);
    assert_true(state_read_wishes(text_view(&text), &again));
    assert_true(names_are_same(&again.list[0], &wishes.list[0]));
    state_read(&other, text_view(&text), "https://staging.example/dir");
    assert_int_equal(other.count, 0);
    state_fini(&one);
    state_fini(&other);
    wishes_fini(&wishes);
    wishes_fini(&again);
    text_fini(&text);
    text_fini(&problem);
}

static void test_damaged(void **state)
{
    static const char *const wrong[] = {
        "{", "[]", "{\"directory\":\"d\",\"certificates\":7}",
        "{\"directory\":\"d\",\"certificates\":[7,{},{\"names\":[\"*.x\"]},{\"names\":7}]}"};
    struct state one = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        state_read(&one, view_str(wrong[i]), "d");
        assert_int_equal(one.count, 0);
    }
    state_read(&one,
               VIEW("{\"directory\":\"d\",\"certificates\":[{\"names\":[\"a.example\"],"
                    "\"failures\":-5,\"next_s\":-1}]}"),
               "d");
    assert_int_equal(one.entries[0]->failure_count, 0);
    assert_int_equal(one.entries[0]->next_s, 0);
    state_fini(&one);
}

/* Failures outlive the wish: it may come back at once. */
static void test_sweep(void **state)
{
    struct state one = {0};
    struct wishes none = {0};
    struct names a = {0}, b = {0};
    struct text problem = TEXT_INIT;
    (void)state;
    names_add(&a, VIEW("a.example"), &problem);
    names_add(&b, VIEW("b.example"), &problem);
    state_of(&one, &a)->failure_count = 1;
    state_of(&one, &b);
    state_sweep(&one, &none);
    assert_int_equal(one.count, 1);
    assert_true(names_are_same(&one.entries[0]->names, &a));
    state_fini(&one);
    names_fini(&a);
    names_fini(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round), cmocka_unit_test(test_damaged),
                                       cmocka_unit_test(test_sweep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
