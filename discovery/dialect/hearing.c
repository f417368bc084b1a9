#include "discovery/dialect/hearing.h"

#include <string.h>

bool hearing_ignores(const struct hearing *hearing, uint16_t port, size_t count,
                     char word[STATEMENT_FROM_BYTES])
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        struct statement_of_port said = {0};
        if (hearing->table[i].read_port)
            hearing->table[i].read_port(&hearing->source, port, &said);
        found = said.ignored_by[0] != '\0';
        if (found && word)
            memcpy(word, said.ignored_by, STATEMENT_FROM_BYTES);
        statement_of_port_fini(&said);
    }
    return found;
}

struct statement_name hearing_find_name(const struct hearing *hearing, uint16_t port,
                                        bool is_for_port)
{
    for (size_t i = 0; i < hearing->count; i++) {
        struct statement_of_port said = {0};
        const struct statement_name *general = &hearing->statements[i].service;
        if (hearing->table[i].read_port && port > 0)
            hearing->table[i].read_port(&hearing->source, port, &said);
        if (!said.service.text && !is_for_port && general->text)
            statement_set_name(&said.service, general->text, general->from);
        if (said.service.text)
            return said.service;
    }
    return (struct statement_name){.text = NULL};
}

size_t hearing_find_porter(const struct hearing *hearing)
{
    size_t i = 0;
    while (i < hearing->count && hearing->statements[i].port_count == 0 &&
           !hearing->statements[i].port_problem)
        i++;
    return i;
}

size_t hearing_count_stern(const struct hearing *hearing)
{
    size_t i = 0;
    while (i < hearing->count && !hearing->statements[i].lets_in)
        i++;
    return i < hearing->count ? i + 1 : i;
}

bool hearing_is_asked(const struct hearing *hearing)
{
    bool is_asked = false;
    for (size_t i = 0; i < hearing->count && !is_asked; i++) {
        const struct statement *statement = &hearing->statements[i];
        is_asked = statement->lets_in || statement->service.text || statement->port_count > 0 ||
                   statement->claims.is_asked || statement->claims.asks_listener ||
                   statement->claims.server_count > 0;
    }
    return is_asked;
}
