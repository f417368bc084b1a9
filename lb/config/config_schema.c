#include "lb/config/config_schema.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "lb/config/config.h"
#include "lb/config/config_pattern.h"
#include "lb/config/config_table.h"

#define PORT_MAX     65535
#define PRINTABLE    "[^\\u0000-\\u001f\\u007f]"
#define TEXT_MAX_LEN 4095

/* ---- patterns ---------------------------------------------------------------------------------*/

static json_t *pattern_of(struct text *pattern)
{
    json_t *schema = json_pack("{s:s, s:s}", "type", "string", "pattern", text_str(pattern));
    text_fini(pattern);
    return schema;
}

static json_t *fixed_pattern(const char *text)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", text);
}

static void append_port(unsigned least, struct text *out)
{
    text_append_str(out, ":0*");
    config_pattern_append_range(least, PORT_MAX, out);
    text_append_char(out, '$');
}

static json_t *make_ipv4_port(const char *prefix, unsigned least_port)
{
    struct text pattern = TEXT_INIT;
    text_append_str(&pattern, prefix);
    config_pattern_append_ipv4(&pattern);
    append_port(least_port, &pattern);
    return pattern_of(&pattern);
}

static json_t *make_ipv6_port(const char *prefix, unsigned least_port)
{
    struct text pattern = TEXT_INIT;
    text_appendf(&pattern, "%s\\[", prefix);
    config_pattern_append_ipv6(&pattern);
    text_append_str(&pattern, "\\]");
    append_port(least_port, &pattern);
    return pattern_of(&pattern);
}

/* A DNS name: labels of letters, digits, '-' and '_', the last of them no number. */
static json_t *make_name_port(const char *prefix)
{
#define LABEL "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
    struct text labels = TEXT_INIT, length = TEXT_INIT, number = TEXT_INIT;
    text_appendf(&labels, "%s" LABEL "(\\." LABEL ")*\\.?", prefix);
    append_port(1, &labels);
    text_appendf(&length, "%s[^:]{1,253}\\.?:", prefix);
    text_appendf(&number, "(%s|\\.)[0-9]+\\.?:[0-9]+$", prefix);
    return json_pack("{s:[o, o, {s:o}]}", "allOf", pattern_of(&labels), pattern_of(&length), "not",
                     pattern_of(&number));
}

static json_t *make_host_port(const char *prefix)
{
    return json_pack("[o, o, o]", make_ipv4_port(prefix, 1), make_ipv6_port(prefix, 1),
                     make_name_port(prefix));
}

/* ---- values -----------------------------------------------------------------------------------*/

static json_t *make_listen(void)
{
    struct text alone = TEXT_INIT;
    json_t *port =
        json_pack("{s:s, s:i, s:i}", "type", "integer", "minimum", 0, "maximum", PORT_MAX);
    text_append_str(&alone, "^:?0*");
    config_pattern_append_range(0, PORT_MAX, &alone);
    text_append_char(&alone, '$');
    return json_pack("[o, o, o, o]", make_ipv4_port("^", 0), make_ipv6_port("^", 0),
                     pattern_of(&alone), port);
}

static json_t *make_docker(void)
{
    json_t *choices = make_host_port("^(tcp|http)://");
    json_array_insert_new(choices, 0, json_pack("{s:b}", "const", 1));
    json_array_append_new(choices, fixed_pattern("^unix:///[^\\u0000]"));
    return choices;
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

static json_t *make_networks(void)
{
    struct text pattern = TEXT_INIT;
    text_append_char(&pattern, '^');
    append_network(&pattern);
    text_append_str(&pattern, "(,");
    append_network(&pattern);
    text_append_str(&pattern, ")*$");
    return pattern_of(&pattern);
}

/* A number as text, and where lb takes it, as a number. */
static json_t *make_number(const struct config_setting *setting)
{
    struct text pattern = TEXT_INIT;
    text_append_char(&pattern, '^');
    config_pattern_append_number(setting, &pattern);
    text_append_char(&pattern, '$');
    json_t *as_text = pattern_of(&pattern);
    if (setting->kind == CONFIG_KIND_DURATION && setting->min == 0)
        return json_pack("{s:[{s:i}, o]}", "anyOf", "const", 0, as_text);
    if (setting->kind == CONFIG_KIND_DURATION)
        return as_text;
    json_t *as_number = json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
                                  (json_int_t)setting->min, "maximum", (json_int_t)setting->max);
    return json_pack("{s:[o, o]}", "anyOf", as_number, as_text);
}

