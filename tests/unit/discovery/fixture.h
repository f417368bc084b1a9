/* Captures of a real engine's answers, and ids for tests. */
#ifndef TESTS_UNIT_DISCOVERY_FIXTURE_H
#define TESTS_UNIT_DISCOVERY_FIXTURE_H

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "discovery/docker/container.h"
#include "discovery/engine_id.h"

#include "tests/unit/discovery/cmocka_all.h"

static inline json_t *fixture_load(const char *name)
{
    char path[256];
    json_error_t error;
    snprintf(path, sizeof(path), "../docker/fixtures/%s.json", name);
    json_t *document = json_load_file(path, 0, &error);
    if (!document)
        fail_msg("%s: %s", path, error.text);
    return document;
}

static inline struct container *fixture_container(const char *name)
{
    json_t *document = fixture_load(name);
    struct container *container = container_from_inspect(document, NULL);
    json_decref(document);
    assert_non_null(container);
    return container;
}

/* 64 times the same digit. */
static inline struct engine_id fixture_id(char digit)
{
    struct engine_id id = {""};
    memset(id.text, digit, ENGINE_ID_LEN);
    return id;
}

#endif
