#include "lb/follow/unserved.h"

#include <string.h>

#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"

static const char *limit_of(const char *protocol)
{
    if (strcmp(protocol, "https") == 0)
        return "does not speak TLS to its servers yet";
    return strcmp(protocol, "h2c") == 0 ? "does not speak HTTP/2 to its servers yet"
                                        : "serves http only";
}

const char *unserved_reason(const struct reach *reach, const json_t *endpoint, struct text *why)
{
    const char *protocol = json_string_value(json_object_get(endpoint, KEY_PROTOCOL));
    if (protocol && strcmp(protocol, "http") != 0) {
        if (why)
            text_appendf(why, "it is offered as %.32s, and lb %s", protocol, limit_of(protocol));
        return left_out_reason_word(LEFT_OUT_OTHER_PROTOCOL);
    }
    return reach_refuses_object(reach, endpoint, why) ? left_out_reason_word(LEFT_OUT_BAD_ADDRESS)
                                                      : NULL;
}
