/* What a real agent (1.8.7) has answered. */
#ifndef TESTS_UNIT_DISCOVERY_CONSUL_CAPTURED_H
#define TESTS_UNIT_DISCOVERY_CONSUL_CAPTURED_H

#include <jansson.h>
#include <stdio.h>

#include "tests/unit/discovery/cmocka_all.h"

/* The body of that answer. Gives. */
static inline json_t *captured(const char *name)
{
    char path[256];
    json_error_t error;
    snprintf(path, sizeof(path), "fixtures/%s.json", name);
    json_t *document = json_load_file(path, 0, &error);
    if (!document)
        fail_msg("%s: %s", path, error.text);
    json_t *body = json_incref(json_object_get(json_object_get(document, "response"), "body"));
    json_decref(document);
    return body;
}

/* JSON with ' for ". Gives. */
static inline json_t *quoted(const char *text)
{
    char bytes[8192];
    json_error_t error;
    snprintf(bytes, sizeof(bytes), "%s", text);
    for (char *at = bytes; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *document = json_loads(bytes, JSON_DECODE_ANY, &error);
    if (!document)
        fail_msg("%s: %s", bytes, error.text);
    return document;
}

#endif
