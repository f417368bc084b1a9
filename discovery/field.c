#include "discovery/field.h"

const char *field_str(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool field_bool(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

json_int_t field_int(const json_t *object, const char *key, json_int_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
