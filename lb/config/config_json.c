#include "lb/config/config_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lb/base/json_hint.h"
#include "lb/base/shown.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_spot.h"
#include "lb/config/config_value.h"

static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return "null";
    }
}

/* An object of the file while its words are read. */
struct reader {
    struct config_spot spot; /* of the object, then of a word or an item of it */
    struct config_layer *layer;
    struct text *faults;
    const struct config_table *table;    /* which has the words */
    const struct config_setting *within; /* the setting that the object is; NULL: the whole file */
    const char *name;                    /* of the object; NULL: it has none */
};

static struct reader at_key(const struct reader *reader, const char *key)
{
    struct reader inner = *reader;
    inner.spot = config_spot_in_key(&reader->spot, key);
    return inner;
}

static struct reader at_item(const struct reader *reader, size_t index)
{
    struct reader inner = *reader;
    inner.spot = config_spot_in_item(&reader->spot, index);
    return inner;
}

static void add(const struct reader *reader, const struct config_setting *setting, struct view text)
{
    struct text place = TEXT_INIT;
    config_spot_append(&reader->spot, &place);
    config_layer_add(reader->layer, setting,
                     &(struct config_where){
                         .within = reader->within, .name = reader->name, .place = text_str(&place)},
                     text);
    text_fini(&place);
}

/* ---- refusals ---------------------------------------------------------------------------------*/

static bool refuse_type(const struct reader *reader, const struct config_setting *setting,
                        const char *wanted, const json_t *value)
{
    struct text problem = TEXT_INIT;
    config_spot_append(&reader->spot, &problem);
    text_appendf(&problem, ": is %s and must be %s", type_name(value), wanted);
    if (!setting->table) {
        text_append_str(&problem, "; ");
        config_value_append_advice(setting, &problem);
    }
    return config_faults_add(reader->faults, &problem);
}

static bool refuse_empty(const struct reader *reader, const struct config_setting *setting)
{
    struct text problem = TEXT_INIT;
    config_spot_append(&reader->spot, &problem);
    text_append_str(&problem, ": is an empty list; ");
    config_value_append_advice(setting, &problem);
    return config_faults_add(reader->faults, &problem);
}

static bool refuse_many(const struct reader *reader, const struct config_setting *setting)
{
    struct text problem = TEXT_INIT;
    config_spot_append(&reader->spot, &problem);
    text_appendf(&problem, ": more than %u %s; give fewer", setting->list.max_count,
                 setting->list.noun);
    return config_faults_add(reader->faults, &problem);
}

static bool refuse_key(const struct reader *reader, const char *key,
                       const struct config_setting *setting)
{
    struct text problem = TEXT_INIT;
    const struct config_setting *nearest =
        config_table_nearest(reader->table, view_str(key), CONFIG_ORIGIN_FILE);
    config_spot_append_around(&reader->spot, &problem);
    config_value_append_quoted(view_str(key), &problem);
    if (setting)
        text_append_str(&problem, " works on the command line only; remove it from the file");
    else if (nearest)
        text_appendf(&problem, " is not known; did you mean \"%s\"? see lb --help", nearest->word);
    else
        text_append_str(&problem, " is not known; see lb --help");
    return config_faults_add(reader->faults, &problem);
}

/* ---- values -----------------------------------------------------------------------------------*/

/* Words that mean yes and no in JSON, where the setting has such; else NULL. */
static const char *word_of_boolean(const struct config_setting *setting, const json_t *value)
{
    if (!json_is_boolean(value))
        return NULL;
    if (config_setting_is_switch(setting))
        return json_is_true(value) ? "on" : "off";
    return json_is_false(value) && config_value_can_be_off(setting) ? "off" : NULL;
}

static bool add_value(const struct reader *reader, const struct config_setting *setting,
                      const json_t *value)
{
    const char *word = word_of_boolean(setting, value);
    if (word) {
        add(reader, setting, view_str(word));
    } else if (json_is_string(value)) {
        add(reader, setting, view_of(json_string_value(value), json_string_length(value)));
    } else if (json_is_integer(value) && setting->kind->takes_number) {
        char digits[24];
        snprintf(digits, sizeof(digits), "%" PRIdMAX, (intmax_t)json_integer_value(value));
        add(reader, setting, view_str(digits));
    } else if (json_is_true(value) && setting->value_is_optional) {
        add(reader, setting, view_of(NULL, 0));
    } else {
        return refuse_type(reader, setting, setting->kind->json_type, value);
    }
    return true;
}

