/* Fields that go, and fields that come, in a head that lb has written. */
#include "lb/http/head_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct block_pool pool;

static void check(const struct head_edit *edit, const char *head, const char *want)
{
    struct block *out = block_take(&pool, strlen(head) + edit->lines.len + 1);
    head_edit_write(edit, view_str(head), out);
    assert_true(out->len <= strlen(head) + edit->lines.len);
    block_append(out, view_of("", 1));
    assert_string_equal(out->bytes, want);
    block_give(&pool, out);
    block_pool_fini(&pool);
}

static void test_what_comes_out(void **state)
{
    static const struct view names[] = {{"x-a", 3}, {"Cookie", 6}};
    (void)state;
    check(&(struct head_edit){0}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    check(&(struct head_edit){.cut_names = names, .cut_count = 2},
          "GET /X-A: HTTP/1.1\r\nX-A: 1\r\nHost: a\r\nX-AB: 2\r\nX-A : 3\r\nCOOKIE:\r\n\r\n",
          "GET /X-A: HTTP/1.1\r\nHost: a\r\nX-AB: 2\r\nX-A : 3\r\n\r\n");
    check(&(struct head_edit){.cut_names = names, .cut_count = 2, .cuts_alike = true},
          "GET / HTTP/1.1\r\nX_A: 1\r\nx.a: 2\r\nX-A: 3\r\nX-AB: 4\r\nXaA: 5\r\ncookie: 6\r\n\r\n",
          "GET / HTTP/1.1\r\nX-AB: 4\r\nXaA: 5\r\n\r\n");
    check(&(struct head_edit){.lines = VIEW("B: c\r\nD: e\r\n")},
          "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\nD: e\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_comes_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
