#include "lb/base/cidr.h"

#include "lb/config/config_kind.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return cidr_parse(text, field) ||
           config_value_refuse(setting, text, "is no range of addresses", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    char text[CIDR_TEXT_BYTES];
    (void)setting;
    text_append_str(out, cidr_format(field, text));
}

static void append_network(struct text *out)
{
    text_append_str(out, "[ \\t]*(");
    config_pattern_append_ipv4(out);
    text_append_str(out, "(/0*");
    config_pattern_append_range(0, 32, out);
    text_append_str(out, ")?|(");
    config_pattern_append_ipv6(out);
    text_append_str(out, "|\\[");
    config_pattern_append_ipv6(out);
    text_append_str(out, "\\])(/0*");
    config_pattern_append_range(0, 128, out);
    text_append_str(out, ")?)[ \\t]*");
}

static json_t *schema(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    text_append_char(&pattern, '^');
    append_network(&pattern);
    if (setting->list.is_split) {
        text_append_str(&pattern, "(,");
        append_network(&pattern);
        text_append_str(&pattern, ")*");
    }
    text_append_char(&pattern, '$');
    return config_shape_of(&pattern);
}

const struct config_kind kind_cidr = {
    .bytes = sizeof(struct cidr),
    .parse = parse,
    .format = format,
    .accepted = "IP/LENGTH or IP, for example 10.0.0.0/8",
    .schema = schema,
    .json_type = "a string",
};
