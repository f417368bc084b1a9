#include "lb/follow/unserved.h"

#include <string.h>

const char *unserved_reason(const struct reach *reach, const json_t *endpoint, struct text *why)
{
    const char *protocol = json_string_value(json_object_get(endpoint, "protocol"));
    if (protocol && strcmp(protocol, "http") != 0) {
        if (why)
            text_appendf(why, "it is offered as %.32s, and lb serves http only", protocol);
        return "other_protocol";
    }
    return reach_refuses_object(reach, endpoint, why) ? "bad_address" : NULL;
}
