#include "discovery/dialect/registrator_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/variables.h"
#include "discovery/field.h"

#define WORD_BYTES       64
#define INTERVAL_DEFAULT "10s" /* Consul's entries have it from registrator */

struct reading {
    const struct statement_source *source;
    struct statement *statement;
    uint16_t port; /* the only one; 0: there is none, or there are several */
};

/* A label before a variable. */
static const char *find_word(const struct statement_source *source, const char *word)
{
    const char *label = field_str(source->labels, word);
    return label[0] != '\0' ? label : variables_find(source->environment, word);
}

/* `word` gets what it is called. "": it is not there. */
static const char *find(const struct reading *reading, const char *what, char word[WORD_BYTES])
{
    const char *value = "";
    if (reading->port > 0) {
        snprintf(word, WORD_BYTES, "SERVICE_%u_CHECK_%s", reading->port, what);
        value = find_word(reading->source, word);
    }
    if (value[0] == '\0') {
        snprintf(word, WORD_BYTES, "SERVICE_CHECK_%s", what);
        value = find_word(reading->source, word);
    }
    return value;
}

/* What is unset or cannot be used is `otherwise`. False: nothing is set. */
static bool set(const struct reading *reading, const char *what, const char *own,
                const char *otherwise)
{
    char word[WORD_BYTES];
    struct check *check = &reading->statement->options.check;
    const char *value = find(reading, what, word);
    if (value[0] != '\0' && check_set(check, view_str(own), view_str(value)))
        return true;
    if (value[0] != '\0')
        statement_remark(&reading->statement->claims, word, view_str(value),
                         check_accepted(view_str(own)));
    return otherwise[0] != '\0' && check_set(check, view_str(own), view_str(otherwise));
}

static void ask_for(const struct reading *reading, const char *mode)
{
    reading->statement->has_options = reading->statement->options.has_check = true;
    check_set(&reading->statement->options.check, VIEW("mode"), view_str(mode));
    set(reading, "INTERVAL", "interval", INTERVAL_DEFAULT);
    set(reading, "TIMEOUT", "timeout", "");
}

/* ---- kinds of checks ------------------------------------------------------------------------ */

static void ask_http(const struct reading *reading)
{
    if (!set(reading, "HTTP", "path", ""))
        return;
    ask_for(reading, "http");
    set(reading, "HTTP_METHOD", "method", "");
}

static void ask_tcp(const struct reading *reading)
{
    ask_for(reading, "tcp");
}

static void tell_unsupported(const struct reading *reading, const char *word)
{
    claims_remark(
        &reading->statement->claims,
        "%s is not supported, and is not asked; SERVICE_CHECK_HTTP and SERVICE_CHECK_TCP are",
        word);
}

/* In this order; of several the first counts. */
static const struct {
    const char *what;
    void (*ask)(const struct reading *reading); /* NULL: not supported */
} kinds[] = {
    {"HTTP", ask_http}, {"HTTPS", NULL},  {"CMD", NULL},  {"SCRIPT", NULL},
    {"TTL", NULL},      {"TCP", ask_tcp}, {"GRPC", NULL},
};

static void read_kinds(const struct reading *reading)
{
    char word[WORD_BYTES];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (find(reading, kinds[i].what, word)[0] == '\0')
            continue;
        if (kinds[i].ask)
            kinds[i].ask(reading);
        else if (!reading->source->is_registered)
            tell_unsupported(reading, word);
        return;
    }
}

/* ---- all of them ---------------------------------------------------------------------------- */

/* What stands in Consul alone. */
static void tell_of_consul(const struct reading *reading)
{
    static const char *const words[] = {"INITIAL_STATUS", "DEREGISTER_AFTER"};
    char word[WORD_BYTES];
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (find(reading, words[i], word)[0] != '\0')
            claims_remark(&reading->statement->claims,
                          "%s is not supported: it is for Consul's entry", word);
}

/* A container has one check for all of its ports. */
static void tell_of_port(const struct reading *reading, uint16_t port)
{
    char word[WORD_BYTES];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        snprintf(word, sizeof(word), "SERVICE_%u_CHECK_%s", port, kinds[i].what);
        if (find_word(reading->source, word)[0] != '\0')
            claims_remark(&reading->statement->claims,
                          "%s is not supported where there are several ports; SERVICE_CHECK_%s is "
                          "for all of them",
                          word, kinds[i].what);
    }
}

void registrator_check_read(const struct statement_source *source, struct statement *statement)
{
    struct reading reading = {.source = source, .statement = statement};
    json_t *exposed = (json_t *)(uintptr_t)source->exposed; /* jansson's iterators take no const */
    unsigned count = 0;
    for (void *i = json_object_iter(exposed); i; i = json_object_iter_next(exposed, i)) {
        uint16_t port = exposed_parse_port(json_object_iter_key(i));
        reading.port = port > 0 ? port : reading.port;
        count += port > 0;
    }
    if (count > 1)
        reading.port = 0;
    bool are_told = count > 1 && !source->is_registered; /* a catalog's entries have all of them */
    for (void *i = are_told ? json_object_iter(exposed) : NULL; i;
         i = json_object_iter_next(exposed, i))
        tell_of_port(&reading, exposed_parse_port(json_object_iter_key(i)));
    read_kinds(&reading);
    if (!source->is_registered)
        tell_of_consul(&reading);
}
