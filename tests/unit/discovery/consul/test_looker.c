/* What an agent (1.8.7) has answered to the question of rights; the questions themselves are asked in
 * tests/scenario/consul_source. */
#include "discovery/consul/looker.h"

#include "tests/unit/discovery/consul/captured.h"

static void test_rights(void **state)
{
    static const struct {
        const char *answer;
        enum second_look_right right;
    } cases[] = {
        {"[{'Resource':'service','Segment':'web','Access':'read','Allow':true},{'Resource':'node',"
         "'Segment':'n1','Access':'read','Allow':true}]",
         SECOND_LOOK_RIGHT_GIVEN},
        {"[{'Resource':'service','Segment':'web','Access':'read','Allow':true},{'Resource':'node',"
         "'Segment':'n1','Access':'read','Allow':false}]",
         SECOND_LOOK_RIGHT_DENIED},
        {"[{'Allow':false}]", SECOND_LOOK_RIGHT_DENIED},
        {"[{'Allow':1}]", SECOND_LOOK_RIGHT_UNKNOWN},
        {"[{}]", SECOND_LOOK_RIGHT_UNKNOWN},
        {"[]", SECOND_LOOK_RIGHT_UNKNOWN},
        {"{'Allow':true}", SECOND_LOOK_RIGHT_UNKNOWN},
        {"[7]", SECOND_LOOK_RIGHT_UNKNOWN},
    };
    (void)state;
    assert_int_equal(looker_read_rights(NULL), SECOND_LOOK_RIGHT_UNKNOWN);
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *answer = quoted(cases[i].answer);
        assert_int_equal(looker_read_rights(answer), cases[i].right);
        json_decref(answer);
    }
}

static void test_one_that_does_nothing(void **state)
{
    struct looker looker = {0};
    (void)state;
    assert_false(looker_is_busy(&looker));
    looker_stop(&looker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_one_that_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
