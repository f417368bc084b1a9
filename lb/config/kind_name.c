#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_name.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_name_check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    return config_shape_fixed(CONFIG_NAME_PATTERN);
}

const struct config_kind kind_name = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .accepted = "letters, digits, '.', '_' or '-', for example appserver",
    .schema = schema,
    .json_type = "a string",
};
