#include "lb/follow/member_waits.h"

#include "lb/contract/limits.h"

static bool read_ms(const json_t *value, unsigned *out)
{
    json_int_t ms = json_is_integer(value) ? json_integer_value(value) : -1;
    *out = (unsigned)ms;
    return ms >= 0 && ms <= LIMITS_WAIT_MS_MAX;
}

bool member_waits_read(const json_t *object, struct waits *out,
                       struct member_waits_refusal *refusal)
{
    *out = (struct waits){.aborts_on_close = WAITS_UNSAID};
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++) {
        const json_t *value = json_object_get(object, waits_key(wait));
        out->is_given[wait] = value != NULL;
        if (value && !read_ms(value, &out->ms[wait])) {
            *refusal = (struct member_waits_refusal){waits_key(wait),
                                                     "want an integer from 0 to 86400000"};
            return false;
        }
    }
    const json_t *aborts = json_object_get(object, WAITS_ABORT_KEY);
    if (aborts && !json_is_boolean(aborts)) {
        *refusal = (struct member_waits_refusal){WAITS_ABORT_KEY, "want true or false"};
        return false;
    }
    if (aborts)
        out->aborts_on_close = json_is_true(aborts) ? WAITS_YES : WAITS_NO;
    return true;
}
