#include "lb/follow/member_capacity.h"

#include "lb/contract/key.h"

const char *member_capacity_read(const json_t *object, struct capacity *out, const char **want)
{
    const json_t *max = json_object_get(object, KEY_MAX_INFLIGHT);
    const json_t *keepalive = json_object_get(object, KEY_KEEPALIVE);
    json_int_t count = json_is_integer(max) ? json_integer_value(max) : -1;
    *out = (struct capacity){.keepalive = CAPACITY_UNSAID};
    *want = "want an integer from 0 to 65535";
    if (max && (count < 0 || count > (json_int_t)CAPACITY_INFLIGHT_MAX))
        return KEY_MAX_INFLIGHT;
    *want = "want true or false";
    if (keepalive && !json_is_boolean(keepalive))
        return KEY_KEEPALIVE;
    out->has_max_inflight = max != NULL;
    out->max_inflight = max ? (unsigned)count : 0;
    if (keepalive)
        out->keepalive = json_is_true(keepalive) ? CAPACITY_YES : CAPACITY_NO;
    return NULL;
}
