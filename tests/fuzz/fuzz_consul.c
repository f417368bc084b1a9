/* What a Consul agent answers. The first byte of an input chooses what is asked for. The rest are lines: an array
 * is what the catalog has of the service "web" ("!" before it: of "db"), an object its list of services or what
 * the agent says of itself. They go the way they go in lb-discovery, up to the line that it writes. What holds:
 * what is written is one line of valid JSON; each endpoint has an IP address, which is loopback on this host only,
 * a port, and a weight that lb takes; the same answer again changes nothing; no answer that is no list does. */
#include <string.h>

#include "discovery/clean.h"
#include "discovery/consul/gathering.h"
#include "discovery/consul/looker.h"
#include "discovery/consul/own_node.h"
#include "discovery/consul/wanted.h"
#include "discovery/document.h"
#include "discovery/emit.h"
#include "discovery/field.h"
#include "lb/contract/limits.h"
#include "tests/fuzz/support/target.h"

#define WALL_NS UINT64_C(1700000000000000000)

enum { OWN_NODE = 1, BY_KEY = 2, OTHER_PORT = 4, ONLY_ENABLED = 8 };

struct state {
    struct instances services[2];
    struct instances *lists[2];
    struct catalog_entry_rules rules;
    struct dialect_settings settings;
    struct gathering gathering;
    struct set set;
    struct emit emit;
    struct text line;
};

/* ---- what is written ------------------------------------------------------------------------- */

static void check_endpoint(const struct set_endpoint *endpoint)
{
    struct address address;
    TARGET_CHECK(endpoint->id[0] != '\0' && strlen(endpoint->id) <= LIMITS_NAME_BYTES_MAX);
    TARGET_CHECK(strlen(endpoint->service) <= LIMITS_NAME_BYTES_MAX);
    TARGET_CHECK(endpoint->port > 0);
    TARGET_CHECK(endpoint->weight > 0 && endpoint->weight <= LIMITS_WEIGHT_MAX);
    TARGET_CHECK(address_parse_ip(view_str(endpoint->address), endpoint->port, &address));
    if (endpoint->address_from && strcmp(endpoint->address_from, "its tag lb.address") != 0)
        TARGET_CHECK(address_is_loopback(&address) == endpoint->is_on_host);
    TARGET_CHECK(!endpoint->is_on_host || endpoint->is_local);
    TARGET_CHECK(!endpoint->health ||
                 clean_is_clean(view_str(endpoint->health), CATALOG_ENTRY_HEALTH_BYTES_MAX));
}

static void check_line(struct view line)
{
    TARGET_CHECK(line.len > 0 && view_find(line, '\n') == (ptrdiff_t)line.len - 1);
    json_t *document = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(json_is_object(document));
    TARGET_CHECK(field_int(document, "v", 0) == EMIT_VERSION);
    json_decref(document);
}

static void gather(struct state *state)
{
    gathering_fill(&state->gathering, state->lists, 2, &state->settings, &state->set);
    for (size_t i = 0; i < state->set.endpoint_count; i++)
        check_endpoint(&state->set.endpoints[i]);
    for (size_t i = 0; i < state->set.left_out_count; i++)
        TARGET_CHECK(state->set.left_out[i].detail &&
                     state->set.left_out[i].reason < LEFT_OUT_REASON_COUNT);
    for (size_t i = 0; i < state->set.listener_count; i++)
        TARGET_CHECK(state->set.listeners[i].service.len > 0);
    if (emit_line(&state->emit, &state->set, "consul", WALL_NS, &state->line) == EMIT_LINE)
        check_line(text_view(&state->line));
}

/* ---- what is said ---------------------------------------------------------------------------- */

static void take_entries(struct state *state, struct instances *instances, const json_t *document)
{
    const char *problem;
    struct instances_intake intake = {
        .rules = &state->rules, .settings = &state->settings, .wall_ns = WALL_NS};
    int count = instances_count(document, instances->service, &state->rules);
    instances_take(instances, document, &intake, &problem);
    TARGET_CHECK(!problem == (count >= 0));
    TARGET_CHECK(problem || instances->count <= (size_t)count);
    TARGET_CHECK(!instances_take(instances, document, &intake, &problem));
    gather(state);
    TARGET_CHECK(emit_line(&state->emit, &state->set, "consul", WALL_NS, &state->line) !=
                 EMIT_LINE);
}

static void take_object(struct state *state, const json_t *document)
{
    struct service_list list;
    struct wanted wanted;
    const char *node = own_node_read(document);
    TARGET_CHECK(!node || clean_is_clean(view_str(node), LIMITS_NAME_BYTES_MAX));
    if (!service_list_read(document, &list))
        return;
    wanted_init(&wanted, "web");
    wanted_look_at_whole(&wanted, &state->set);
    for (size_t i = 0; i < list.count; i++) {
        TARGET_CHECK(i == 0 || strcmp(list.items[i - 1].name, list.items[i].name) < 0);
        TARGET_CHECK(service_list_find(&list, list.items[i].name) == &list.items[i]);
        enum wanted_why why = wanted_find(&wanted, &list, list.items[i].name);
        TARGET_CHECK(!list.items[i].is_tagged || why != WANTED_NOT);
    }
    TARGET_CHECK(wanted_find(&wanted, &list, "web") == WANTED_NAMED);
    wanted_fini(&wanted);
    service_list_fini(&list);
}

static void take_line(struct state *state, struct view line)
{
    bool is_other = line.len > 0 && line.ptr[0] == '!';
    json_t *document = document_parse(is_other ? view_skip(line, 1) : line, NULL);
    enum second_look_right right = looker_read_rights(document);
    TARGET_CHECK(right == SECOND_LOOK_RIGHT_UNKNOWN || json_array_size(document) > 0);
    if (json_is_object(document))
        take_object(state, document);
    take_entries(state, state->lists[is_other], document);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct state state = {0};
    if (size < 1)
        return 0;
    if (data[0] & OWN_NODE)
        state.rules.own_node = "n1";
    if (data[0] & BY_KEY)
        state.rules.address_key = "wan";
    if (data[0] & OTHER_PORT)
        state.rules.port = 4711;
    state.settings.traefik.requires_enable = data[0] & ONLY_ENABLED;
    instances_init(&state.services[0], "web");
    instances_init(&state.services[1], "db");
    for (size_t i = 0; i < 2; i++)
        state.lists[i] = &state.services[i];
    struct view rest = view_of((const char *)data + 1, size - 1);
    while (rest.ptr)
        take_line(&state, view_cut(&rest, '\n'));
    gathering_fini(&state.gathering);
    set_fini(&state.set);
    emit_fini(&state.emit);
    text_fini(&state.line);
    for (size_t i = 0; i < 2; i++)
        instances_fini(&state.services[i]);
    return 0;
}
