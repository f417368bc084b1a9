/* Who is visited: by name, by service, and no more than asked for. */
#include "lb/admin/explain_walk.h"

#include "tests/unit/admin/site_case.h"

static void note(void *out, const struct explain_subject *subject)
{
    text_appendf(out, "%s%s ", subject->name[0] == 'a' ? "hostile" : subject->name,
                 subject->remark ? "!" : "");
}

static void check(struct explain_walk walk, unsigned count, const char *want)
{
    struct explain explain = {.pool = publisher.pool, .membership = &publisher.membership};
    struct text out = TEXT_INIT;
    walk.explain = &explain;
    walk.write = note;
    walk.out = &out;
    assert_int_equal(explain_walk_run(&walk), count);
    assert_text(&out, want);
}

static void test_who_is_visited(void **state)
{
    (void)state;
    take_line(site_line);
    check((struct explain_walk){0}, 6, "web1! web2 web3 hostile db o1 ");
    check((struct explain_walk){.subject = VIEW("web2")}, 1, "web2 ");
    check((struct explain_walk){.service = VIEW("app")}, 4, "web1! web2 web3 hostile ");
    check((struct explain_walk){.service = VIEW("postgres")}, 1, "db ");
    check((struct explain_walk){.service = VIEW("app"), .subject = VIEW("o1")}, 0, "");
    check((struct explain_walk){.service = VIEW("app"), .limit = 2}, 4, "web1! web2 ");
    check((struct explain_walk){.limit = 6}, 6, "web1! web2 web3 hostile db o1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_is_visited, open_publisher, close_publisher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
