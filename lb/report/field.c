#include "lb/report/field.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lb/base/memory.h"

#define YEAR_2100   4102444800.0
#define DOUBLE_TEXT 32

struct view field_text(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? view_of(json_string_value(value), json_string_length(value))
                                 : view_of("", 0);
}

bool field_number(const json_t *object, const char *name, double *out)
{
    const json_t *value = json_object_get(object, name);
    double number = json_number_value(value);
    if (!json_is_number(value) || !isfinite(number) || number < 0)
        return false;
    *out = number;
    return true;
}

uint64_t field_timestamp(const json_t *object, uint64_t otherwise)
{
    double seconds;
    if (!field_number(object, "timestamp", &seconds) || seconds < 1 || seconds > YEAR_2100)
        return otherwise;
    return (uint64_t)(seconds * 1e6 + 0.5) * 1000; /* as exact as a double is */
}

enum sentry_level field_level(const json_t *object, enum sentry_level otherwise)
{
    struct view word = field_text(object, "level");
    for (unsigned level = SENTRY_DEBUG; level <= SENTRY_FATAL; level++)
        if (view_eq(word, view_str(sentry_event_level_word((enum sentry_level)level))))
            return (enum sentry_level)level;
    return view_eq(word, VIEW("warn")) ? SENTRY_WARNING : otherwise;
}

char *field_as_text(const json_t *value)
{
    char number[DOUBLE_TEXT];
    switch (json_typeof(value)) {
    case JSON_STRING:
        return memory_copy(json_string_value(value), json_string_length(value));
    case JSON_TRUE:
        return memory_copy("true", 4);
    case JSON_FALSE:
        return memory_copy("false", 5);
    case JSON_INTEGER:
        return memory_copy(number, (size_t)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
                                                    json_integer_value(value)));
    case JSON_REAL:
        return memory_copy(
            number, (size_t)snprintf(number, sizeof(number), "%.10g", json_real_value(value)));
    case JSON_OBJECT:
    case JSON_ARRAY:
        return json_dumps(value, JSON_COMPACT);
    default:
        return NULL;
    }
}
