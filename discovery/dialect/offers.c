#include "discovery/dialect/offers.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* ---- claims --------------------------------------------------------------------------------- */

static bool is_udp(const char *protocol)
{
    return protocol && strcmp(protocol, "udp") == 0;
}

bool offers_is_udp(const struct offer *offer)
{
    return is_udp(offer->protocol);
}

struct offer *offers_find(const struct offers *offers, uint16_t port, bool of_udp)
{
    for (size_t i = 0; i < offers->count; i++)
        if (offers->items[i].port == port && offers_is_udp(&offers->items[i]) == of_udp)
            return &offers->items[i];
    return NULL;
}

struct offer *offers_add(struct offers *offers, uint16_t port, const char *protocol,
                         const char *port_from)
{
    offers->items = memory_resize(offers->items, (offers->count + 1) * sizeof(offers->items[0]));
    struct offer *offer = &offers->items[offers->count++];
    *offer = (struct offer){.port = port, .protocol = protocol};
    offer->options = offers->options_count > 0 ? offers->options[0] : NULL;
    snprintf(offer->port_from, sizeof(offer->port_from), "%s", port_from);
    return offer;
}

const char *offers_serve(struct offer *offer, struct view service, const char *from)
{
    if (view_eq(view_str(offer->service), service))
        return offer->service;
    for (size_t i = 0; i < offer->other_count; i++)
        if (view_eq(view_str(offer->others[i].name), service))
            return offer->others[i].name;
    offer->others =
        memory_resize(offer->others, (offer->other_count + 1) * sizeof(offer->others[0]));
    struct offer_service *other = &offer->others[offer->other_count++];
    *other = (struct offer_service){clean_copy(service, LIMITS_NAME_BYTES_MAX), from};
    return other->name;
}

void offers_remove(struct offers *offers, size_t index)
{
    free(offers->items[index].service);
    free(offers->items[index].service_from);
    free(offers->items[index].others);
    memmove(&offers->items[index], &offers->items[index + 1],
            (--offers->count - index) * sizeof(offers->items[0]));
}

void offers_fail(struct offers *offers, enum left_out_reason fault, char *detail)
{
    if (offers->fault_detail) {
        free(detail);
        return;
    }
    offers->fault = fault;
    offers->fault_detail = detail;
}

static void set_port(struct offer *offer, const struct claim_server *server)
{
    offer->port = server->port;
    snprintf(offer->port_from, sizeof(offer->port_from), "%s", server->port_from);
}

static struct offer *add_item(struct offers *offers, const struct claim_server *server,
                              const char *from)
{
    struct offer *offer = offers_add(offers, server->port, server->protocol, server->port_from);
    offer->service = clean_copy(server->service, LIMITS_NAME_BYTES_MAX);
    offer->service_from = memory_copy(from, strlen(from));
    return offer;
}

/* What somebody says counts more than http, which is what nobody needs to say: no port that speaks TLS
 * gets plain HTTP. */
static void take_protocol(struct offer *offer, const char *protocol)
{
    if (strcmp(offer->protocol, "http") == 0)
        offer->protocol = protocol;
}

/* Where no port was known before, it is the first one claimed. What a server is reached by holds for
 * all that its port serves. */
static void take_server(struct offers *offers, const struct claim_server *server, const char *from)
{
    struct offer *first = &offers->items[0];
    if (server->is_site && !first->is_guessed)
        return;
    if (first->port == 0 && server->port > 0) {
        set_port(first, server);
        take_protocol(first, server->protocol);
    }
    if (first->port == 0)
        return;
    struct offer *offer = first;
    if (server->port > 0)
        offer = offers_find(offers, server->port, is_udp(server->protocol));
    if (!offer)
        offer = add_item(offers, server, from);
    take_protocol(offer, server->protocol);
    offers_serve(offer, server->service, from);
}

static bool is_site(const struct claims *claims, struct view service)
{
    for (size_t i = 0; i < claims->server_count; i++)
        if (claims->servers[i].is_site && claims->servers[i].service.ptr == service.ptr)
            return true;
    return false;
}

/* A site's own service is meant only where nobody has named that of the container. */
static bool means_own(const struct offers *offers, const struct claims *claims,
                      const struct route *route)
{
    return route->answer_status == 0 &&
           (route->service.len == 0 ||
            (!offers->items[0].is_guessed && is_site(claims, route->service)));
}

static void take_routes(struct offers *offers, const struct claims *claims)
{
    size_t count = offers->route_count + claims->route_count;
    if (claims->route_count == 0)
        return;
    offers->routes = memory_resize(offers->routes, count * sizeof(offers->routes[0]));
    for (size_t i = 0; i < claims->route_count; i++) {
        struct route *route = &offers->routes[offers->route_count++];
        *route = claims->routes[i];
        if (means_own(offers, claims, route))
            route->service = view_str(offers->items[0].service);
    }
}

static void take_certificates(struct offers *offers, const struct claims *claims)
{
    size_t count = offers->certificate_count + claims->certificate_count;
    if (claims->certificate_count == 0)
        return;
    offers->certificates =
        memory_resize(offers->certificates, count * sizeof(offers->certificates[0]));
    memcpy(offers->certificates + offers->certificate_count, claims->certificates,
           claims->certificate_count * sizeof(claims->certificates[0]));
    offers->certificate_count = count;
}

void offers_take_claims(struct offers *offers, struct claims *claims, const char *from)
{
    for (size_t i = 0; i < claims->server_count; i++)
        take_server(offers, &claims->servers[i], from);
    take_routes(offers, claims);
    take_certificates(offers, claims);
    offers->claims =
        memory_resize(offers->claims, (offers->claims_count + 1) * sizeof(offers->claims[0]));
    offers->claims[offers->claims_count++] = *claims;
    *claims = (struct claims){0};
}

