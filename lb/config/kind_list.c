/* Some of the words of the setting, separated by commas, as one string. */
#include "lb/config/config_kind.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_string.h"
#include "lb/config/config_value.h"

static bool is_known(const struct config_setting *setting, struct view word)
{
    for (size_t i = 0; setting->words[i]; i++)
        if (view_eq(word, view_str(setting->words[i])))
            return true;
    return false;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    struct view rest = text;
    bool is_good = true;
    while (rest.ptr && is_good)
        is_good = is_known(setting, view_cut(&rest, ','));
    return config_string_take(setting, text, is_good ? NULL : "has a word that is not known", field,
                              problem);
}

static void append_accepted(const struct config_setting *setting, struct text *out)
{
    text_append_str(out, "one or more, with commas between, of ");
    config_value_append_words(setting, out);
}

static json_t *schema(const struct config_setting *setting)
{
    struct text words = TEXT_INIT, pattern = TEXT_INIT;
    for (size_t i = 0; setting->words[i]; i++)
        text_appendf(&words, "%s%s", i > 0 ? "|" : "", setting->words[i]);
    text_appendf(&pattern, "^(%s)(,(%s))*$", text_str(&words), text_str(&words));
    text_fini(&words);
    return config_shape_of(&pattern);
}

const struct config_kind kind_list = {
    .bytes = sizeof(char *),
    .parse = parse,
    .format = config_string_format,
    .is_given = config_string_is_given,
    .fini = config_string_fini,
    .append_accepted = append_accepted,
    .schema = schema,
    .json_type = "a string",
};