static bool add_list(const struct reader *reader, const struct config_setting *setting,
                     const json_t *value)
{
    bool is_good = true;
    if (json_is_string(value) || (json_is_integer(value) && setting->kind->takes_number))
        return add_value(reader, setting, value);
    if (!json_is_array(value))
        return refuse_type(reader, setting, "a string or a list of strings", value);
    if (json_array_size(value) == 0)
        return refuse_empty(reader, setting);
    if (json_array_size(value) > setting->list.max_count)
        return refuse_many(reader, setting);
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct reader item = at_item(reader, i);
        is_good &= add_value(&item, setting, json_array_get(value, i));
    }
    return is_good;
}

/* ---- objects ----------------------------------------------------------------------------------*/

static bool add_words(const struct reader *reader, json_t *object);

/* The words of one object, `name` where it has one. */
static bool add_object(const struct reader *reader, const struct config_setting *setting,
                       const char *name, json_t *value)
{
    struct reader inner = *reader;
    if (!json_is_object(value))
        return refuse_type(reader, setting, "an object", value);
    if (name)
        add(reader, setting, view_str(name));
    inner.table = setting->table;
    inner.within = setting;
    inner.name = name;
    return add_words(&inner, value);
}

static bool add_objects(const struct reader *reader, const struct config_setting *setting,
                        json_t *value)
{
    bool is_good = true;
    if (!json_is_object(value))
        return refuse_type(reader, setting, "an object", value);
    if (json_object_size(value) > setting->list.max_count)
        return refuse_many(reader, setting);
    for (void *at = json_object_iter(value); at; at = json_object_iter_next(value, at)) {
        const char *name = json_object_iter_key(at);
        struct reader inner = at_key(reader, name);
        is_good &= add_object(&inner, setting, name, json_object_iter_value(at));
    }
    return is_good;
}

/* For editors, which find the schema by it. */
static bool is_schema(const struct reader *reader, const char *key, const json_t *value)
{
    return !reader->within && strcmp(key, "$schema") == 0 && json_is_string(value);
}

static bool add_word(const struct reader *reader, const char *key, json_t *value)
{
    const struct config_setting *setting = config_table_find(reader->table, view_str(key));
    if (is_schema(reader, key, value))
        return true;
    if (!setting || setting->flag_only)
        return refuse_key(reader, key, setting);
    if (setting->table)
        return config_setting_is_list(setting) ? add_objects(reader, setting, value)
                                               : add_object(reader, setting, NULL, value);
    return config_setting_is_list(setting) ? add_list(reader, setting, value)
                                           : add_value(reader, setting, value);
}

static bool add_words(const struct reader *reader, json_t *object)
{
    const char *key;
    json_t *value;
    bool is_good = true;
    json_object_foreach (object, key, value) {
        if (config_faults_is_full(reader->faults))
            return false;
        struct reader inner = at_key(reader, key);
        is_good &= add_word(&inner, key, value);
    }
    return is_good;
}

/* Bytes that are no JSON; what jansson says of them repeats some. */
static bool refuse_bytes(const char *name, struct view bytes, const json_error_t *error,
                         struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_twice = json_error_code(error) == json_error_duplicate_key;
    text_appendf(&problem, "%s: line %d, column %d: ", name, error->line, error->column);
    shown_append(&problem, view_str(error->text));
    text_appendf(&problem, "; %s",
                 is_twice ? "give each word once" : json_hint_find(bytes, (size_t)error->position));
    return config_faults_add(faults, &problem);
}

static bool refuse_root(const char *name, const json_t *root, struct text *faults)
{
    struct text problem = TEXT_INIT;
    text_appendf(&problem,
                 "%s: is %s and must be an object, for example "
                 "{\"listen\": [\"0.0.0.0:8000\"]}",
                 name, type_name(root));
    return config_faults_add(faults, &problem);
}

bool config_json_parse(const struct config_table *table, const char *name, struct view bytes,
                       struct config_layer *layer, struct text *faults)
{
    json_error_t error;
    json_t *root =
        json_loadb(bytes.len > 0 ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return refuse_bytes(name, bytes, &error, faults);
    struct reader reader = {
        .spot = {.file = name, .bytes = bytes}, .layer = layer, .faults = faults, .table = table};
    bool is_good =
        json_is_object(root) ? add_words(&reader, root) : refuse_root(name, root, faults);
    json_decref(root);
    return is_good;
}