/* ---- services as a whole -------------------------------------------------------------------- */

bool offers_is_served(const struct offers *offers, const struct offer *offer)
{
    bool is_served = !offer->is_guessed || offer->other_count == 0 || offer->is_listened_for;
    for (size_t i = 0; i < offers->route_count && !is_served; i++)
        is_served = view_eq(offers->routes[i].service, view_str(offer->service));
    return is_served;
}

static void tell_once(struct set_endpoint *endpoint, struct set *set)
{
    set_add_endpoint(set, endpoint);
    endpoint->remark = NULL;
}

void offers_tell(const struct offers *offers, const struct offer *offer,
                 struct set_endpoint *endpoint, struct set *set)
{
    if (offers_is_served(offers, offer))
        tell_once(endpoint, set);
    for (size_t i = 0; i < offer->other_count; i++) {
        endpoint->service = offer->others[i].name;
        endpoint->service_from = offer->others[i].from;
        tell_once(endpoint, set);
    }
}

static bool fill(struct service_options *options, const struct service_options *other)
{
    bool has_any = false;
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        if (options->values[kind].len == 0)
            options->values[kind] = other->values[kind];
        has_any |= options->values[kind].len > 0;
    }
    return has_any;
}

/* What is asked of a service of that name. False: nothing more is asked of it. */
static bool fill_by_name(const struct offers *offers, struct view name, struct offer_wish *wish)
{
    bool is_alone = false;
    for (size_t i = 0; i < offers->claims_count; i++)
        for (size_t k = 0; k < offers->claims[i].wish_count; k++) {
            const struct claim_wish *claimed = &offers->claims[i].wishes[k];
            if (!view_eq(claimed->service, name))
                continue;
            fill(&wish->options, &claimed->options);
            if (claimed->has_weight && !wish->has_weight) {
                wish->has_weight = true;
                wish->weight = claimed->weight;
            }
            is_alone |= claimed->is_alone;
        }
    return !is_alone;
}

/* What is meant by those that ask for that service, where nobody asks for anything else. */
static void fill_otherwise(const struct offers *offers, struct view name, struct offer_wish *wish)
{
    for (size_t i = 0; i < offers->claims_count; i++)
        for (size_t k = 0; k < offers->claims[i].wish_count; k++)
            if (view_eq(offers->claims[i].wishes[k].service, name))
                fill(&wish->options, &offers->claims[i].wishes[k].otherwise);
}

static bool has_wish(const struct offers *offers, const char *service)
{
    bool is_there = false;
    for (size_t i = 0; i < offers->wish_count && !is_there; i++)
        is_there = strcmp(offers->wishes[i].service, service) == 0;
    return is_there;
}

static void settle_wish(struct offers *offers, const char *service)
{
    static const struct service_options nothing;
    struct offer_wish wish = {.service = service};
    if (has_wish(offers, service))
        return;
    if (fill_by_name(offers, view_str(service), &wish))
        fill_by_name(offers, view_of("", 0), &wish);
    fill_otherwise(offers, view_str(service), &wish);
    if (!fill(&wish.options, &nothing) && !wish.has_weight)
        return;
    offers->wishes =
        memory_resize(offers->wishes, (offers->wish_count + 1) * sizeof(offers->wishes[0]));
    offers->wishes[offers->wish_count++] = wish;
}

void offers_settle_wishes(struct offers *offers)
{
    size_t count = 0;
    for (size_t i = 0; i < offers->claims_count; i++)
        count += offers->claims[i].wish_count;
    for (size_t i = 0; i < offers->count && count > 0; i++) {
        const struct offer *offer = &offers->items[i];
        if (offers_is_served(offers, offer))
            settle_wish(offers, offer->service);
        for (size_t k = 0; k < offer->other_count; k++)
            settle_wish(offers, offer->others[k].name);
    }
}

void offers_disable(struct offers *offers, const char *word)
{
    if (!offers->disabled_by)
        offers->disabled_by = memory_copy(word, strlen(word));
}

/* ---- the end -------------------------------------------------------------------------------- */

void offers_fini_options(struct offer_options *options)
{
    free(options->network);
    options->network = NULL;
}

const struct offer_options *offers_keep_options(struct offers *offers,
                                                struct offer_options *options)
{
    struct offer_options *kept = memory_new(sizeof(*kept));
    *kept = *options;
    options->network = NULL;
    offers->options =
        memory_resize(offers->options, (offers->options_count + 1) * sizeof(offers->options[0]));
    offers->options[offers->options_count++] = kept;
    return kept;
}

void offers_fini(struct offers *offers)
{
    for (size_t i = 0; i < offers->count; i++) {
        free(offers->items[i].service);
        free(offers->items[i].service_from);
        for (size_t j = 0; j < offers->items[i].other_count; j++)
            free(offers->items[i].others[j].name);
        free(offers->items[i].others);
    }
    for (size_t i = 0; i < offers->claims_count; i++)
        claims_fini(&offers->claims[i]);
    free(offers->claims);
    free(offers->wishes);
    free(offers->routes);
    free(offers->listeners);
    free(offers->certificates);
    free(offers->items);
    for (size_t i = 0; i < offers->options_count; i++) {
        offers_fini_options(offers->options[i]);
        free(offers->options[i]);
    }
    free(offers->options);
    free(offers->disabled_by);
    free(offers->fault_detail);
    free(offers->remark);
    *offers = (struct offers){0};
}
