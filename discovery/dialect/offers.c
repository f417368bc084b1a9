#include "discovery/dialect/offers.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* ---- claims --------------------------------------------------------------------------------- */

static struct offer *find_port(struct offers *offers, uint16_t port)
{
    for (size_t i = 0; i < offers->count; i++)
        if (offers->items[i].port == port)
            return &offers->items[i];
    return NULL;
}

static bool serves_in(const struct offer *offer, struct view service)
{
    bool is_there = view_eq(view_str(offer->service), service);
    for (size_t i = 0; i < offer->other_count && !is_there; i++)
        is_there = view_eq(view_str(offer->others[i].name), service);
    return is_there;
}

static void add_service(struct offer *offer, struct view service, const char *from)
{
    if (serves_in(offer, service))
        return;
    offer->others =
        memory_resize(offer->others, (offer->other_count + 1) * sizeof(offer->others[0]));
    offer->others[offer->other_count++] =
        (struct offer_service){clean_copy(service, LIMITS_NAME_BYTES_MAX), from};
}

static void set_port(struct offer *offer, const struct claim_server *server)
{
    offer->port = server->port;
    snprintf(offer->port_from, sizeof(offer->port_from), "%s", server->port_from);
}

static struct offer *add_item(struct offers *offers, const struct claim_server *server,
                              const char *from)
{
    offers->items = memory_resize(offers->items, (offers->count + 1) * sizeof(offers->items[0]));
    struct offer *offer = &offers->items[offers->count++];
    *offer = (struct offer){.service = clean_copy(server->service, LIMITS_NAME_BYTES_MAX),
                            .service_from = memory_copy(from, strlen(from)),
                            .options = offers->items[0].options};
    set_port(offer, server);
    return offer;
}

/* Where no port was known before, it is the first one claimed. What a server is reached by holds for
 * all that its port serves. */
static void take_server(struct offers *offers, const struct claim_server *server, const char *from)
{
    struct offer *first = &offers->items[0];
    if (server->is_site && !first->is_guessed)
        return;
    if (first->port == 0 && server->port > 0)
        set_port(first, server);
    if (first->port == 0)
        return;
    struct offer *offer = server->port > 0 ? find_port(offers, server->port) : first;
    if (!offer)
        offer = add_item(offers, server, from);
    offer->protocol = server->protocol;
    add_service(offer, server->service, from);
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

void offers_take_claims(struct offers *offers, struct claims *claims, const char *from)
{
    for (size_t i = 0; i < claims->server_count; i++)
        take_server(offers, &claims->servers[i], from);
    take_routes(offers, claims);
    offers->claims =
        memory_resize(offers->claims, (offers->claims_count + 1) * sizeof(offers->claims[0]));
    offers->claims[offers->claims_count++] = *claims;
    *claims = (struct claims){0};
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
    free(offers->routes);
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
