#include "lb/config/config_shape.h"

#include <assert.h>

#include "lb/config/config_pattern.h"

#define PORT_MAX 65535

json_t *config_shape_of(struct text *pattern)
{
    json_t *shape = config_shape_fixed(text_str(pattern));
    text_fini(pattern);
    return shape;
}

json_t *config_shape_fixed(const char *pattern)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern);
}

json_t *config_shape_words(const struct config_setting *setting)
{
    assert(setting->words && setting->words[0]);
    json_t *words = json_array();
    for (size_t i = 0; setting->words[i]; i++)
        json_array_append_new(words, json_string(setting->words[i]));
    return json_pack("{s:o}", "enum", words);
}

json_t *config_shape_number(const struct config_setting *setting, json_t *as_text)
{
    json_t *as_number = json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
                                  (json_int_t)setting->min, "maximum", (json_int_t)setting->max);
    return json_pack("{s:[o, o]}", "anyOf", as_number, as_text);
}

/* ---- addresses --------------------------------------------------------------------------------*/

static void append_port(unsigned least, struct text *out)
{
    text_append_str(out, ":0*");
    config_pattern_append_range(least, PORT_MAX, out);
    text_append_char(out, '$');
}

json_t *config_shape_ipv4_port(const char *prefix, unsigned least_port)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, prefix);
    config_pattern_append_ipv4(&pattern);
    append_port(least_port, &pattern);
    return config_shape_of(&pattern);
}

json_t *config_shape_ipv6_port(const char *prefix, unsigned least_port)
{
    struct text pattern = TEXT_INIT;
    text_appendf(&pattern, "%s\\[", prefix);
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "\\]");
    append_port(least_port, &pattern);
    return config_shape_of(&pattern);
}

/* A DNS name: labels of letters, digits, '-' and '_', the last of them no number. */
static json_t *make_name_port(const char *prefix)
{
#define LABEL "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
    struct text labels = TEXT_INIT, length = TEXT_INIT, number = TEXT_INIT;
    text_appendf(&labels, "%s" LABEL "(\\." LABEL ")*\\.?", prefix);
    append_port(1, &labels);
    text_appendf(&length, "%s[^:=/]{1,253}\\.?:", prefix);
    text_appendf(&number, "(%s|\\.)[0-9]+\\.?:[0-9]+$", prefix);
    return json_pack("{s:[o, o, {s:o}]}", "allOf", config_shape_of(&labels),
                     config_shape_of(&length), "not", config_shape_of(&number));
}

json_t *config_shape_host_port(const char *prefix)
{
    return json_pack("[o, o, o]", config_shape_ipv4_port(prefix, 1),
                     config_shape_ipv6_port(prefix, 1), make_name_port(prefix));
}
