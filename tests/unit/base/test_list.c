/* The intrusive list: order, unlinking, walking while unlinking. */
#include "lb/base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

struct item {
    char name;
    struct list link;
};

/* Compares the names in order, forwards and backwards. */
static void check_list(struct list *head, const char *names)
{
    struct list *node = head;
    size_t len = strlen(names);
    for (size_t i = 0; i < len; i++) {
        node = node->next;
        assert_ptr_not_equal(node, head);
        assert_ptr_equal(node->prev->next, node);
        assert_ptr_equal(node->next->prev, node);
        assert_int_equal(list_entry(node, struct item, link)->name, names[i]);
    }
    assert_ptr_equal(node->next, head);
    assert_ptr_equal(head->prev, node);
    assert_int_equal(list_is_empty(head), len == 0);
}

static void test_order(void **state)
{
    struct list head;
    struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'}, d = {.name = 'd'};
    (void)state;
    list_init(&head);
    check_list(&head, "");
    list_append(&head, &a.link);
    check_list(&head, "a");
    list_append(&head, &b.link);
    list_prepend(&head, &c.link);
    list_prepend(&head, &d.link);
    check_list(&head, "dcab");
}

static void test_unlink(void **state)
{
    struct list head;
    struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'};
    (void)state;
    list_init(&head);
    list_append(&head, &a.link);
    list_append(&head, &b.link);
    list_append(&head, &c.link);
    list_unlink(&b.link);
    check_list(&head, "ac");
    assert_true(list_is_empty(&b.link)); /* detached: points to itself */
    list_unlink(&b.link);
    check_list(&head, "ac");
    list_unlink(&a.link);
    list_unlink(&c.link);
    check_list(&head, "");
    list_append(&head, &b.link);
    check_list(&head, "b");
}

static void test_walk(void **state)
{
    struct list head;
    struct item items[5];
    char seen[6] = "";
    size_t count = 0;
    (void)state;
    list_init(&head);
    for (size_t i = 0; i < 5; i++) {
        items[i].name = (char)('a' + i);
        list_append(&head, &items[i].link);
    }
    list_for_each (node, &head)
        seen[count++] = list_entry(node, struct item, link)->name;
    assert_string_equal(seen, "abcde");
    list_for_each_safe (node, &head) {
        struct item *item = list_entry(node, struct item, link);
        if (item->name != 'c') {
            list_unlink(node);
            memset(item, 0xAA, sizeof(*item)); /* as if freed: the walk must not look again */
        }
    }
    check_list(&head, "c");
    list_for_each_safe (node, &head)
        list_unlink(node);
    list_for_each (node, &head)
        fail();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_unlink),
        cmocka_unit_test(test_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
