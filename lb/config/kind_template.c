/* One of the words of the setting, or a text with places such as %{NAME} to fill. Which names there are
 * is not known here: who fills them refuses others. */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_string_check(text), field, problem);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    config_value_append_words(setting, out);
    text_append_str(out, ", or printable text with %{NAME}");
}

static json_t *schema(const struct config_setting *setting)
{
    json_t *template =
        config_shape_fixed("^" CONFIG_SHAPE_PRINTABLE "*%\\{" CONFIG_SHAPE_PRINTABLE "*$");
    json_object_set_new(template, "maxLength", json_integer(CONFIG_STRING_MAX_LEN));
    return json_pack("{s:[o, o]}", "anyOf", config_shape_words(setting), template);
}

const struct config_kind kind_template = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
};
