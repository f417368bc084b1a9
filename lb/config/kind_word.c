#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    for (size_t i = 0; setting->words[i]; i++) {
        if (view_eq(text, view_str(setting->words[i]))) {
            config_number_store(setting, i, field);
            return true;
        }
    }
    return config_value_refuse(setting, text, "is not known", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    text_append_str(out, setting->words[config_number_load(setting, field)]);
}

const struct config_kind kind_word = {
    .parse = parse,
    .format = format,
    .append_accepted = config_value_append_words,
    .schema = config_shape_words,
    .json_type = "a string",
};
