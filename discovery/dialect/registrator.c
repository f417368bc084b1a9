#include "discovery/dialect/registrator.h"

#include <stdio.h>
#include <string.h>

#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/base/yes_no.h"

/* Of several variables the last one counts, as for the program itself. */
static const char *find_variable(const json_t *environment, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = json_array_size(environment); i > 0; i--) {
        const char *line = json_string_value(json_array_get(environment, i - 1));
        if (line && strncmp(line, name, len) == 0 && line[len] == '=')
            return line + len + 1;
    }
    return "";
}

static const char *find(const struct statement_source *source, const char *name)
{
    const char *label = field_str(source->labels, name);
    return label[0] != '\0' ? label : find_variable(source->environment, name);
}

void registrator_read(const struct statement_source *source, struct statement *statement)
{
    static const char ignore[] = "SERVICE_IGNORE";
    if (find(source, ignore)[0] != '\0')
        statement->disabled_by = memory_copy(ignore, sizeof(ignore) - 1);
    statement_set_name(&statement->service, find(source, "SERVICE_NAME"), "SERVICE_NAME");
    statement_add_port(statement, yes_no_trim(view_str(find(source, "SERVICE_PORT"))),
                       "SERVICE_PORT", "SERVICE_PORT");
}

void registrator_read_port(const struct statement_source *source, uint16_t port,
                           struct statement_of_port *statement)
{
    char word[STATEMENT_FROM_BYTES];
    snprintf(word, sizeof(word), "SERVICE_%u_NAME", port);
    statement_set_name(&statement->service, find(source, word), word);
    snprintf(word, sizeof(word), "SERVICE_%u_IGNORE", port);
    if (find(source, word)[0] != '\0')
        memcpy(statement->ignored_by, word, sizeof(word));
}
