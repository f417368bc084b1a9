/* Printable text of any kind. */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_string_check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *shape = config_shape_fixed("^" CONFIG_SHAPE_PRINTABLE "+$");
    json_object_set_new(shape, "maxLength", json_integer(CONFIG_STRING_MAX_LEN));
    return shape;
}

const struct config_kind kind_text = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "printable text",
    .schema = schema,
    .json_type = "a string",
};
