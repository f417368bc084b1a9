/* Which images are asked for, and what is kept of the answers. */
#include "discovery/swarm/swarm_images.h"

#include "tests/unit/discovery/swarm/capture.h"

static void test_names_that_may_stand_in_a_path(void **state)
{
    (void)state;
    struct swarm_images images = {.owner = NULL};
    static const char *const good[] = {"a", "registry:5000/foo/bar:1.2", "a@sha256:0123abcd"};
    static const char *const bad[] = {"", "a?b", "a b", "../containers", "a%2fb", "a#b"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_non_null(swarm_images_find(&images, good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_null(swarm_images_find(&images, bad[i]));
    assert_int_equal(images.count, 3);
    assert_ptr_equal(swarm_images_find(&images, "a"), images.list[0]);
    swarm_images_fini(&images);
}

static void test_no_more_than_there_may_be(void **state)
{
    (void)state;
    struct swarm_images images = {.owner = NULL};
    char name[32];
    for (int i = 0; i < SWARM_IMAGES_MAX; i++) {
        snprintf(name, sizeof(name), "image%d", i);
        assert_non_null(swarm_images_find(&images, name));
    }
    assert_null(swarm_images_find(&images, "another"));
    assert_non_null(swarm_images_find(&images, "image0"));
    swarm_images_fini(&images);
}

/* One list may have missed it; two in a row have not. */
static void test_what_is_not_named_any_more_makes_room(void **state)
{
    (void)state;
    struct swarm_images images = {.owner = NULL};
    char name[32];
    for (int i = 0; i < SWARM_IMAGES_MAX; i++) {
        snprintf(name, sizeof(name), "image%d", i);
        assert_non_null(swarm_images_find(&images, name));
    }
    swarm_images_begin(&images);
    assert_non_null(swarm_images_find(&images, "image1"));
    assert_null(swarm_images_find(&images, "another"));
    swarm_images_begin(&images);
    assert_non_null(swarm_images_find(&images, "another"));
    assert_int_equal(images.count, 2);
    assert_ptr_equal(swarm_images_find(&images, "image1"), images.list[0]);
    swarm_images_fini(&images);
}

static void test_what_was_refused_is_asked_again_after_a_stop(void **state)
{
    (void)state;
    struct swarm_images images = {.is_refused = true};
    swarm_images_stop(&images);
    assert_false(images.is_refused);
}

static void test_what_an_image_says(void **state)
{
    (void)state;
    struct swarm_images images = {.owner = NULL};
    struct swarm_image *image;
    json_t *answer = capture_load("image");
    swarm_images_find(&images, "appserver:test");
    image = images.list[0];
    assert_false(image->is_known);
    assert_true(swarm_images_take(image, answer));
    assert_true(image->is_known);
    assert_non_null(json_object_get(image->exposed, "8484/tcp"));
    assert_int_equal(image->version, 1);
    json_t *same = json_deep_copy(answer);
    assert_false(swarm_images_take(image, same)); /* no news */
    assert_int_equal(image->version, 1);
    assert_true(swarm_images_take(image, NULL)); /* it was removed */
    assert_false(image->is_known);
    assert_null(image->exposed);
    assert_false(swarm_images_take(image, NULL));
    json_decref(same);
    json_decref(answer);
    swarm_images_fini(&images);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_may_stand_in_a_path),
        cmocka_unit_test(test_no_more_than_there_may_be),
        cmocka_unit_test(test_what_is_not_named_any_more_makes_room),
        cmocka_unit_test(test_what_was_refused_is_asked_again_after_a_stop),
        cmocka_unit_test(test_what_an_image_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
