#include "lb/follow/backends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/upstream_tls.h"

void backends_add_name(struct backends *backends, const char *text, const char *problem,
                       uint64_t since_ns)
{
    backends->names =
        memory_resize(backends->names, (backends->name_count + 1) * sizeof(*backends->names));
    struct backends_name *name = &backends->names[backends->name_count++];
    *name = (struct backends_name){.since_ns = since_ns};
    snprintf(name->text, sizeof(name->text), "%s", text);
    if (problem[0])
        snprintf(name->problem, sizeof(name->problem), "its name has no address: %s", problem);
}

void backends_add(struct backends *backends, const struct address *address)
{
    unsigned name = backends->name_count - 1;
    backends->addresses =
        memory_resize(backends->addresses, (backends->count + 1) * sizeof(*backends->addresses));
    struct backends_address *backend = &backends->addresses[backends->count++];
    *backend = (struct backends_address){.address = *address, .name = name};
    address_format(address, backend->id);
    if (backends->names[name].protocol == PROTOCOL_UDP)
        memcpy(backend->id + strlen(backend->id), "/udp", sizeof("/udp"));
    backends->names[name].address_count++;
}

/* Of "host:port", also where it is an IP address. */
static void take_host(struct backends_name *name)
{
    struct upstream_tls tls = {0};
    const char *colon = strrchr(name->text, ':');
    struct view host = view_of(name->text, colon ? (size_t)(colon - name->text) : 0);
    if (upstream_tls_set_name(&tls, host))
        snprintf(name->host, sizeof(name->host), "%s", tls.name);
}

void backends_serve(struct backends *backends, const char *service, enum protocol protocol)
{
    struct backends_name *name = &backends->names[backends->name_count - 1];
    take_host(name);
    snprintf(name->service, sizeof(name->service), "%s", service ? service : "");
    name->protocol = protocol;
}

/* ---- names ----------------------------------------------------------------------------------- */

const struct backends_name *backends_next_name(const struct backends *backends,
                                               const struct address *address, unsigned *at)
{
    while (*at < backends->count) {
        const struct backends_address *one = &backends->addresses[(*at)++];
        if (address_eq(&one->address, address))
            return &backends->names[one->name];
    }
    return NULL;
}

bool backends_name_means(const char *name, struct view subject)
{
    const char *colon = strrchr(name, ':');
    return view_eq_nocase(subject, view_str(name)) ||
           (colon && view_eq_nocase(subject, view_of(name, (size_t)(colon - name))));
}

/* As backends_next_name, but for those that say no more than the address. */
static const struct backends_name *next_telling(const struct backends *backends,
                                                const struct address *address, unsigned *at)
{
    char text[ADDRESS_TEXT_BYTES];
    const struct backends_name *name;
    address_format(address, text);
    while ((name = backends_next_name(backends, address, at)))
        if (strcmp(name->text, text) != 0)
            return name;
    return NULL;
}

void backends_append_names(const struct backends *backends, const struct address *address,
                           struct text *out)
{
    char since[CLOCK_TEXT_BYTES];
    const struct backends_name *name;
    unsigned at = 0;
    while ((name = next_telling(backends, address, &at))) {
        text_appendf(out, "%s--backend %s", out->len > 0 ? ", " : "", name->text);
        if (name->problem[0])
            text_appendf(out, " (since %s %s; the last ones stay in use)",
                         clock_format(name->since_ns, since), name->problem);
    }
}

void backends_write_names(const struct backends *backends, const struct address *address,
                          struct json_writer *json)
{
    char since[CLOCK_TEXT_BYTES];
    unsigned at = 0;
    const struct backends_name *name = next_telling(backends, address, &at);
    if (!name)
        return;
    json_writer_key(json, "backends");
    json_writer_begin_array(json);
    for (; name; name = next_telling(backends, address, &at)) {
        json_writer_begin_object(json);
        json_writer_field_str(json, "name", name->text);
        if (name->problem[0]) {
            json_writer_field_str(json, "problem", name->problem);
            json_writer_field_str(json, "since", clock_format(name->since_ns, since));
        }
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

/* ---- endpoints ------------------------------------------------------------------------------- */

static const char *service_meant(const struct backends_name *name, const struct leading *leading)
{
    return name->service[0] ? name->service : leading->service;
}

/* The endpoint is there already: several names have one address. Of other services it is shared then. */
static bool is_there(struct pool_wanted *wanted, const struct pool_wanted_endpoint *endpoint,
                     bool *is_shared)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++) {
        struct pool_wanted_endpoint *other = &wanted->endpoints[i];
        if (strcmp(other->id, endpoint->id) != 0)
            continue;
        if (other->kind == endpoint->kind && strcmp(other->service, endpoint->service) == 0)
            return true;
        *is_shared = other->is_shared = true;
    }
    return false;
}

/* What a certificate can be for, and be asked for. */
static const char *server_name_of(const struct backends_name *name)
{
    return name->protocol == PROTOCOL_HTTPS && name->host[0] ? name->host : NULL;
}

static void want(const struct backends_address *backend, const char *service,
                 const struct backends_name *name, enum service_kind kind,
                 struct pool_wanted *wanted)
{
    struct pool_wanted_endpoint endpoint = {.service = service,
                                            .kind = kind,
                                            .protocol = name->protocol,
                                            .id = backend->id,
                                            .name = backend->id,
                                            .server_name = server_name_of(name),
                                            .address = backend->address,
                                            .is_local = address_is_loopback(&backend->address),
                                            .weight = 1,
                                            .state = ENDPOINT_READY,
                                            .cause = "static"};
    if (is_there(wanted, &endpoint, &endpoint.is_shared))
        return;
    wanted->endpoints =
        memory_resize(wanted->endpoints, (wanted->endpoint_count + 1) * sizeof(*wanted->endpoints));
    wanted->endpoints[wanted->endpoint_count++] = endpoint;
}

/* Some backend of the service says that it speaks tcp: connections go to no others. */
static bool has_tcp(const struct backends *backends, const char *service,
                    const struct leading *leading)
{
    for (unsigned i = 0; i < backends->name_count; i++)
        if (backends->names[i].protocol == PROTOCOL_TCP &&
            strcmp(service_meant(&backends->names[i], leading), service) == 0)
            return true;
    return false;
}

static void want_http(const struct backends *backends, const struct backends_address *backend,
                      const struct leading *leading, struct pool_wanted *wanted)
{
    const struct backends_name *name = &backends->names[backend->name];
    const char *service = service_meant(name, leading);
    bool is_led_by_tcp = listener_rules_serve(leading->listeners, service, SERVICE_TCP) &&
                         !has_tcp(backends, service, leading);
    if (!is_led_by_tcp || strcmp(service, leading->service) == 0)
        want(backend, service, name, SERVICE_HTTP, wanted);
    if (is_led_by_tcp)
        want(backend, service, name, SERVICE_TCP, wanted);
}

void backends_want(const struct backends *backends, const struct leading *leading,
                   struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < backends->count; i++) {
        const struct backends_address *backend = &backends->addresses[i];
        const struct backends_name *name = &backends->names[backend->name];
        if (protocol_serves(name->protocol, SERVICE_HTTP))
            want_http(backends, backend, leading, wanted);
        else
            want(backend, service_meant(name, leading), name,
                 name->protocol == PROTOCOL_UDP ? SERVICE_UDP : SERVICE_TCP, wanted);
    }
}

void backends_fini(struct backends *backends)
{
    free(backends->addresses);
    free(backends->names);
    *backends = (struct backends){0};
}
