#include "discovery/docker/hindrance.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/docker/world.h"

/* Why nothing of the container can be had: the reason's word, or "" when nothing hinders. Its
 * sentence goes to `detail`. */
static const char *look(const struct container *container, const struct container *owner,
                        const struct vantage *vantage, char detail[256])
{
    struct hindrance hindrance;
    detail[0] = '\0';
    if (!hindrance_find(container, owner, vantage, &hindrance)) {
        assert_null(hindrance.detail);
        return "";
    }
    const char *word = left_out_reason_word(hindrance.reason);
    snprintf(detail, 256, "%s", hindrance.detail);
    hindrance_fini(&hindrance);
    return word;
}

static void test_self(void **state)
{
    struct container *lb = make(&(struct want){.networks = "web=10.0.0.9"}, '9');
    struct container *named =
        make(&(struct want){.labels = "{\"lb.service\":\"s\"}", .networks = "web=10.0.0.9"}, '9');
    struct vantage vantage;
    char detail[256];
    (void)state;
    stand(&vantage, INSIDE);
    assert_string_equal(look(lb, lb, &vantage, detail), "self");
    assert_string_equal(look(named, named, &vantage, detail), "");
    vantage_fini(&vantage);
    container_free(lb);
    container_free(named);
}

/* That word is none that it could be without. */
static void test_who_says_nothing_is_told_what_to_say(void **state)
{
    struct container *container = make(&(struct want){.networks = "web=10.0.0.9"}, '1');
    struct vantage vantage;
    struct hindrance hindrance;
    (void)state;
    stand(&vantage, HOST);
    container->offers.disabled_by = memory_copy(OFFERS_NO_WORD, strlen(OFFERS_NO_WORD));
    assert_true(hindrance_find(container, container, &vantage, &hindrance));
    assert_non_null(strstr(hindrance.remedy, "--require-label"));
    hindrance_fini(&hindrance);
    vantage_fini(&vantage);
    container_free(container);
}

/* What is wrong is told in this order, each as long as those before it are right. */
static void test_order(void **state)
{
    struct container *container = make(&(struct want){.labels = "{\"lb.weight\":\"x\"}"}, '1');
    struct container *owner = make(&(struct want){.is_down = true}, '2');
    struct vantage vantage;
    char detail[256];
    (void)state;
    stand(&vantage, HOST);
    container->is_unknown = true;
    container->running = false;
    container->offers.disabled_by = memory_copy("lb.enable=false", 15);
    assert_string_equal(look(container, owner, &vantage, detail), "disabled");
    assert_string_equal(detail, "it has lb.enable=false");
    free(container->offers.disabled_by);
    container->offers.disabled_by = NULL;
    assert_string_equal(look(container, owner, &vantage, detail), "no_address");
    assert_string_equal(detail, "the engine did not answer when asked about it");
    container->is_unknown = false;
    assert_string_equal(look(container, owner, &vantage, detail), "not_running");
    assert_string_equal(detail, "it is running");
    container->running = true;
    assert_string_equal(look(container, owner, &vantage, detail), "not_running");
    assert_string_equal(detail, "it uses the network of the container c, which is not running");
    owner->running = true;
    assert_string_equal(look(container, owner, &vantage, detail), "bad_label");
    free(container->offers.fault_detail);
    container->offers.fault_detail = NULL;
    assert_string_equal(look(container, owner, &vantage, detail), "");
    vantage_fini(&vantage);
    container_free(container);
    container_free(owner);
}

static void test_exit_codes(void **state)
{
    static const struct {
        int code;
        const char *detail;
    } rows[] = {{0, "it is exited with code 0"},
                {3, "it is exited with code 3"},
                {143, "it is exited with code 143 (signal 15)"},
                {137, "it is exited with code 137 (signal 9), killed by an order or for want of "
                      "memory"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vantage vantage;
        char detail[256];
        struct container *container =
            make(&(struct want){.networks = "a=10.0.0.2", .is_down = true}, '1');
        container->has_exit_code = true;
        container->exit_code = rows[i].code;
        stand(&vantage, HOST);
        assert_string_equal(look(container, container, &vantage, detail), "not_running");
        assert_string_equal(detail, rows[i].detail);
        vantage_fini(&vantage);
        container_free(container);
    }
}

static void test_same_is_same(void **state)
{
    struct hindrance one = {.reason = LEFT_OUT_SELF, .detail = memory_copy("x", 1)};
    struct hindrance other = one;
    (void)state;
    assert_true(hindrance_eq(&one, &other));
    other.reason = LEFT_OUT_DISABLED;
    assert_false(hindrance_eq(&one, &other));
    other = one;
    other.detail = memory_copy("y", 1);
    assert_false(hindrance_eq(&one, &other));
    hindrance_fini(&one);
    hindrance_fini(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self),
        cmocka_unit_test(test_who_says_nothing_is_told_what_to_say),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_exit_codes),
        cmocka_unit_test(test_same_is_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
