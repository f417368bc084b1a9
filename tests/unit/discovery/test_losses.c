/* What an engine refuses to tell: said once for each status, and what is done without it. */
#include "discovery/losses.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_a_loss_is_said_once_for_each_status(void **state)
{
    struct losses losses = {0};
    (void)state;
    assert_string_equal(losses_note(&losses, LOSS_EVENTS, 403),
                        "GET /events is refused with status 403: containers are listed every 2 s "
                        "instead; a stop is seen up to 2 s late, and not before it is over");
    assert_null(losses_note(&losses, LOSS_EVENTS, 403));
    assert_non_null(strstr(losses_note(&losses, LOSS_EVENTS, 404), "refused with status 404: "));
    assert_non_null(losses_note(&losses, LOSS_EVENTS, 403));
}

static void test_each_question_is_named(void **state)
{
    static const char *const wants[LOSS_COUNT] = {
        [LOSS_PING] = "GET /_ping is refused with status 403: its API version",
        [LOSS_EVENTS] = "GET /events is refused",
        [LOSS_NETWORKS] = "GET /networks is refused with status 403: internal networks",
        [LOSS_INSPECT] = "GET /containers/ID/json is refused with status 403: the list tells",
        [LOSS_INFO] = "GET /info is refused with status 403: the host's name is not known",
    };
    struct losses losses = {0};
    (void)state;
    for (enum loss loss = 0; loss < LOSS_COUNT; loss++) {
        const char *said = losses_note(&losses, loss, 403);
        if (!said || strncmp(said, wants[loss], strlen(wants[loss])) != 0)
            fail_msg("%s instead of %s", said, wants[loss]);
        assert_true(strlen(said) < LOSSES_TEXT_BYTES - 1);
    }
}

static void test_what_is_tried_again_is_not_said_again(void **state)
{
    struct losses losses = {0};
    (void)state;
    losses_note(&losses, LOSS_NETWORKS, 403);
    assert_true(losses_has(&losses, LOSS_NETWORKS));
    assert_false(losses_has(&losses, LOSS_PING));
    losses_forget(&losses);
    assert_false(losses_has(&losses, LOSS_NETWORKS));
    assert_null(losses_note(&losses, LOSS_NETWORKS, 403));
    assert_true(losses_has(&losses, LOSS_NETWORKS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loss_is_said_once_for_each_status),
        cmocka_unit_test(test_each_question_is_named),
        cmocka_unit_test(test_what_is_tried_again_is_not_said_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
