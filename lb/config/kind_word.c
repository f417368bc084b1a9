#include "lb/base/yes_no.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config_shape.h"
#include "lb/config/config_value.h"

/* What labels take for yes and no: any of these, with white space around. */
#define YES_NO_PATTERN                                                                             \
    "^[ \\t\\r\\n]*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy][Ee][Ss]|[Nn][Oo]|[Oo][Nn]|"         \
    "[Oo][Ff][Ff]|1|0)[ \\t\\r\\n]*$"

/* A switch can be said in other words for off and on, which are its first two. */
static bool parse_switch(const struct config_setting *setting, struct view text, void *field)
{
    enum yes_no answer = config_setting_is_switch(setting) ? yes_no_read(text) : YES_NO_NEITHER;
    if (answer != YES_NO_NEITHER)
        config_number_store(setting, answer == YES_NO_YES, field);
    return answer != YES_NO_NEITHER;
}

static bool parse(const struct config_setting *setting, struct view text, void *field,
                  struct text *problem)
{
    for (size_t i = 0; setting->words[i]; i++) {
        if (view_eq(text, view_str(setting->words[i]))) {
            config_number_store(setting, i, field);
            return true;
        }
    }
    return parse_switch(setting, text, field) ||
           config_value_refuse(setting, text, "is not known", problem);
}

static void format(const struct config_setting *setting, const void *field, struct text *out)
{
    text_append_str(out, setting->words[config_number_load(setting, field)]);
}

static json_t *schema(const struct config_setting *setting)
{
    json_t *words = config_shape_words(setting);
    if (!config_setting_is_switch(setting))
        return words;
    return json_pack("{s:[o, o]}", "anyOf", words, config_shape_fixed(YES_NO_PATTERN));
}

const struct config_kind kind_word = {
    .parse = parse,
    .format = format,
    .append_accepted = config_value_append_words,
    .schema = schema,
    .json_type = "a string",
};
