#include "lb/contract/waits.h"

#include "lb/contract/check.h"
#include "lb/contract/limits.h"

static const char *const keys[WAIT_COUNT] = {"response_timeout_ms", "body_timeout_ms",
                                             "stream_timeout_ms"};
static const char *const labels[WAIT_COUNT] = {"lb.response-timeout", "lb.body-timeout",
                                               "lb.stream-timeout"};

const char *waits_key(enum wait wait)
{
    return keys[wait];
}

enum wait waits_of_label(const char *label)
{
    enum wait wait = 0;
    while (wait < WAIT_COUNT && !view_eq(view_str(label), view_str(labels[wait])))
        wait++;
    return wait;
}

bool waits_parse(struct view value, unsigned *out_ms)
{
    *out_ms = 0;
    return view_eq(value, VIEW("0")) || view_eq(value, VIEW("off")) ||
           view_eq(value, VIEW("none")) ||
           check_parse_time_within(value, 0, LIMITS_WAIT_MS_MAX, out_ms);
}
