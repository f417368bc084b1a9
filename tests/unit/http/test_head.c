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

/* What llhttp takes for field lines, and what of it is none. */
static void test_lines(void **state)
{
    static const struct {
        const char *bytes; /* of one field: name, its colon, value and how the line ends */
        unsigned value_at, value_len, want_at, want_len;
        bool is_good;
    } cases[] = {
        {"a:b\r\n\r\n", 2, 1, 2, 1, true},
        {"a: \tb c \t\r\n\r\n", 4, 5, 4, 3, true},
        {"a:\r\n\r\n", 0, 0, 2, 0, true},
        {"a: \t \r\n\r\n", 6, 0, 2, 0, true},
        {"a:b\n\r\n", 2, 1, 0, 0, false},
        {"a:b\r\n.\n", 2, 1, 0, 0, false},
        {"a :b\r\n\r\n", 3, 1, 0, 0, false},
        {"a:x b\r\n\r\n", 4, 1, 0, 0, false},
        {"a:b x\r\n\r\n", 2, 1, 0, 0, false},
        {"a:\r\n b\r\n\r\n", 5, 1, 0, 0, false}, /* RFC 9112 § 5.2 */
        {"a:\r\n \r\n\r\n", 0, 0, 0, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        head = (struct head){.base = cases[i].bytes, .field_count = 1};
        head.len = (uint32_t)strlen(cases[i].bytes);
        head.fields[0] = (struct field){
            .name_len = 1, .value_at = cases[i].value_at, .value_len = cases[i].value_len};
        if (head_file_fields(&head) != cases[i].is_good)
            fail_msg("%s", cases[i].bytes);
        if (cases[i].is_good) {
            assert_int_equal(head.fields[0].value_at, cases[i].want_at);
            assert_int_equal(head.fields[0].value_len, cases[i].want_len);
        }
    }
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
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_next_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
