#include "discovery/dialect/listening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/dialect/exposed.h"
#include "discovery/dialect/naming.h"
#include "discovery/dialect/port_words.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

bool listening_claims(const struct hearing *hearing, uint16_t port)
{
    bool is_claimed = false;
    for (size_t i = 0; i < hearing->count; i++) {
        const struct claims *claims = &hearing->statements[i].claims;
        for (size_t k = 0; k < claims->listener_count; k++)
            is_claimed |=
                claims->listeners[k].port == port && claims->listeners[k].rule.kind == SERVICE_TCP;
        for (size_t k = 0; k < claims->server_count; k++)
            is_claimed |=
                claims->servers[k].port == port && strcmp(claims->servers[k].protocol, "tcp") == 0;
    }
    return is_claimed;
}

/* ---- what is meant ---------------------------------------------------------------------------- */

static bool serves_sites(const struct claims *claims)
{
    bool is_any = false;
    for (size_t i = 0; i < claims->server_count; i++)
        is_any |= claims_is_of_sites(claims->servers[i].protocol);
    return is_any;
}

/* Whether some dialect has words for sites. */
static bool asks_site(const struct offers *offers)
{
    bool is_asked = false;
    for (size_t i = 0; i < offers->claims_count; i++)
        is_asked |= offers->claims[i].is_asked || serves_sites(&offers->claims[i]);
    return is_asked;
}

static bool asks_listener(const struct offers *offers)
{
    bool is_asked = false;
    for (size_t i = 0; i < offers->claims_count; i++)
        is_asked |= offers->claims[i].asks_listener;
    return is_asked;
}

/* Whether requests are meant for it, and not only connections or datagrams. */
static bool asks_http(const struct hearing *hearing, const struct offers *offers)
{
    bool is_asked = asks_site(offers);
    for (size_t i = 0; i < hearing->count; i++) {
        const char *protocol = hearing->statements[i].protocol;
        is_asked |= protocol && claims_is_of_sites(protocol);
    }
    return is_asked;
}

/* ---- listeners -------------------------------------------------------------------------------- */

/* Whether it is offered for requests because nobody says otherwise. */
static bool is_guess(const struct offer *offer)
{
    return strcmp(offer->protocol, "http") == 0 && offer->other_count == 0;
}

/* Whether some listener has a port of the container. */
static bool has_port(const struct offers *offers)
{
    bool is_any = false;
    for (size_t i = 0; i < offers->claims_count; i++)
        for (size_t k = 0; k < offers->claims[i].listener_count; k++)
            is_any |= offers->claims[i].listeners[k].port > 0;
    return is_any;
}

static bool is_claimed(const struct offers *offers, const struct offer *offer)
{
    bool is_claimed = false;
    for (size_t i = 0; i < offers->claims_count; i++)
        for (size_t k = 0; k < offers->claims[i].listener_count; k++) {
            const struct claim_listener *listener = &offers->claims[i].listeners[k];
            is_claimed |= listener->port == offer->port && listener->rule.kind == SERVICE_TCP;
        }
    return is_claimed;
}

/* Of several ports of one kind the first one has the name, and each of the others a service of its own:
 * connections for one port do not go to another. */
static bool is_taken(const struct offers *offers, const struct offer *by)
{
    bool is_taken = false;
    for (const struct offer *other = offers->items; other < by; other++)
        is_taken |=
            strcmp(other->service, by->service) == 0 && strcmp(other->protocol, by->protocol) == 0;
    for (size_t i = 0; i < offers->listener_count; i++)
        is_taken |= view_eq(offers->listeners[i].service, view_str(by->service)) &&
                    strcmp(service_kind_word(offers->listeners[i].kind), by->protocol) == 0;
    return is_taken;
}

static void part(const struct offers *offers, struct offer *offer)
{
    static const char from[] = "that of the container and its port, as it has several of them";
    struct text name = TEXT_INIT;
    if (!is_taken(offers, offer))
        return;
    text_appendf(&name, "%s-%u", offer->service, offer->port);
    free(offer->service);
    free(offer->service_from);
    offer->service = name.bytes;
    offer->service_from = memory_copy(from, sizeof(from) - 1);
}

static struct offer *add(const struct claim_listener *listener, struct offers *out)
{
    return offers_add(out, listener->port, service_kind_word(listener->rule.kind),
                      listener->port_from);
}

/* In the service that the listener names, or in that of the container. */
static const char *place(const struct hearing *hearing, const struct claim_listener *listener,
                         const char *from, struct offers *out)
{
    struct view named = listener->rule.service;
    bool of_udp = listener->rule.kind == SERVICE_UDP;
    if (listener->port == 0)
        return named.ptr;
    struct offer *offer = offers_find(out, listener->port, of_udp);
    if (offer && named.len > 0)
        return offers_serve(offer, named, from);
    if (!offer && named.len > 0) {
        offer = add(listener, out);
        offer->service = memory_copy(named.ptr, named.len);
        offer->service_from = memory_copy(from, strlen(from));
    } else if (!offer) {
        offer = add(listener, out);
        naming_name(hearing, offer, out);
        part(out, offer);
    }
    offer->is_listened_for = true;
    return offer->service;
}

