#include "discovery/dialect/port_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/listening.h"

static struct exposed_word ask_of_exposed(const void *owner, uint16_t port)
{
    const struct hearing *hearing = owner;
    struct statement_name name = hearing_find_name(hearing, port, true);
    struct exposed_word word = {.is_named = name.text != NULL,
                                .is_ignored = hearing_ignores(hearing, port, hearing->count, NULL)};
    free(name.text);
    return word;
}

/* The same, without those that have a listener. */
static struct exposed_word ask_of_others(const void *owner, uint16_t port)
{
    struct exposed_word word = ask_of_exposed(owner, port);
    word.is_ignored |= listening_claims(owner, port);
    return word;
}

/* A listener's port is taken for requests only where there is no other. */
static struct exposed_choice choose(const struct hearing *hearing, bool of_udp)
{
    const json_t *exposed = hearing->container->exposed;
    struct exposed_choice choice = exposed_choose(exposed, of_udp, ask_of_others, hearing);
    return choice.port > 0 ? choice : exposed_choose(exposed, of_udp, ask_of_exposed, hearing);
}

/* What the container's own ports speak, as far as that says which they are. */
static bool speaks_udp(const struct hearing *hearing)
{
    const char *protocol = NULL;
    for (size_t i = 0; i < hearing->count && !protocol; i++)
        protocol = hearing->statements[i].protocol;
    return protocol && strcmp(protocol, "udp") == 0;
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

/* Whether it has a name of its own, and one that is offered is called the same all the same: HTTP and
 * AJP of one Tomcat do not belong in one service. */
static bool shares_name(const struct hearing *hearing, const struct offers *offers, uint16_t port)
{
    struct statement_name own = hearing_find_name(hearing, port, true);
    struct statement_name name = hearing_find_name(hearing, port, false);
    bool is_shared = false;
    for (size_t i = 0; i < offers->count && own.text && !is_shared; i++) {
        struct statement_name other = hearing_find_name(hearing, offers->items[i].port, false);
        is_shared = other.text && strcmp(other.text, name.text) == 0;
        free(other.text);
    }
    free(own.text);
    free(name.text);
    return is_shared;
}

/* Those that a dialect names, each once, but for those that it, or an earlier one, leaves out. */
static void offer_named(const struct hearing *hearing, size_t porter, struct offers *out)
{
    const struct statement *statement = &hearing->statements[porter];
    size_t stern_count = hearing_count_stern(hearing);
    size_t end = porter < stern_count ? porter + 1 : stern_count;
    char word[STATEMENT_FROM_BYTES];
    for (size_t i = 0; i < statement->port_count; i++) {
        const struct statement_port *port = &statement->ports[i];
        bool is_out = hearing_ignores(hearing, port->number, end, word);
        bool is_last = i + 1 == statement->port_count && out->count == 0;
        if (is_out && is_last)
            offers_disable(out, word);
        if ((is_out && !is_last) || is_offered(out, port->number) ||
            shares_name(hearing, out, port->number))
            continue;
        struct offer *offer = add_offer(out, port->number);
        snprintf(offer->port_from, sizeof(offer->port_from), "%s", port->from);
    }
}

static void offer_exposed(const struct hearing *hearing, struct offers *out)
{
    bool of_udp = speaks_udp(hearing);
    const char *kind = of_udp ? "UDP" : "TCP";
    struct exposed_choice choice = choose(hearing, of_udp);
    struct offer *offer = add_offer(out, choice.port);
    char *from = offer->port_from, word[STATEMENT_FROM_BYTES];
    if (choice.ignored_port > 0 &&
        hearing_ignores(hearing, choice.ignored_port, hearing_count_stern(hearing), word))
        offers_disable(out, word);
    if (choice.port > 0 && choice.is_named && choice.count > 1) {
        struct statement_name name = hearing_find_name(hearing, choice.port, true);
        snprintf(from, OFFER_PORT_FROM_BYTES,
                 "of the %u %s ports that it exposes the lowest that has a name (%s)", choice.count,
                 kind, name.from);
        free(name.text);
    } else if (choice.port > 0 && choice.count > 1)
        snprintf(from, OFFER_PORT_FROM_BYTES, "the lowest of the %u %s ports that it exposes",
                 choice.count, kind);
    else if (choice.port > 0)
        snprintf(from, OFFER_PORT_FROM_BYTES, "the only %s port that it exposes", kind);
}

void port_choice_offer(const struct hearing *hearing, size_t porter, struct offers *out)
{
    if (porter < hearing->count && hearing->statements[porter].port_count > 0) {
        offer_named(hearing, porter, out);
        return;
    }
    offer_exposed(hearing, out);
}
