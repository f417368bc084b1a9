#include "discovery/dialect/dialect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/dialect/exposed.h"
#include "discovery/dialect/lb_labels.h"
#include "discovery/dialect/registrator.h"
#include "discovery/engine_id.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

static const struct dialect dialects[] = {
    {.word = "lb", .read = lb_labels_read},
    {.word = "registrator", .read = registrator_read, .read_port = registrator_read_port},
};

/* All that was said of a container, and by whom. */
struct hearing {
    const struct dialect *table;
    size_t count;
    const struct dialect_container *container;
    struct statement statements[DIALECT_MAX];
};

/* ---- ports ---------------------------------------------------------------------------------- */

/* Whether one of the first `count` dialects leaves the port out. Its word goes to `word`, which may
 * be NULL. */
static bool is_ignored(const struct hearing *hearing, uint16_t port, size_t count,
                       char word[STATEMENT_FROM_BYTES])
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        struct statement_of_port said = {0};
        if (hearing->table[i].read_port)
            hearing->table[i].read_port(&hearing->container->from, port, &said);
        found = said.ignored_by[0] != '\0';
        if (found && word)
            memcpy(word, said.ignored_by, STATEMENT_FROM_BYTES);
        statement_of_port_fini(&said);
    }
    return found;
}

/* The first name that is given: by a dialect for the port, else by it for whichever port. Gives. */
static struct statement_name find_name(const struct hearing *hearing, uint16_t port,
                                       bool is_for_port)
{
    for (size_t i = 0; i < hearing->count; i++) {
        struct statement_of_port said = {0};
        const struct statement_name *general = &hearing->statements[i].service;
        if (hearing->table[i].read_port && port > 0)
            hearing->table[i].read_port(&hearing->container->from, port, &said);
        if (!said.service.text && !is_for_port && general->text)
            statement_set_name(&said.service, general->text, general->from);
        if (said.service.text)
            return said.service;
    }
    return (struct statement_name){.text = NULL};
}

static struct exposed_word ask_of_exposed(const void *owner, uint16_t port)
{
    const struct hearing *hearing = owner;
    struct statement_name name = find_name(hearing, port, true);
    struct exposed_word word = {.is_named = name.text != NULL,
                                .is_ignored = is_ignored(hearing, port, hearing->count, NULL)};
    free(name.text);
    return word;
}

/* The first dialect that says anything of ports; `count` when none does. */
static size_t find_porter(const struct hearing *hearing)
{
    size_t i = 0;
    while (i < hearing->count && hearing->statements[i].port_count == 0 &&
           !hearing->statements[i].port_problem)
        i++;
    return i;
}

/* How many dialects may leave the container out: those up to the first that lets it in. */
static size_t count_stern(const struct hearing *hearing)
{
    size_t i = 0;
    while (i < hearing->count && !hearing->statements[i].lets_in)
        i++;
    return i < hearing->count ? i + 1 : i;
}

static void disable(struct offers *out, const char *word)
{
    if (!out->disabled_by)
        out->disabled_by = memory_copy(word, strlen(word));
}

static struct offer *add_offer(struct offers *out, uint16_t port)
{
    struct offer *offer = &out->items[out->count++];
    offer->port = port;
    offer->protocol = "http";
    return offer;
}

static bool is_offered(const struct offers *offers, uint16_t port)
{
    for (size_t i = 0; i < offers->count; i++)
        if (offers->items[i].port == port)
            return true;
    return false;
}

/* Those that a dialect names, each once, but for those that it, or an earlier one, leaves out. */
static void offer_named(const struct hearing *hearing, size_t porter, struct offers *out)
{
    const struct statement *statement = &hearing->statements[porter];
    size_t stern_count = count_stern(hearing);
    size_t end = porter < stern_count ? porter + 1 : stern_count;
    char word[STATEMENT_FROM_BYTES];
    for (size_t i = 0; i < statement->port_count; i++) {
        const struct statement_port *port = &statement->ports[i];
        bool is_out = is_ignored(hearing, port->number, end, word);
        bool is_last = i + 1 == statement->port_count && out->count == 0;
        if (is_out && is_last)
            disable(out, word);
        if ((is_out && !is_last) || is_offered(out, port->number))
            continue;
        struct offer *offer = add_offer(out, port->number);
        snprintf(offer->port_from, sizeof(offer->port_from), "%s", port->from);
    }
}

static void offer_exposed(const struct hearing *hearing, struct offers *out)
{
    struct exposed_choice choice =
        exposed_choose(hearing->container->exposed, ask_of_exposed, hearing);
    struct offer *offer = add_offer(out, choice.port);
    char *from = offer->port_from, word[STATEMENT_FROM_BYTES];
    if (choice.ignored_port > 0 &&
        is_ignored(hearing, choice.ignored_port, count_stern(hearing), word))
        disable(out, word);
    if (choice.port > 0 && choice.is_named && choice.count > 1) {
        struct statement_name name = find_name(hearing, choice.port, true);
        snprintf(from, OFFER_PORT_FROM_BYTES,
                 "of the %u TCP ports that it exposes the lowest that has a name (%s)",
                 choice.count, name.from);
        free(name.text);
    } else if (choice.port > 0 && choice.count > 1)
        snprintf(from, OFFER_PORT_FROM_BYTES, "the lowest of the %u TCP ports that it exposes",
                 choice.count);
    else if (choice.port > 0)
        snprintf(from, OFFER_PORT_FROM_BYTES, "the only TCP port that it exposes");
}

