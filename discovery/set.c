#include "discovery/set.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/listener_order.h"
#include "lb/base/memory.h"

void set_fini(struct set *set)
{
    free(set->endpoints);
    free(set->services);
    free(set->left_out);
    free(set->routes);
    free(set->listeners);
    free(set->certificates);
    *set = (struct set){0};
}

void set_clear(struct set *set)
{
    set->endpoint_count = 0;
    set->service_count = 0;
    set->left_out_count = 0;
    set->route_count = 0;
    set->listener_count = 0;
    set->certificate_count = 0;
    set->remark = NULL;
}

void set_add_endpoint(struct set *set, const struct set_endpoint *endpoint)
{
    set->endpoints = memory_make_room(set->endpoints, set->endpoint_count, &set->endpoint_capacity,
                                      sizeof(set->endpoints[0]));
    set->endpoints[set->endpoint_count++] = *endpoint;
}

void set_add_service(struct set *set, const struct set_service *service)
{
    set->services = memory_make_room(set->services, set->service_count, &set->service_capacity,
                                     sizeof(set->services[0]));
    set->services[set->service_count++] = *service;
}

void set_add_left_out(struct set *set, const struct set_left_out *left_out)
{
    set->left_out = memory_make_room(set->left_out, set->left_out_count, &set->left_out_capacity,
                                     sizeof(set->left_out[0]));
    set->left_out[set->left_out_count++] = *left_out;
}

void set_add_route(struct set *set, const struct route *route)
{
    set->routes = memory_make_room(set->routes, set->route_count, &set->route_capacity,
                                   sizeof(set->routes[0]));
    set->routes[set->route_count++] = *route;
}

void set_add_listener(struct set *set, const struct listener_rule *listener)
{
    set->listeners = memory_make_room(set->listeners, set->listener_count, &set->listener_capacity,
                                      sizeof(set->listeners[0]));
    set->listeners[set->listener_count++] = *listener;
}

void set_add_certificate(struct set *set, const struct certificate_wish *certificate)
{
    set->certificates = memory_make_room(set->certificates, set->certificate_count,
                                         &set->certificate_capacity, sizeof(set->certificates[0]));
    set->certificates[set->certificate_count++] = *certificate;
}

static int compare_endpoints(const void *left, const void *right)
{
    const struct set_endpoint *a = left, *b = right;
    int order = strcmp(a->service, b->service);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->id, b->id);
}

static int compare_services(const void *left, const void *right)
{
    const struct set_service *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int compare_left_out(const void *left, const void *right)
{
    const struct set_left_out *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->id, b->id);
}

static int compare_certificates(const void *left, const void *right)
{
    const struct certificate_wish *a = left, *b = right;
    return view_compare(a->names[0], b->names[0]);
}

void set_sort(struct set *set)
{
    if (set->endpoint_count > 0)
        qsort(set->endpoints, set->endpoint_count, sizeof(set->endpoints[0]), compare_endpoints);
    if (set->service_count > 0)
        qsort(set->services, set->service_count, sizeof(set->services[0]), compare_services);
    if (set->left_out_count > 0)
        qsort(set->left_out, set->left_out_count, sizeof(set->left_out[0]), compare_left_out);
    if (set->listener_count > 0)
        qsort(set->listeners, set->listener_count, sizeof(set->listeners[0]),
              listener_order_compare_all);
    if (set->certificate_count > 0)
        qsort(set->certificates, set->certificate_count, sizeof(set->certificates[0]),
              compare_certificates);
}

const struct set_service *set_find_service(const struct set *set, const char *name)
{
    const struct set_service key = {.name = name};
    if (set->service_count == 0)
        return NULL;
    return bsearch(&key, set->services, set->service_count, sizeof(key), compare_services);
}
