#include "lb/follow/unserved.h"

#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"
#include "lb/follow/member.h"

static const char *limit_of(enum protocol protocol)
{
    switch (protocol) {
    case PROTOCOL_H2C:
        return "lb does not speak HTTP/2 to its servers yet";
    case PROTOCOL_TCP:
        return "no TCP listener leads to its service";
    case PROTOCOL_UDP:
        return "no UDP listener leads to its service";
    default:
        return "lb does not know that";
    }
}

/* Requests might go there, but go to other services. */
static bool is_led_elsewhere(const struct serving *serving, enum protocol protocol)
{
    bool is_passed_on = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
    return !serving->kinds[SERVICE_HTTP] && !is_passed_on;
}

/* Something leads to the service of that endpoint, which is offered for requests, and not to the endpoint. */
static void append_who_else(const struct serving *serving, struct text *why)
{
    if (serving->kinds[SERVICE_TCP])
        text_append_str(why, "connections of its service go to those of it that ask for the "
                             "listener, and it does not: the label lb.tcp would");
    else if (serving->kinds[SERVICE_UDP])
        text_append_str(why, "its service gets datagrams, and this port is of TCP: the label "
                             "lb.udp offers one of UDP");
}

const char *unserved_reason(const struct reach *reach, const struct serving *serving,
                            const json_t *endpoint, struct text *why)
{
    enum protocol protocol = serving_protocol(endpoint);
    if (serving_takes(serving, protocol, member_container(endpoint)))
        return reach_refuses_object(reach, endpoint, why)
                   ? left_out_reason_word(LEFT_OUT_BAD_ADDRESS)
                   : NULL;
    if (is_led_elsewhere(serving, protocol) && why)
        append_who_else(serving, why);
    if (is_led_elsewhere(serving, protocol))
        return left_out_reason_word(LEFT_OUT_OTHER_SERVICE);
    if (why)
        text_appendf(why, "it is offered as %.32s, and %s",
                     json_string_value(json_object_get(endpoint, KEY_PROTOCOL)),
                     limit_of(protocol));
    return left_out_reason_word(LEFT_OUT_OTHER_PROTOCOL);
}
