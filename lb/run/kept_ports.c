#include "lb/run/kept_ports.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

static void list_standings(struct kept_ports *ports)
{
    const struct listener_standing **all =
        memory_resize((void *)(uintptr_t)ports->standings.all,
                      (ports->count + ports->tls_count + 1) * sizeof(struct listener_standing *));
    for (unsigned i = 0; i < ports->count; i++)
        all[i] = &ports->all[i]->standing;
    for (unsigned i = 0; i < ports->tls_count; i++)
        all[ports->count + i] = &ports->tls[i];
    ports->standings =
        (struct listener_standings){.all = all, .count = ports->count + ports->tls_count};
}

void kept_ports_add_tls(struct kept_ports *ports, const struct address *at)
{
    ports->tls = memory_resize(ports->tls, (ports->tls_count + 1) * sizeof(*ports->tls));
    ports->tls[ports->tls_count++] = (struct listener_standing){.kind = SERVICE_TCP,
                                                                .at = *at,
                                                                .ends_tls = true,
                                                                .state = LISTENER_OPEN,
                                                                .since_ns = clock_wall_ns()};
    list_standings(ports);
}

bool kept_ports_has_tls(const struct kept_ports *ports, const struct address *at)
{
    for (unsigned i = 0; i < ports->tls_count; i++)
        if (address_eq(&ports->tls[i].at, at))
            return true;
    return false;
}

struct kept_port *kept_ports_add(struct kept_ports *ports, enum service_kind kind,
                                 const struct address *at, bool is_dynamic)
{
    struct kept_port *kept = kept_port_new(kind, at, is_dynamic);
    ports->all = memory_resize(ports->all, (ports->count + 1) * sizeof(struct kept_port *));
    ports->all[ports->count++] = kept;
    list_standings(ports);
    return kept;
}

void kept_ports_remove_ended(struct kept_ports *ports)
{
    unsigned left = 0;
    for (unsigned i = 0; i < ports->count; i++) {
        if (ports->all[i]->is_wanted || ports->all[i]->port)
            ports->all[left++] = ports->all[i];
        else
            kept_port_free(ports->all[i]);
    }
    ports->count = left;
    list_standings(ports);
}

struct kept_port *kept_ports_find(const struct kept_ports *ports, enum service_kind kind,
                                  const struct address *at)
{
    for (unsigned i = 0; i < ports->count; i++)
        if (ports->all[i]->standing.kind == kind && address_eq(&ports->all[i]->standing.at, at))
            return ports->all[i];
    return NULL;
}

unsigned kept_ports_count_dynamic(const struct kept_ports *ports)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ports->count; i++)
        count += ports->all[i]->standing.is_dynamic && kept_port_is_open(ports->all[i]);
    return count;
}

bool kept_ports_last(const struct kept_ports *ports)
{
    for (unsigned i = 0; i < ports->count; i++)
        if (kept_port_is_open(ports->all[i]) && ports->all[i]->port->listening.is_lasting)
            return true;
    return false;
}

void kept_ports_forget_met(struct kept_ports *ports)
{
    for (unsigned i = 0; i < ports->count; i++)
        ports->all[i]->is_met = false;
}

void kept_ports_fini(struct kept_ports *ports)
{
    for (unsigned i = 0; i < ports->count; i++)
        kept_port_free(ports->all[i]);
    free(ports->all);
    free(ports->tls);
    free((void *)(uintptr_t)ports->standings.all);
}
