/* Captures of what a real agent of Consul has answered. */
#ifndef TESTS_UNIT_DISCOVERY_REGISTRAR_FIXTURE_ANSWER_H
#define TESTS_UNIT_DISCOVERY_REGISTRAR_FIXTURE_ANSWER_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/view.h"

#include "tests/unit/discovery/cmocka_all.h"

struct fixture_answer {
    int status;
    char *body;   /* as it came, if not byte by byte */
    json_t *sent; /* the body of the request, or NULL */
};

/* Gives: fixture_answer_fini(). */
static inline struct fixture_answer fixture_answer_load(const char *name)
{
    char path[256];
    json_error_t error;
    struct fixture_answer answer = {0};
    snprintf(path, sizeof(path), "fixtures/%s.json", name);
    json_t *document = json_load_file(path, 0, &error);
    if (!document)
        fail_msg("%s: %s", path, error.text);
    json_t *response = json_object_get(document, "response");
    json_t *body = json_object_get(response, "body");
    answer.status = (int)json_integer_value(json_object_get(response, "status"));
    answer.body = json_is_string(body) ? strdup(json_string_value(body)) : json_dumps(body, 0);
    answer.sent = json_incref(json_object_get(json_object_get(document, "request"), "body"));
    json_decref(document);
    return answer;
}

static inline void fixture_answer_fini(struct fixture_answer *answer)
{
    free(answer->body);
    json_decref(answer->sent);
    *answer = (struct fixture_answer){0};
}

#endif
