#include "lb/config/config_schema.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>

#include "lb/config/config_kind.h"
#include "lb/config/config_name.h"
#include "lb/config/config_number.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

static json_t *make_object(const struct config_table *table);

/* ---- values -----------------------------------------------------------------------------------*/

/* A list, or one value alone. */
static json_t *make_list(const struct config_setting *setting)
{
    json_t *item = setting->kind->schema(setting);
    json_t *list = json_pack("{s:s, s:O, s:i, s:i}", "type", "array", "items", item, "minItems", 1,
                             "maxItems", (int)setting->list.max_count);
    return json_pack("{s:[o, o]}", "anyOf", list, item);
}

/* JSON's own words for on and off. */
static json_t *or_boolean(const struct config_setting *setting, json_t *value)
{
    json_t *booleans = config_setting_is_switch(setting) ? json_pack("{s:s}", "type", "boolean")
                                                         : json_pack("{s:b}", "const", 0);
    return json_pack("{s:[o, o]}", "anyOf", value, booleans);
}

/* Objects by name. */
static json_t *make_objects(const struct config_setting *setting)
{
    return json_pack("{s:s, s:{s:s}, s:i, s:o}", "type", "object", "propertyNames", "pattern",
                     CONFIG_NAME_PATTERN, "maxProperties", (int)setting->list.max_count,
                     "additionalProperties", make_object(setting->table));
}

static json_t *make_value(const struct config_setting *setting)
{
    bool is_list = config_setting_is_list(setting);
    if (setting->table)
        return is_list ? make_objects(setting) : make_object(setting->table);
    if (is_list)
        return make_list(setting);
    json_t *value = setting->kind->schema(setting);
    return config_value_can_be_off(setting) ? or_boolean(setting, value) : value;
}

static json_t *make_default(const struct config_setting *setting)
{
    if (config_setting_is_list(setting))
        return json_pack("[s]", setting->default_text);
    if (config_number_is_json(setting, view_str(setting->default_text)))
        return json_integer(strtoll(setting->default_text, NULL, 10));
    return json_string(setting->default_text);
}

/* ---- all of it --------------------------------------------------------------------------------*/

static void add_properties(const struct config_table *table, json_t *properties)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(table, i)); i++) {
        if (setting->flag_only)
            continue;
        json_t *property = json_pack("{s:s}", "description", setting->help);
        if (setting->default_text)
            json_object_set_new(property, "default", make_default(setting));
        json_t *value = make_value(setting);
        json_object_update(property, value);
        json_decref(value);
        json_object_set_new(properties, setting->word, property);
    }
}

/* Two of one choice exclude each other, unless both join. */
static json_t *make_clashes(const struct config_table *table)
{
    json_t *clashes = json_array();
    const struct config_setting *one, *other;
    for (size_t i = 0; (one = config_table_at(table, i)); i++)
        for (size_t j = i + 1; (other = config_table_at(table, j)); j++)
            if (one->choice && one->choice == other->choice && !(one->joins && other->joins))
                json_array_append_new(clashes,
                                      json_pack("{s:[s, s]}", "required", one->word, other->word));
    return clashes;
}

static void add_words(const struct config_table *table, json_t *object, json_t *properties)
{
    json_t *clashes = make_clashes(table);
    json_object_update_new(object,
                           json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 0));
    if (json_array_size(clashes) > 0)
        json_object_set_new(object, "not", json_pack("{s:O}", "anyOf", clashes));
    json_decref(clashes);
    add_properties(table, properties);
    json_object_set_new(object, "properties", properties);
}

static json_t *make_object(const struct config_table *table)
{
    json_t *object = json_object();
    add_words(table, object, json_object());
    return object;
}

void config_schema_print_table(const struct config_table *table, struct text *out)
{
    json_t *schema = json_pack(
        "{s:s, s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
        "lb.json: the settings of lb", "description",
        "Made by lb --print-schema. lb --config FILE --check knows more: whether files are there "
        "and whether addresses clash.");
    add_words(table, schema,
              json_pack("{s:{s:s, s:s}}", "$schema", "description",
                        "where an editor finds this schema", "type", "string"));
    char *printed = json_dumps(schema, JSON_INDENT(2));
    assert(printed); /* all strings in the table are UTF-8 */
    text_append_str(out, printed);
    text_append_char(out, '\n');
    free(printed);
    json_decref(schema);
}

void config_schema_print(struct text *out)
{
    config_schema_print_table(&config_root, out);
}
