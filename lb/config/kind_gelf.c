/* Where GELF messages go: udp://HOST or tcp://HOST, perhaps with a port. */
#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/contract/host_port.h"

#define PORT_MAX   65535
#define SCHEME_LEN 6 /* of both */

static const char *check(struct view text)
{
    if (!view_starts_with(text, VIEW("udp://")) && !view_starts_with(text, VIEW("tcp://")))
        return "begins neither with udp:// nor with tcp://";
    return host_port_is(view_skip(text, SCHEME_LEN)) ? NULL : "has no host, or a wrong port";
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    (void)setting;
    text_append_str(&pattern, "^(udp|tcp)://([A-Za-z0-9_-][A-Za-z0-9._-]{0,254}|\\[");
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "\\])(:0*");
    config_pattern_append_range(1, PORT_MAX, &pattern);
    text_append_str(&pattern, ")?$");
    return config_shape_of(&pattern);
}

const struct config_kind kind_gelf = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "udp://HOST:PORT or tcp://HOST:PORT, for example udp://logstash:12201",
    .schema = schema,
    .json_type = "a string",
};