static json_t *make_words(const struct config_setting *setting)
{
    json_t *words = json_array();
    for (size_t i = 0; setting->words[i]; i++)
        json_array_append_new(words, json_string(setting->words[i]));
    return json_pack("{s:o}", "enum", words);
}

/* One of some words, or a template. */
static json_t *make_text(const struct config_setting *setting)
{
    json_t *template = fixed_pattern("^" PRINTABLE "*%\\{" PRINTABLE "*$");
    json_object_set_new(template, "maxLength", json_integer(TEXT_MAX_LEN));
    return json_pack("{s:[o, o]}", "anyOf", make_words(setting), template);
}

/* As lb/contract/check.c has them. */
static json_t *make_check(struct view word)
{
#define CODE  "0*[2-5][0-9]{2}"
#define CODES "[ \\t]*" CODE "(-" CODE ")?[ \\t]*"
#define FIELD "[ \\t]*[A-Za-z0-9!#$%&'*+.^_`~-]+[ \\t]*:[^\\x00-\\x1f\\x7f|]*"
    static const struct config_setting time = {
        .kind = CONFIG_KIND_DURATION, .min = 10, .max = 3600000};
    static const struct config_setting count = {.kind = CONFIG_KIND_COUNT, .min = 1, .max = 100};
    static const struct config_setting port = {
        .kind = CONFIG_KIND_COUNT, .min = 1, .max = UINT16_MAX};
    static const struct {
        const char *word, *pattern;
    } others[] = {
        {"mode", "^(auto|off|tcp|http)$"},
        {"path", "^/[!\"$-~]{0,254}$"},
        {"method", "^[A-Z]{1,15}$"},
        {"status", "^" CODES "(," CODES "){0,7}$"},
        {"text", "^" PRINTABLE "{1,255}$"},
        {"host", "^[A-Za-z0-9._~%:\\[\\]!$&'()*+,;=-]{1,255}$"},
        {"header", "^(?=.{1,255}$)" FIELD "([|]" FIELD ")*$"},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (view_eq(word, view_str(others[i].word)))
            return fixed_pattern(others[i].pattern);
    const struct config_setting *number = &time;
    if (view_eq(word, VIEW("rise")) || view_eq(word, VIEW("fall")))
        number = &count;
    else if (view_eq(word, VIEW("port")))
        number = &port;
    return make_number(number);
}

static json_t *make_path(void)
{
    json_t *path = fixed_pattern("^" PRINTABLE "+$");
    json_object_set_new(path, "maxLength", json_integer(TEXT_MAX_LEN));
    return path;
}

static json_t *make_list(json_t *item, unsigned max_count)
{
    json_t *list = json_pack("{s:s, s:o, s:i}", "type", "array", "items", item, "minItems", 1);
    if (max_count > 0)
        json_object_set_new(list, "maxItems", json_integer(max_count));
    return list;
}

static json_t *make_value(const struct config_setting *setting)
{
    switch (setting->kind) {
    case CONFIG_KIND_LISTEN:
        return make_list(json_pack("{s:o}", "anyOf", make_listen()), CONFIG_LISTEN_MAX);
    case CONFIG_KIND_BACKEND:
        return make_list(json_pack("{s:o}", "anyOf", make_host_port("^")), CONFIG_BACKEND_MAX);
    case CONFIG_KIND_CIDR:
        return make_list(make_networks(), CONFIG_TRUSTED_MAX);
    case CONFIG_KIND_ERROR_PAGE: /* a later page for the same code wins, so there is no limit */
        return make_list(fixed_pattern("^0*[45][0-9]{2}=" PRINTABLE "+$"), 0);
    case CONFIG_KIND_ADMIN: {
        json_t *choices = make_listen();
        json_array_append_new(choices, json_pack("{s:s}", "const", "off"));
        return json_pack("{s:o}", "anyOf", choices);
    }
    case CONFIG_KIND_DOCKER:
        return json_pack("{s:o}", "anyOf", make_docker());
    case CONFIG_KIND_COUNT:
    case CONFIG_KIND_DURATION:
    case CONFIG_KIND_SIZE:
        return make_number(setting);
    case CONFIG_KIND_WORD:
        return make_words(setting);
    case CONFIG_KIND_NAME:
        return fixed_pattern("^[A-Za-z0-9._-]{1,128}$");
    case CONFIG_KIND_TEXT:
        return make_text(setting);
    case CONFIG_KIND_CHECK:
        return make_check(config_table_check_word(setting));
    case CONFIG_KIND_SECRET:
        return fixed_pattern("^[A-Za-z0-9._~+/=-]{16,256}$");
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_PATH:
        return make_path();
    case CONFIG_KIND_ACTION:
        break;
    }
    return NULL;
}

/* One value may stand alone where a list may. */
static json_t *or_alone(json_t *list)
{
    json_t *item = json_incref(json_object_get(list, "items"));
    return json_pack("{s:[o, o]}", "anyOf", list, item);
}

/* JSON's own words for on and off. */
static json_t *or_boolean(const struct config_setting *setting, json_t *value)
{
    json_t *booleans = config_table_is_switch(setting) ? json_pack("{s:s}", "type", "boolean")
                                                       : json_pack("{s:b}", "const", 0);
    return json_pack("{s:[o, o]}", "anyOf", value, booleans);
}

static json_t *make_any(const struct config_setting *setting)
{
    json_t *value = make_value(setting);
    if (config_table_is_list(setting))
        return or_alone(value);
    return config_table_can_be_off(setting) ? or_boolean(setting, value) : value;
}

static json_t *make_default(const struct config_setting *setting)
{
    if (setting->kind == CONFIG_KIND_COUNT)
        return json_integer(strtoll(setting->default_text, NULL, 10));
    if (config_table_is_list(setting))
        return json_pack("[s]", setting->default_text);
    return json_string(setting->default_text);
}

/* ---- all of it --------------------------------------------------------------------------------*/

static json_t *make_properties(void)
{
    json_t *properties = json_pack("{s:{s:s, s:s}}", "$schema", "description",
                                   "where an editor finds this schema", "type", "string");
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(i)); i++) {
        if (setting->flag_only)
            continue;
        json_t *property = json_pack("{s:s}", "description", setting->help);
        if (setting->default_text)
            json_object_set_new(property, "default", make_default(setting));
        json_t *value = make_any(setting);
        json_object_update(property, value);
        json_decref(value);
        json_object_set_new(properties, setting->word, property);
    }
    return properties;
}

/* Two sources of backends exclude each other. */
static json_t *make_clashes(void)
{
    json_t *clashes = json_array();
    const struct config_setting *one, *other;
    for (size_t i = 0; (one = config_table_at(i)); i++)
        for (size_t j = i + 1; (other = config_table_at(j)); j++)
            if (config_table_is_source(one) && config_table_is_source(other))
                json_array_append_new(clashes,
                                      json_pack("{s:[s, s]}", "required", one->word, other->word));
    return clashes;
}

void config_schema_print(struct text *out)
{
    json_t *schema = json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:{s:o}, s:o}", "$schema",
        "https://json-schema.org/draft/2020-12/schema", "title", "lb.json: the settings of lb",
        "description",
        "Made by lb --print-schema. lb --config FILE --check knows more: whether files are there "
        "and whether addresses clash.",
        "type", "object", "additionalProperties", 0, "not", "anyOf", make_clashes(), "properties",
        make_properties());
    char *printed = json_dumps(schema, JSON_INDENT(2));
    assert(printed); /* all strings in the table are UTF-8 */
    text_append_str(out, printed);
    text_append_char(out, '\n');
    free(printed);
    json_decref(schema);
}
