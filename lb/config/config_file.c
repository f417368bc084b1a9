#include "lb/config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/json_place.h"
#include "lb/base/memory.h"
#include "lb/config/config_faults.h"
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

static bool refuse_type(const struct config_setting *setting, const char *place, const char *wanted,
                        const json_t *value, struct text *problem)
{
    text_appendf(problem, "%s: is %s and must be %s; ", place, type_name(value), wanted);
    config_value_append_accepted(setting, problem);
    return false;
}

static bool takes_integer(const struct config_setting *setting)
{
    return setting->kind == CONFIG_KIND_COUNT || setting->kind == CONFIG_KIND_SIZE ||
           setting->kind == CONFIG_KIND_DURATION || /* which then says that a unit is missing */
           config_table_is_port(setting) || config_table_is_check_count(setting);
}

/* Words that mean yes and no in JSON, where the setting has such; else NULL. */
static const char *word_of_boolean(const struct config_setting *setting, const json_t *value)
{
    if (!json_is_boolean(value))
        return NULL;
    if (config_table_is_switch(setting))
        return json_is_true(value) ? "on" : "off";
    return json_is_false(value) && config_table_can_be_off(setting) ? "off" : NULL;
}

static bool add_scalar(const struct config_setting *setting, const char *place, const json_t *value,
                       struct config_layer *layer, struct text *problem)
{
    const char *word = word_of_boolean(setting, value);
    if (word) {
        config_layer_add(layer, setting, place, view_str(word));
    } else if (json_is_string(value)) {
        config_layer_add(layer, setting, place,
                         view_of(json_string_value(value), json_string_length(value)));
    } else if (json_is_integer(value) && takes_integer(setting)) {
        char digits[24];
        snprintf(digits, sizeof(digits), "%" PRIdMAX, (intmax_t)json_integer_value(value));
        config_layer_add(layer, setting, place, view_str(digits));
    } else if (json_is_true(value) && setting->kind == CONFIG_KIND_DOCKER) {
        config_layer_add(layer, setting, place, view_of(NULL, 0));
    } else {
        const char *wanted =
            setting->kind == CONFIG_KIND_DOCKER ? "true or a string"
            : config_table_is_port(setting)     ? "a string or a port"
            : setting->kind == CONFIG_KIND_COUNT || config_table_is_check_count(setting)
                ? "a whole number"
                : "a string";
        return refuse_type(setting, place, wanted, value, problem);
    }
    return true;
}

/* The file while it is read. */
struct source {
    const char *name;
    struct view bytes;
};

/* "lb.json: line 3, column 5: listen[1]" */
static void append_place(const struct source *source, const char *key, const size_t *index,
                         struct text *out)
{
    struct json_step steps[] = {{.key = key}, {.index = index ? *index : 0}};
    struct json_place at = json_place_find(source->bytes, steps, index ? 2 : 1);
    text_appendf(out, "%s: line %u, column %u: ", source->name, at.line, at.column);
    const struct config_setting *setting = config_table_find(view_str(key));
    if (setting && !setting->flag_only)
        text_append_str(out, key);
    if (index)
        text_appendf(out, "[%zu]", *index);
}

static bool add_list(const struct source *source, const struct config_setting *setting,
                     const json_t *value, struct config_layer *layer, struct text *faults)
{
    struct text place = TEXT_INIT, problem = TEXT_INIT;
    bool is_good = true;
    append_place(source, setting->word, NULL, &place);
    if (!json_is_array(value)) {
        is_good = json_is_string(value) || (json_is_integer(value) && takes_integer(setting))
                      ? add_scalar(setting, text_str(&place), value, layer, &problem)
                      : refuse_type(setting, text_str(&place), "a string or a list of strings",
                                    value, &problem);
    } else if (json_array_size(value) == 0) {
        text_appendf(&problem, "%s: is an empty list; ", text_str(&place));
        config_value_append_accepted(setting, &problem);
        is_good = false;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        text_clear(&place);
        append_place(source, setting->word, &i, &place);
        if (!add_scalar(setting, text_str(&place), json_array_get(value, i), layer, &problem))
            is_good = config_faults_add(faults, &problem);
    }
    config_faults_add(faults, &problem);
    text_fini(&place);
    return is_good;
}

