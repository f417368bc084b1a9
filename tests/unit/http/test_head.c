/* The fields of a head: how they are found, and the lists in them. */
#include "lb/http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/http/filled_head.h"

static void test_file(void **state)
{
    (void)state;
    fill("hOsT:a\nhosts:b\nX-Forwarded-For:c\nx-forwarded-for:d\nTE:e\nKeep-Alive:f\nProxy:g\n"
         "Trailer:h\nProxy-Connection:i\nUpgrade:j\nTransfer-Encoding:k\nConnection:l\n",
         1);
    assert_ptr_equal(head_find(&head, FIELD_HOST), &head.fields[0]);
    assert_int_equal(head.fields[1].id, FIELD_OTHER);
    assert_ptr_equal(head_find(&head, FIELD_X_FORWARDED_FOR), &head.fields[2]);
    assert_int_equal(head.fields[3].id, FIELD_X_FORWARDED_FOR);
    assert_null(head_find(&head, FIELD_VIA));
    assert_true(head_has_several(&head, FIELD_X_FORWARDED_FOR));
    assert_false(head_has_several(&head, FIELD_HOST));
    assert_false(head_has_several(&head, FIELD_VIA));
    for (unsigned i = 0; i < head.field_count; i++)
        assert_int_equal(head.fields[i].is_dropped, i >= 4);
}

/* All lines of a field are one list, without its empty elements. */
static void test_list(void **state)
{
    static const char *const want[] = {"a", "b c", "d"};
    struct head_list list = {.head = &head, .id = FIELD_TE};
    struct view element;
    (void)state;
    fill("te:a,, b c ,\nvia:x\nte:\nTE:,d\n", 1);
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        assert_true(head_list_next(&list, &element));
        assert_true(view_eq(element, view_str(want[i])));
    }
    assert_false(head_list_next(&list, &element));
}

static void test_next_protocol(void **state)
{
    struct head_list list = {.head = &head, .id = FIELD_UPGRADE};
    struct view protocol;
    (void)state;
    fill("upgrade:h2c, websocket, H2C/2\n", 1);
    assert_true(head_next_protocol(&list, &protocol));
    assert_true(view_eq(protocol, VIEW("websocket")));
    assert_false(head_next_protocol(&list, &protocol));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_next_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
