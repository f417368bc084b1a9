#include "discovery/dialect/variables.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/base/view.h"

const char *variables_find(const json_t *environment, const char *name)
{
    size_t len = strlen(name);
    if (json_is_object(environment))
        return field_str(environment, name);
    for (size_t i = json_array_size(environment); i > 0; i--) {
        const char *line = json_string_value(json_array_get(environment, i - 1));
        if (line && strncmp(line, name, len) == 0 && line[len] == '=')
            return line + len + 1;
    }
    return "";
}

json_t *variables_index(const json_t *environment)
{
    json_t *object = json_object();
    for (size_t i = 0; i < json_array_size(environment); i++) {
        const char *line = json_string_value(json_array_get(environment, i));
        struct view value = view_str(line), name = view_cut(&value, '=');
        if (!value.ptr)
            continue;
        char *key = memory_copy(name.ptr, name.len);
        json_object_set_new(object, key, json_string(value.ptr));
        free(key);
    }
    return object;
}
