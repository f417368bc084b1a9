#include "lb/follow/unserved.h"

#include <string.h>

#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"

const char *unserved_reason(const struct reach *reach, const json_t *endpoint, struct text *why)
{
    const char *protocol = json_string_value(json_object_get(endpoint, KEY_PROTOCOL));
    if (protocol && strcmp(protocol, "http") != 0) {
        if (why)
            text_appendf(why, "it is offered as %.32s, and lb serves http only", protocol);
        return left_out_reason_word(LEFT_OUT_OTHER_PROTOCOL);
    }
    return reach_refuses_object(reach, endpoint, why) ? left_out_reason_word(LEFT_OUT_BAD_ADDRESS)
                                                      : NULL;
}
