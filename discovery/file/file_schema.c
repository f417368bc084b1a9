#include "discovery/file/file_schema.h"

#include <assert.h>
#include <stdlib.h>

#include "discovery/file/file_words.h"
#include "lb/contract/route_option.h"
#include "lb/contract/service_option.h"

/* What the words' schemas refer to, and no object is. */
static const char shared[] =
    "{\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":512},"
    "\"text\":{\"type\":\"string\",\"minLength\":1},"
    "\"texts\":{\"anyOf\":[{\"$ref\":\"#/$defs/text\"},"
    "{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/$defs/text\"}}]},"
    "\"time\":{\"anyOf\":[{\"type\":\"string\",\"pattern\":\"^(off|0|[0-9]+(ms|s|m|h))$\"},"
    "{\"enum\":[0,false]}]},"
    "\"value\":{\"type\":[\"string\",\"integer\",\"boolean\"]},"
    "\"number\":{\"type\":[\"string\",\"integer\"]}}";

static const struct {
    const char *name; /* NULL: the whole */
    const char *needs;
} objects[FILE_OBJECT_COUNT] = {
    [FILE_WHOLE] = {NULL, "{\"anyOf\":[{\"required\":[\"services\"]},{\"required\":[\"routes\"]},"
                          "{\"required\":[\"listeners\"]},{\"required\":[\"certificates\"]}]}"},
    [FILE_SERVICE] = {"service", "{\"required\":[\"name\"]}"},
    [FILE_ENDPOINT] = {"endpoint", "{\"required\":[\"address\",\"port\"]}"},
    [FILE_CHECK] = {"check", "{}"},
    [FILE_ROUTE] = {"route", "{\"anyOf\":[{\"required\":[\"service\"]},{\"required\":[\"answer\"]},"
                             "{\"required\":[\"shares\"]}]}"},
    [FILE_MATCH] = {"match", "{}"},
    [FILE_CONDITION] = {"condition", "{\"required\":[\"kind\",\"value\"]}"},
    [FILE_SHARE] = {"share", "{\"required\":[\"service\",\"weight\"]}"},
    [FILE_LISTENER] = {"listener",
                       "{\"required\":[\"protocol\",\"service\"],"
                       "\"oneOf\":[{\"required\":[\"port\"]},{\"required\":[\"listener\"]}],"
                       "\"if\":{\"properties\":{\"protocol\":{\"const\":\"udp\"}}},"
                       "\"then\":{\"properties\":{\"server_name\":false,\"alpn\":false}}}"},
    [FILE_CERTIFICATE] = {"certificate", "{\"required\":[\"names\"]}"},
    [FILE_ROUTE_OPTIONS] = {"route_options", "{}"},
    [FILE_SERVICE_OPTIONS] = {"service_options", "{}"},
};

static json_t *read(const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert(json);
    return json;
}

static const char *help_of(const struct file_word *word)
{
    struct view name = view_str(word->word);
    enum route_option_kind kind = route_option_parse(name);
    if (word->help)
        return word->help;
    return kind < ROUTE_OPTION_COUNT ? route_option_accepted(kind)
                                     : service_option_accepted(service_option_parse(name));
}

static json_t *make_property(const struct file_word *word)
{
    if (!word->schema)
        return json_pack("{s:s}", "description", "as lines have it; passed over");
    json_t *property = json_pack("{s:s}", "description", help_of(word));
    json_object_update_new(property, read(word->schema));
    return property;
}

static void add_object(enum file_object object, json_t *out)
{
    const struct file_word *word;
    json_t *properties = json_object();
    json_object_update_new(out,
                           json_pack("{s:s, s:b}", "type", "object", "additionalProperties", 0));
    json_object_update_new(out, read(objects[object].needs));
    for (size_t i = 0; (word = file_words_at(object, i)); i++)
        json_object_set_new(properties, word->word, make_property(word));
    json_object_set_new(out, "properties", properties);
}

void file_schema_print(struct text *out)
{
    json_t *definitions = read(shared);
    json_t *schema = json_pack(
        "{s:s, s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
        "the file of services and routes of lb", "description",
        "Made by lb-discovery --print-schema. lb-discovery --file FILE --once knows more: whether "
        "regular expressions can be followed, and names stand once.");
    add_object(FILE_WHOLE, schema);
    for (enum file_object object = FILE_WHOLE + 1; object < FILE_OBJECT_COUNT; object++) {
        json_t *definition = json_object();
        add_object(object, definition);
        json_object_set_new(definitions, objects[object].name, definition);
    }
    json_object_set_new(schema, "$defs", definitions);
    char *printed = json_dumps(schema, JSON_INDENT(2));
    assert(printed); /* all strings in the tables are UTF-8 */
    text_append_str(out, printed);
    text_append_char(out, '\n');
    free(printed);
    json_decref(schema);
}
