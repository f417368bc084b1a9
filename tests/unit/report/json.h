/* Objects of JSON in tests. Include after cmocka.h. */
#ifndef TESTS_UNIT_REPORT_JSON_H
#define TESTS_UNIT_REPORT_JSON_H

#include <jansson.h>

/* With ' for ". Gives: json_decref(). */
static inline json_t *json_of(const char *text)
{
    json_error_t problem;
    char copy[4096];
    size_t len = strlen(text);
    assert_true(len < sizeof(copy));
    for (size_t i = 0; i <= len; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    json_t *object = json_loads(copy, 0, &problem);
    assert_non_null(object);
    return object;
}

#endif
