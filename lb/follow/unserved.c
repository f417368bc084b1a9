#include "lb/follow/unserved.h"

#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"
#include "lb/follow/member.h"

static const char *limit_of(enum protocol protocol)
{
    static const char *const limits[PROTOCOL_COUNT + 1] = {
        [PROTOCOL_HTTPS] = "lb does not speak TLS to its servers yet",
        [PROTOCOL_H2C] = "lb does not speak HTTP/2 to its servers yet",
        [PROTOCOL_TCP] = "no TCP listener leads to its service",
        [PROTOCOL_UDP] = "no UDP listener leads to its service",
        [PROTOCOL_COUNT] = "lb does not know that",
    };
    /* It could be served by http: others of its service speak tcp. */
    return limits[protocol] ? limits[protocol]
                            : "connections of its service go to those that are offered as tcp";
}

static void append_limit(const json_t *endpoint, struct text *why)
{
    const char *word = json_string_value(json_object_get(endpoint, KEY_PROTOCOL));
    text_appendf(why, "it is offered as %.32s, and %s", word ? word : "http",
                 limit_of(serving_protocol(endpoint)));
}

const char *unserved_reason(const struct reach *reach, const struct serving *serving,
                            const json_t *endpoint, struct text *why)
{
    if (!serving_takes(serving, serving_protocol(endpoint), member_container(endpoint))) {
        if (why)
            append_limit(endpoint, why);
        return left_out_reason_word(LEFT_OUT_OTHER_PROTOCOL);
    }
    return reach_refuses_object(reach, endpoint, why) ? left_out_reason_word(LEFT_OUT_BAD_ADDRESS)
                                                      : NULL;
}
