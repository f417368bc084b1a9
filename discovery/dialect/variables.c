#include "discovery/dialect/variables.h"

#include <string.h>

const char *variables_find(const json_t *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = json_array_size(environment); i > 0; i--) {
        const char *line = json_string_value(json_array_get(environment, i - 1));
        if (line && strncmp(line, name, len) == 0 && line[len] == '=')
            return line + len + 1;
    }
    return "";
}