static void take(const struct hearing *hearing, const struct claim_listener *listener,
                 const char *from, struct offers *out)
{
    struct listener_rule rule = listener->rule;
    rule.service = view_str(place(hearing, listener, from, out));
    if (rule.service.len > LISTENER_RULE_NAME_BYTES_MAX) {
        offers_fail(out, LEFT_OUT_BAD_LABEL,
                    statement_complain("the name of its service", rule.service,
                                       "with a listener at most 255 bytes are accepted"));
        return;
    }
    out->listeners =
        memory_resize(out->listeners, (out->listener_count + 1) * sizeof(out->listeners[0]));
    out->listeners[out->listener_count++] = rule;
}

/* Nobody asks for requests: a port that is guessed is not offered for them, and one that a word names
 * speaks TCP where a listener is for it. */
static void drop_requests(bool is_port_guessed, struct offers *out)
{
    if (is_port_guessed && is_guess(&out->items[0]) && (out->count > 1 || has_port(out)))
        offers_remove(out, 0);
    for (size_t i = 0; i < out->count; i++)
        if (strcmp(out->items[i].protocol, "http") == 0 && is_claimed(out, &out->items[i]))
            out->items[i].protocol = service_kind_word(SERVICE_TCP);
}

static void fail_for_listeners(struct offers *out)
{
    static const char lost[] =
        "what it says of its listeners cannot be followed, and it is not served without that";
    offers_fail(out, LEFT_OUT_BAD_LABEL, memory_copy(lost, sizeof(lost) - 1));
}

void listening_settle(const struct hearing *hearing, bool is_port_guessed, struct offers *out)
{
    bool is_for_requests = asks_http(hearing, out);
    if (!asks_listener(out))
        return;
    if (!is_for_requests)
        drop_requests(is_port_guessed, out);
    for (size_t i = 0; i < out->claims_count; i++)
        for (size_t k = 0; k < out->claims[i].listener_count; k++)
            take(hearing, &out->claims[i].listeners[k], hearing->table[i].listener_from, out);
    if (!is_for_requests && is_port_guessed && is_guess(&out->items[0]) && !out->disabled_by)
        fail_for_listeners(out);
    if (out->disabled_by)
        out->listener_count = 0;
}

/* ---- ports of UDP ----------------------------------------------------------------------------- */

static bool is_ignored(const struct hearing *hearing, uint16_t port)
{
    return hearing_ignores(hearing, port, hearing->count, NULL);
}

static bool has_name(const struct hearing *hearing, uint16_t port, bool is_for_port)
{
    struct statement_name name = hearing_find_name(hearing, port, is_for_port);
    bool is_there = name.text != NULL;
    free(name.text);
    return is_there;
}

static bool has_udp(const struct offers *offers, const char *service)
{
    bool is_there = false;
    for (size_t i = 0; i < offers->count; i++)
        is_there |= offers_is_udp(&offers->items[i]) &&
                    (!service || strcmp(offers->items[i].service, service) == 0);
    return is_there;
}

/* Each in its own service; of those with the same name the lowest. */
static void offer_named(const struct hearing *hearing, struct offers *out)
{
    struct port_words named = {.of_udp = true};
    unsigned count = 0;
    port_words_add_named(&named, &hearing->source, "NAME");
    for (size_t i = 0; i < named.count && count < STATEMENT_PORTS_MAX; i++) {
        uint16_t port = named.ports[i];
        struct statement_name name = hearing_find_name(hearing, port, true);
        bool is_new = name.text && !is_ignored(hearing, port) && !offers_find(out, port, true) &&
                      !has_udp(out, name.text);
        free(name.text);
        if (!is_new)
            continue;
        naming_name(hearing,
                    offers_add(out, port, service_kind_word(SERVICE_UDP),
                               "that it has a name, SERVICE_<port>_NAME"),
                    out);
        count++;
    }
}

static struct exposed_word ask_of_exposed(const void *owner, uint16_t port)
{
    return (struct exposed_word){.is_ignored = is_ignored(owner, port)};
}

static void offer_lowest(const struct hearing *hearing, struct offers *out)
{
    char from[OFFER_PORT_FROM_BYTES] = "the only UDP port that it exposes";
    struct exposed_choice choice =
        exposed_choose(hearing->container->exposed, true, ask_of_exposed, hearing);
    if (choice.port == 0)
        return;
    if (choice.count > 1)
        snprintf(from, sizeof(from), "the lowest of the %u UDP ports that it exposes",
                 choice.count);
    struct offer *offer = offers_add(out, choice.port, service_kind_word(SERVICE_UDP), from);
    offer->is_unasked = out->items[0].port > 0 && out->count > 1;
    naming_name(hearing, offer, out);
}

void listening_offer_udp(const struct hearing *hearing, bool is_port_guessed, struct offers *out)
{
    bool is_for_site = asks_site(out);
    size_t count = out->count;
    offer_named(hearing, out);
    if (!has_udp(out, NULL) && (!is_for_site || has_name(hearing, 0, false)))
        offer_lowest(hearing, out);
    if (is_port_guessed && !is_for_site && out->count > count && out->items[0].port == 0)
        offers_remove(out, 0);
}