/* ---- names ---------------------------------------------------------------------------------- */

/* "registry:5000/foo/bar:tag@sha256:…" → "bar"; an id, whole or short, gives the empty view. */
static struct view image_base_name(const char *image)
{
    struct view name = view_str(image);
    if (view_starts_with(name, VIEW("sha256:")))
        return view_of("", 0);
    name = view_cut(&name, '@');
    for (ptrdiff_t slash; (slash = view_find(name, '/')) >= 0;)
        name = view_skip(name, (size_t)slash + 1);
    name = view_cut(&name, ':');
    return engine_id_is_prefix(name, 12) ? view_of("", 0) : name;
}

static void set_service(struct offer *offer, struct view service, const char *from)
{
    offer->service = clean_copy(service, LIMITS_NAME_BYTES_MAX);
    offer->service_from = memory_copy(from, strlen(from));
}

static void fail(struct offers *out, enum left_out_reason fault, char *detail)
{
    if (out->fault_detail) {
        free(detail);
        return;
    }
    out->fault = fault;
    out->fault_detail = detail;
}

static void name_offer(const struct hearing *hearing, struct offer *offer, struct offers *out)
{
    struct statement_name name = find_name(hearing, offer->port, false);
    struct view image = image_base_name(hearing->container->image);
    if (name.text && !clean_is_clean(view_str(name.text), LIMITS_NAME_BYTES_MAX))
        fail(out, LEFT_OUT_BAD_LABEL,
             statement_complain(
                 name.from, view_str(name.text),
                 "a name of at most 512 bytes without control characters is accepted"));
    if (name.text)
        set_service(offer, view_str(name.text), name.from);
    else if (image.len > 0)
        set_service(offer, image, "the name of its image");
    else
        set_service(offer, view_str(hearing->container->name), "its own name");
    free(name.text);
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* The first dialect's that says any. Takes them out of the statement. */
static const struct offer_options *take_options(struct hearing *hearing, struct offers *out)
{
    size_t i = 0;
    while (i + 1 < hearing->count && !hearing->statements[i].has_options)
        i++;
    return offers_keep_options(out, &hearing->statements[i].options);
}

static void take_remark(struct hearing *hearing, struct offers *out)
{
    for (size_t i = 0; i < hearing->count && !out->remark; i++) {
        out->remark = hearing->statements[i].remark;
        hearing->statements[i].remark = NULL;
    }
}

/* In this order: a word that cannot be used, a port that is none, no port at all. */
static void find_fault(struct hearing *hearing, size_t porter, struct offers *out)
{
    static const char no_port[] =
        "it exposes no TCP port, and neither lb.port nor SERVICE_PORT names one";
    for (size_t i = 0; i < hearing->count; i++)
        if (hearing->statements[i].problem) {
            fail(out, LEFT_OUT_BAD_LABEL, hearing->statements[i].problem);
            hearing->statements[i].problem = NULL;
        }
    if (porter < hearing->count && hearing->statements[porter].port_problem) {
        fail(out, LEFT_OUT_BAD_PORT, hearing->statements[porter].port_problem);
        hearing->statements[porter].port_problem = NULL;
    }
    if (out->items[0].port == 0)
        fail(out, LEFT_OUT_NO_PORT, memory_copy(no_port, sizeof(no_port) - 1));
}

static void settle(struct hearing *hearing, struct offers *out)
{
    size_t porter = find_porter(hearing);
    size_t stern_count = count_stern(hearing);
    out->fault = LEFT_OUT_REASON_COUNT;
    out->items = memory_new(STATEMENT_PORTS_MAX * sizeof(out->items[0]));
    const struct offer_options *options = take_options(hearing, out);
    take_remark(hearing, out);
    for (size_t i = 0; i < stern_count; i++)
        if (hearing->statements[i].disabled_by)
            disable(out, hearing->statements[i].disabled_by);
    if (porter < hearing->count && hearing->statements[porter].port_count > 0)
        offer_named(hearing, porter, out);
    else
        offer_exposed(hearing, out);
    out->items = memory_resize(out->items, out->count * sizeof(out->items[0]));
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].options = options;
        name_offer(hearing, &out->items[i], out);
    }
    out->is_named = strcmp(out->items[0].service_from, "lb.service") == 0;
    find_fault(hearing, porter, out);
}

void dialect_read_by(const struct dialect *table, size_t count,
                     const struct dialect_container *container, struct offers *out)
{
    struct hearing hearing = {.table = table, .count = count, .container = container};
    *out = (struct offers){0};
    for (size_t i = 0; i < count; i++) {
        statement_init(&hearing.statements[i]);
        table[i].read(&container->from, &hearing.statements[i]);
    }
    settle(&hearing, out);
    for (size_t i = 0; i < count; i++)
        statement_fini(&hearing.statements[i]);
}

void dialect_read(const struct dialect_container *container, struct offers *out)
{
    dialect_read_by(dialects, sizeof(dialects) / sizeof(dialects[0]), container, out);
}
