/* The value of Strict-Transport-Security, or "off". */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"
#include "lb/contract/https_rule.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct https_rule ignored = {0};
    struct text fault = TEXT_INIT;
    const char *unfit = config_string_check(text);
    if (!unfit && !https_rule_take_hsts(text, &ignored, &fault))
        unfit = text_str(&fault);
    bool is_taken = config_string_take(setting, text, unfit, field, problem);
    text_fini(&fault);
    return is_taken;
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *shape = config_shape_fixed("^(off|[ -~]*[Mm][Aa][Xx]-[Aa][Gg][Ee] *= *[0-9]+[ -~]*)$");
    json_object_set_new(shape, "maxLength", json_integer(HTTPS_RULE_HSTS_BYTES_MAX));
    return shape;
}

const struct config_kind kind_hsts = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "off, or a value such as max-age=31536000",
    .schema = schema,
    .json_type = "a string",
};
