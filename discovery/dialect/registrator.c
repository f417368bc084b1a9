#include "discovery/dialect/registrator.h"

#include <stdio.h>
#include <string.h>

#include "discovery/dialect/port_words.h"
#include "discovery/dialect/registrator_check.h"
#include "discovery/dialect/variables.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/base/yes_no.h"

const char *registrator_find(const struct statement_source *source, const char *name)
{
    const char *label = field_str(source->labels, name);
    return label[0] != '\0' ? label : variables_find(source->environment, name);
}

static bool is_ignored(const struct statement_source *source, uint16_t port)
{
    char word[STATEMENT_FROM_BYTES];
    snprintf(word, sizeof(word), "SERVICE_%u_IGNORE", port);
    return registrator_find(source, word)[0] != '\0';
}

/* Each port that has a name, and is not left out, is offered under it. Where it is one of those exposed,
 * and no other has one, it is chosen by itself. */
static void read_named_ports(const struct statement_source *source, struct statement *statement)
{
    struct port_words named = {.count = 0}, exposed = {.count = 0};
    port_words_add_named(&named, source, "NAME");
    port_words_add_exposed(&exposed, source);
    if (named.count == 1 && port_words_has(&exposed, named.ports[0]))
        return;
    for (size_t i = 0; i < named.count && statement->port_count < STATEMENT_PORTS_MAX; i++)
        if (!is_ignored(source, named.ports[i]))
            statement->ports[statement->port_count++] = (struct statement_port){
                .number = named.ports[i], .from = "that it has a name, SERVICE_<port>_NAME"};
}

void registrator_read(const struct statement_source *source, struct statement *statement)
{
    static const char ignore[] = "SERVICE_IGNORE";
    if (registrator_find(source, ignore)[0] != '\0')
        statement->disabled_by = memory_copy(ignore, sizeof(ignore) - 1);
    statement_set_name(&statement->service, registrator_find(source, "SERVICE_NAME"),
                       "SERVICE_NAME");
    statement_add_port(statement, yes_no_trim(view_str(registrator_find(source, "SERVICE_PORT"))),
                       "SERVICE_PORT", "SERVICE_PORT");
    if (statement->port_count == 0 && !statement->port_problem)
        read_named_ports(source, statement);
    registrator_check_read(source, statement);
}

void registrator_read_port(const struct statement_source *source, uint16_t port,
                           struct statement_of_port *statement)
{
    char word[STATEMENT_FROM_BYTES];
    snprintf(word, sizeof(word), "SERVICE_%u_NAME", port);
    statement_set_name(&statement->service, registrator_find(source, word), word);
    snprintf(word, sizeof(word), "SERVICE_%u_IGNORE", port);
    if (registrator_find(source, word)[0] != '\0')
        memcpy(statement->ignored_by, word, sizeof(word));
}
