#include "discovery/dialect/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/base/yes_no.h"

/* Longest value quoted in a sentence for humans. */
#define QUOTED_BYTES 64

void statement_init(struct statement *statement)
{
    *statement = (struct statement){.options = {.weight = 1}};
}

void statement_fini(struct statement *statement)
{
    free(statement->disabled_by);
    free(statement->port_problem);
    free(statement->service.text);
    offers_fini_options(&statement->options);
    free(statement->problem);
    free(statement->remark);
    claims_fini(&statement->claims);
    statement_init(statement);
}

void statement_of_port_fini(struct statement_of_port *statement)
{
    free(statement->service.text);
    *statement = (struct statement_of_port){0};
}

void statement_set_name(struct statement_name *name, const char *value, const char *from)
{
    struct view text = yes_no_trim(view_str(value));
    if (text.len == 0)
        return;
    free(name->text);
    name->text = memory_copy(text.ptr, text.len);
    snprintf(name->from, sizeof(name->from), "%s", from);
}

void statement_add_port(struct statement *statement, struct view text, const char *word,
                        const char *from)
{
    uint64_t port;
    if (text.len == 0)
        return;
    if (!view_parse_u64(text, 65535, &port) || port == 0) {
        if (!statement->port_problem)
            statement->port_problem =
                statement_complain(word, text, "a number from 1 to 65535 is accepted");
    } else if (statement->port_count < STATEMENT_PORTS_MAX) {
        statement->ports[statement->port_count++] =
            (struct statement_port){.number = (uint16_t)port, .from = from};
    }
}

char *statement_quote(const char *word, struct view value)
{
    char *shown = clean_copy(value, QUOTED_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "%s=%s", word, shown);
    free(shown);
    return text.bytes;
}

char *statement_complain(const char *word, struct view value, const char *accepted)
{
    char *shown = clean_copy(value, QUOTED_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "%s=\"%s\" cannot be used: %s", word, shown, accepted);
    free(shown);
    return text.bytes;
}

void statement_remark(struct claims *claims, const char *word, struct view value,
                      const char *accepted)
{
    char *sentence = statement_complain(word, value, accepted);
    claims_remark(claims, "%s", sentence);
    free(sentence);
}
