/* A list of users, and a rate, as labels and files have them. What holds: who is in the list is found by
 * name, in order and once; what is told has no control character and none of the bytes of a hash that
 * could not be used; a rate that is taken is written again the same. */
#include "lb/contract/htpasswd.h"
#include "lb/contract/rate.h"
#include "tests/fuzz/support/target.h"

static void check_users(struct view text, char separator)
{
    struct htpasswd list;
    struct arena arena = {0};
    struct text problems = TEXT_INIT;
    htpasswd_parse(&list, text, separator, &arena, &problems);
    TARGET_CHECK(list.count <= HTPASSWD_USERS_MAX);
    for (unsigned i = 0; i < list.count; i++) {
        const struct htpasswd_user *user = &list.users[i];
        TARGET_CHECK(htpasswd_find(&list, user->name) == user);
        TARGET_CHECK(user->form < HTPASSWD_FORM_COUNT && user->hash.len > 20 &&
                     user->hash.len < 160);
        TARGET_CHECK(i == 0 || view_compare(list.users[i - 1].name, user->name) < 0);
        TARGET_CHECK(htpasswd_find_other(&list, user->hash) < list.users + list.count);
    }
    for (size_t i = 0; i < problems.len; i++)
        TARGET_CHECK((unsigned char)problems.bytes[i] >= ' ' && problems.bytes[i] != 0x7F);
    text_fini(&problems);
    arena_fini(&arena);
}

static void check_option(struct view text)
{
    struct text problem = TEXT_INIT;
    bool is_good = htpasswd_check(text, &problem);
    TARGET_CHECK(is_good == (problem.len == 0));
    text_fini(&problem);
}

static void check_rate(struct view text)
{
    struct rate rate, again;
    struct text problem = TEXT_INIT, written = TEXT_INIT;
    if (rate_parse(text, &rate, &problem)) {
        rate_format(&rate, &written);
        TARGET_CHECK(rate.burst > 0 && rate_interval_ns(&rate) > 0);
        TARGET_CHECK(rate_parse(text_view(&written), &again, &problem));
        TARGET_CHECK(rate.count == again.count && rate.period_s == again.period_s &&
                     rate.burst == again.burst);
    } else {
        TARGET_CHECK(problem.len > 0);
    }
    text_fini(&problem);
    text_fini(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = view_of((const char *)data, size);
    check_users(text, '\n');
    check_users(text, ',');
    check_option(text);
    check_rate(text);
    return 0;
}
