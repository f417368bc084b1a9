#include "discovery/dialect/yaml.h"

#include <stdio.h>
#include <yaml.h>

#include "lb/base/utf8.h"

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the present one */
    unsigned depth, node_count;
    char *error;
};

/* What failed first is told. */
static json_t *fail(struct reader *reader, const char *sentence)
{
    if (reader->error[0] == '\0')
        snprintf(reader->error, YAML_ERROR_BYTES, "line %zu, column %zu: %s",
                 reader->event.start_mark.line + 1, reader->event.start_mark.column + 1, sentence);
    return NULL;
}

static bool advance(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event))
        return true;
    reader->event.start_mark = parser->problem_mark;
    fail(reader, parser->problem ? parser->problem : "this is no YAML");
    reader->event = (yaml_event_t){0};
    return false;
}

static bool is_null(const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (len == 0 || strcmp(value, "~") == 0 || strcmp(value, "null") == 0 ||
            strcmp(value, "Null") == 0 || strcmp(value, "NULL") == 0);
}

static json_t *read_scalar(struct reader *reader)
{
    const char *value = (const char *)reader->event.data.scalar.value;
    size_t len = reader->event.data.scalar.length;
    if (reader->event.data.scalar.anchor || reader->event.data.scalar.tag)
        return fail(reader, "anchors and tags are not taken");
    if (is_null(&reader->event))
        return json_null();
    json_t *string = memchr(value, '\0', len) ? NULL : json_stringn(value, len);
    return string ? string : fail(reader, "this is no text");
}

static json_t *read_node(struct reader *reader);

static json_t *read_sequence(struct reader *reader)
{
    json_t *array = json_array();
    while (advance(reader) && reader->event.type != YAML_SEQUENCE_END_EVENT) {
        json_t *item = read_node(reader);
        if (!item)
            break;
        json_array_append_new(array, item);
    }
    if (reader->error[0] == '\0')
        return array;
    json_decref(array);
    return NULL;
}

/* The value for the key that is the present event. */
static bool read_entry(struct reader *reader, json_t *object)
{
    if (reader->event.type != YAML_SCALAR_EVENT)
        return fail(reader, "a key is a word");
    json_t *key = read_scalar(reader);
    bool is_taken = false;
    if (json_is_null(key))
        fail(reader, "a key is a word");
    else if (key && json_object_get(object, json_string_value(key)))
        fail(reader, "this key was there before");
    else if (key && advance(reader))
        is_taken = json_object_set_new(object, json_string_value(key), read_node(reader)) == 0;
    json_decref(key);
    return is_taken && reader->error[0] == '\0';
}

static json_t *read_mapping(struct reader *reader)
{
    json_t *object = json_object();
    while (advance(reader) && reader->event.type != YAML_MAPPING_END_EVENT)
        if (!read_entry(reader, object))
            break;
    if (reader->error[0] == '\0')
        return object;
    json_decref(object);
    return NULL;
}

/* What begins with the present event. */
static json_t *read_node(struct reader *reader)
{
    json_t *node = NULL;
    const yaml_event_t *event = &reader->event;
    if (++reader->depth > YAML_DEPTH_MAX || ++reader->node_count > YAML_NODES_MAX)
        return fail(reader, "the document is too large, or nested too deeply");
    if (event->type == YAML_SCALAR_EVENT)
        node = read_scalar(reader);
    else if (event->type == YAML_ALIAS_EVENT ||
             (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor) ||
             (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.anchor))
        fail(reader, "anchors and tags are not taken");
    else if (event->type == YAML_MAPPING_START_EVENT)
        node = read_mapping(reader);
    else if (event->type == YAML_SEQUENCE_START_EVENT)
        node = read_sequence(reader);
    else
        fail(reader, "there is nothing in it");
    reader->depth--;
    return node;
}

static json_t *read_document(struct reader *reader)
{
    do
        if (!advance(reader))
            return NULL;
    while (reader->event.type == YAML_STREAM_START_EVENT ||
           reader->event.type == YAML_DOCUMENT_START_EVENT);
    json_t *document = read_node(reader);
    if (!document)
        return NULL;
    do
        if (!advance(reader))
            break;
    while (reader->event.type == YAML_DOCUMENT_END_EVENT);
    if (reader->error[0] == '\0' && reader->event.type == YAML_STREAM_END_EVENT)
        return document;
    fail(reader, "there is more than one document");
    json_decref(document);
    return NULL;
}

json_t *yaml_parse(struct view text, char error[YAML_ERROR_BYTES])
{
    struct reader reader = {.error = error};
    error[0] = '\0';
    if (text.len > YAML_BYTES_MAX)
        return fail(&reader, "the document is too large");
    if (!yaml_parser_initialize(&reader.parser))
        return fail(&reader, "there is no memory for it");
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.ptr, text.len);
    json_t *document = read_document(&reader);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return document;
}
