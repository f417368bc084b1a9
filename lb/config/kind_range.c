/* Ports that containers may have listeners at. */
#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"
#include "lb/contract/listener_rule.h"

#define PORT_MAX 65535

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct text ignored = TEXT_INIT;
    bool is_good = listener_range_parse(text, field, &ignored) ||
                   config_value_refuse(setting, text, "is no range of ports", problem);
    text_fini(&ignored);
    return is_good;
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    (void)setting;
    listener_range_format(field, out);
}

static void append_port(struct text *out)
{
    text_append_str(out, "0*");
    config_pattern_append_range(1, PORT_MAX, out);
}

/* That the first port is not above the last one is for lb to see. */
static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    (void)setting;
    text_append_str(&pattern, "^((");
    config_pattern_append_ipv4(&pattern);
    text_append_str(&pattern, "|\\[");
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "\\]):)?");
    append_port(&pattern);
    text_append_char(&pattern, '-');
    append_port(&pattern);
    text_append_char(&pattern, '$');
    return json_pack("{s:[o, {s:s}]}", "anyOf", config_shape_of(&pattern), "const", "off");
}

const struct config_kind kind_range = {
    .bytes = sizeof(struct listener_range),
    .parse = parse,
    .format = format,
    .accepted = "LOW-HIGH or IP:LOW-HIGH, for example 10000-10999, or off",
    .schema = schema,
    .json_type = "a string",
};
