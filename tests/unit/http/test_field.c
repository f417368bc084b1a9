/* Names of fields: which are known here. */
#include "lb/http/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Every known name in either case, and nothing that is nearly one. */
static void test_field_id(void **state)
{
    static const struct {
        enum field_id id;
        const char *name;
    } rows[] = {
#define XX(name, text, hop_by_hop) {FIELD_##name, text},
        FIELD_MAP(XX)
#undef XX
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[64];
        size_t len = strlen(rows[i].name);
        memcpy(name, rows[i].name, len);
        assert_int_equal(field_id_of(view_of(name, len)), rows[i].id);
        assert_int_equal(field_id_of(view_of(name, len - 1)), FIELD_OTHER);
        for (size_t at = 0; at < len; at++) {
            char was = name[at];
            name[at] = (char)(was >= 'a' && was <= 'z' ? was - 32 : was);
            assert_int_equal(field_id_of(view_of(name, len)), rows[i].id);
            name[at] = '!';
            assert_int_equal(field_id_of(view_of(name, len)), FIELD_OTHER);
            name[at] = was;
        }
    }
}

static void test_hop_by_hop(void **state)
{
    (void)state;
    assert_true(field_is_hop_by_hop(FIELD_CONNECTION));
    assert_true(field_is_hop_by_hop(FIELD_PROXY));
    assert_false(field_is_hop_by_hop(FIELD_CONTENT_LENGTH));
    assert_false(field_is_hop_by_hop(FIELD_OTHER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_id),
        cmocka_unit_test(test_hop_by_hop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
