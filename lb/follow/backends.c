#include "lb/follow/backends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

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
    backends->names[name].address_count++;
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

static void want(const struct backends_address *backend, const char *service,
                 struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        if (strcmp(wanted->endpoints[i].id, backend->id) == 0)
            return;
    wanted->endpoints =
        memory_resize(wanted->endpoints, (wanted->endpoint_count + 1) * sizeof(*wanted->endpoints));
    wanted->endpoints[wanted->endpoint_count++] =
        (struct pool_wanted_endpoint){.service = service,
                                      .id = backend->id,
                                      .name = backend->id,
                                      .address = backend->address,
                                      .weight = 1,
                                      .state = ENDPOINT_READY,
                                      .cause = "static"};
}

void backends_want(const struct backends *backends, const char *service, struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < backends->count; i++)
        want(&backends->addresses[i], service, wanted);
}

void backends_fini(struct backends *backends)
{
    free(backends->addresses);
    free(backends->names);
    *backends = (struct backends){0};
}
