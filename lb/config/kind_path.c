#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    return config_string_take(setting, text, config_string_check(text), field, problem);
}

static json_t *schema(const struct config_setting *setting)
{
    (void)setting;
    json_t *path = config_shape_fixed("^" CONFIG_SHAPE_PRINTABLE "+$");
    json_object_set_new(path, "maxLength", json_integer(CONFIG_STRING_MAX_LEN));
    return path;
}

/* Its words are paths to parse(): who opens the file knows what they mean. */
static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, setting->words ? "a path, " : "a path");
    if (setting->words)
        config_value_append_words(setting, out);
}

const struct config_kind kind_path = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
};
