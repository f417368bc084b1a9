/* Lines of discovery, read into a membership of the service "app". Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_MEMBERSHIP_CASE_H
#define TESTS_UNIT_FOLLOW_MEMBERSHIP_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/follow/membership.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

/* Of two services, with all that an endpoint may have, and one that is left out. */
static const char good_line[] =
    "{\"v\":1,\"source\":\"docker\",\"time_ns\":1795312345123456789,\"services\":["
    "{\"name\":\"app\",\"endpoints\":["
    "{\"id\":\"4f9c\",\"name\":\"app1\",\"address\":\"172.18.0.3\",\"port\":8484,\"weight\":7,"
    "\"state\":\"ready\",\"cause\":\"start\",\"cause_time_ns\":1795312345120000000,\"new\":[1]},"
    "{\"id\":\"77aa\",\"name\":\"app2\",\"address\":\"fd00::2\",\"port\":65535,"
    "\"state\":\"draining\"}]},"
    "{\"name\":\"other\",\"endpoints\":["
    "{\"id\":\"88bb\",\"name\":\"o1\",\"address\":\"172.18.0.9\",\"port\":1,\"state\":\"paused\"}]}"
    "],"
    "\"routes\":[],\"left_out\":["
    "{\"id\":\"99cc\",\"name\":\"db\",\"service\":\"postgres\",\"reason\":\"no_shared_network\","
    "\"detail\":\"it is on: back\",\"since_ns\":1795312340000000000}]}";

static struct membership membership;

static inline int set_up(void **state)
{
    (void)state;
    membership_init(&membership, "app");
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    membership_fini(&membership);
    return 0;
}

/* Reads a line, in memory of its own that is gone afterwards. "" means it was taken. */
static inline void read_line(const char *line, const char *want_problem)
{
    struct text problem = TEXT_INIT, copy = TEXT_INIT;
    uint64_t line_count = membership.line_count, bad_line_count = membership.bad_line_count;
    bool is_good = *want_problem == '\0';
    text_append_str(&copy, line);
    bool is_taken = membership_read_line(&membership, text_view(&copy), &problem);
    text_fini(&copy);
    assert_string_equal(text_str(&problem), want_problem);
    assert_int_equal(is_taken, is_good);
    assert_int_equal(membership.line_count, line_count + is_good);
    assert_int_equal(membership.bad_line_count, bad_line_count + !is_good);
    text_fini(&problem);
}

#endif