static bool refuse_key(const char *place, const char *key, const struct config_setting *setting,
                       struct text *problem)
{
    text_append_str(problem, place);
    config_value_append_quoted(view_str(key), problem);
    const struct config_setting *nearest = config_table_nearest(view_str(key), true);
    if (setting)
        text_append_str(problem, " works on the command line only; remove it from the file");
    else if (nearest)
        text_appendf(problem, " is not known; the nearest known word is \"%s\"; see lb --help",
                     nearest->word);
    else
        text_append_str(problem, " is not known; see lb --help");
    return false;
}

/* For editors, which find the schema by it. */
static bool is_schema(const char *key, const json_t *value)
{
    return strcmp(key, "$schema") == 0 && json_is_string(value);
}

static bool add_key(const struct source *source, const char *key, const json_t *value,
                    struct config_layer *layer, struct text *faults)
{
    const struct config_setting *setting = config_table_find(view_str(key));
    struct text place = TEXT_INIT, problem = TEXT_INIT;
    bool is_good = true;
    append_place(source, key, NULL, &place);
    if (is_schema(key, value))
        is_good = true;
    else if (!setting || setting->flag_only)
        is_good = refuse_key(text_str(&place), key, setting, &problem);
    else if (config_table_is_list(setting))
        is_good = add_list(source, setting, value, layer, faults);
    else
        is_good = add_scalar(setting, text_str(&place), value, layer, &problem);
    config_faults_add(faults, &problem);
    text_fini(&place);
    return is_good;
}

bool config_file_parse(const char *name, struct view bytes, struct config_layer *layer,
                       struct text *problem)
{
    json_error_t error;
    json_t *root =
        json_loadb(bytes.len > 0 ? bytes.ptr : "", bytes.len, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        text_appendf(problem, "%s: line %d, column %d: %s; give one JSON object", name, error.line,
                     error.column, error.text);
        return false;
    }
    struct source source = {.name = name, .bytes = bytes};
    bool is_good = json_is_object(root);
    if (!is_good)
        text_appendf(problem,
                     "%s: is %s and must be an object, for example "
                     "{\"listen\": [\"0.0.0.0:8000\"]}",
                     name, type_name(root));
    void *at = json_object_iter(root);
    for (; at; at = json_object_iter_next(root, at))
        is_good &=
            add_key(&source, json_object_iter_key(at), json_object_iter_value(at), layer, problem);
    json_decref(root);
    return is_good;
}

/* Fills `buffer` up to the end of the file; gives the count, or -1 with errno. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t count = read(fd, buffer + used, size - used);
        if (count == 0)
            break;
        if (count > 0)
            used += (size_t)count;
        else if (errno != EINTR)
            return -1;
    }
    return (ssize_t)used;
}

static bool refuse_file(const struct config_entry *named, const char *wrong, struct text *problem)
{
    text_appendf(problem, "%s: ", named->place);
    config_value_append_quoted(view_str(named->text), problem);
    text_appendf(problem, ": %s; give a JSON file of at most 1 MiB that lb may read", wrong);
    return false;
}

bool config_file_read(const struct config_entry *named, struct config_layer *layer,
                      struct text *problem)
{
    int fd = open(named->text, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_file(named, strerror(errno), problem);
    bool is_good;
    char *buffer = memory_new(CONFIG_FILE_MAX_BYTES + 1);
    ssize_t count = read_all(fd, buffer, CONFIG_FILE_MAX_BYTES + 1);
    if (count < 0)
        is_good = refuse_file(named, strerror(errno), problem);
    else if (count > CONFIG_FILE_MAX_BYTES)
        is_good = refuse_file(named, "larger than 1 MiB", problem);
    else
        is_good = config_file_parse(named->text, view_of(buffer, (size_t)count), layer, problem);
    free(buffer);
    close(fd);
    return is_good;
}
