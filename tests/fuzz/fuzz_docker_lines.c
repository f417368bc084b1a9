/* What a Docker engine says. The first byte of an input chooses where lb stands and the longest
 * line, the second one how the rest is cut. The rest are lines: an array is a list of containers or
 * of networks, an object with "Type" an event, any other object the answer to an inspect. They go
 * the way they go in lb-discovery, up to the line that it writes. What holds: every cut gives the
 * same lines, and what is written is one line of valid JSON, also when the engine tells nonsense.
 */
#include <string.h>

#include "discovery/clean.h"
#include "discovery/docker/enlistment.h"
#include "discovery/document.h"
#include "discovery/emit.h"
#include "discovery/field.h"
#include "discovery/net/line_reader.h"
#include "discovery/docker/roster.h"
#include "discovery/docker/survey.h"
#include "lb/base/memory.h"
#include "lb/base/rng.h"
#include "lb/contract/limits.h"
#include "tests/fuzz/support/target.h"

#define PIECE_MAX_BYTES 100u
#define TICK_MS         1000u
#define WALL_NS         UINT64_C(1700000000000000000)

enum {
    SHORT_LINES = 1,
    IN_CONTAINER = 2,
    INTERNAL = 4,
    EXPLICIT = 8,
    ON_SUCCESS = 16,
    LB_ITSELF = 32
};

struct state {
    struct roster roster;
    struct vantage vantage;
    struct set set;
    struct emit emit;
    struct enlistment_settings settings;
    struct enlistment enlistment;
    struct registrations registrations;
    struct text line;
    uint64_t now_ms;
};

/* ---- what is said ---------------------------------------------------------------------------- */

static void take_step(struct state *state, struct member *member, enum roster_step step)
{
    TARGET_CHECK(step == ROSTER_IGNORE || member);
    if (step == ROSTER_GONE)
        roster_remove(&state->roster, member);
}

static void take_event(struct state *state, const json_t *document)
{
    struct docker_event event;
    struct member *member = NULL;
    if (!docker_event_read(document, &event))
        return;
    TARGET_CHECK(memchr(event.action, '\0', sizeof(event.action)));
    TARGET_CHECK(memchr(event.container.text, '\0', sizeof(event.container.text)));
    if (event.kind == DOCKER_EVENT_OTHER)
        return;
    if (event.kind == DOCKER_EVENT_CONNECT && network_id_is_set(&event.network))
        vantage_note_driver(&state->vantage, &event.network, field_str(event.attributes, "type"));
    enum roster_step step = roster_take_event(&state->roster, &event, state->now_ms, &member);
    take_step(state, member, step);
}

static void take_list(struct state *state, const json_t *document)
{
    uint64_t asked = state->roster.event_count;
    vantage_take_networks(&state->vantage, document);
    for (size_t i = 0; i < state->roster.count; i++)
        state->roster.members[i]->is_listed = false;
    for (size_t i = 0; i < json_array_size(document); i++) {
        struct listing entry;
        struct member *member = NULL;
        if (!listing_read(json_array_get(document, i), &entry))
            continue;
        enum roster_step step = roster_take_listing(&state->roster, &entry, asked, i % 2, &member);
        take_step(state, member, step);
    }
    for (size_t i = state->roster.count; i > 0; i--)
        if (roster_is_unlisted(state->roster.members[i - 1], asked))
            roster_remove(&state->roster, state->roster.members[i - 1]);
}

static void take_inspect(struct state *state, const json_t *document)
{
    static const struct dialect_settings settings = {.registers = true};
    struct container *container = container_from_inspect(document, &settings);
    if (!container)
        return;
    TARGET_CHECK(container->network_count <= CONTAINER_NETWORKS_MAX);
    TARGET_CHECK(container->binding_count <= CONTAINER_BINDINGS_MAX);
    struct member *member = roster_find(&state->roster, &container->id);
    if (!member) {
        container_free(container);
        return;
    }
    if (!roster_take_container(&state->roster, member, container, state->now_ms))
        return;
    if (!state->vantage.on_host && container->running &&
        (!engine_id_is_set(&state->vantage.id) ||
         engine_id_eq(&container->id, &state->vantage.network_id))) {
        state->vantage.id = state->vantage.network_id = container->id;
        if (vantage_take_container(&state->vantage, container))
            roster_note_all(&state->roster, member);
    }
}

/* ---- what is written ------------------------------------------------------------------------- */

static void check_line(struct view line)
{
    TARGET_CHECK(line.len > 0 && view_find(line, '\n') == (ptrdiff_t)line.len - 1);
    json_t *document = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(json_is_object(document));
    TARGET_CHECK(field_int(document, "v", 0) == EMIT_VERSION);
    TARGET_CHECK(json_is_array(json_object_get(document, "services")));
    TARGET_CHECK(json_is_array(json_object_get(document, "left_out")));
    json_decref(document);
}

/* In services, and of containers that are in none. */
static size_t count_places(const struct state *state)
{
    size_t count = state->roster.count;
    for (size_t i = 0; i < state->roster.count; i++) {
        const struct offers *offers = &state->roster.members[i]->container->offers;
        for (size_t k = 0; k < offers->count; k++)
            count += 1 + offers->items[k].other_count;
    }
    return count;
}

/* Each is of a container, and leads to what one has a name for. */
static void check_listeners(const struct state *state)
{
    for (size_t i = 0; i < state->set.listener_count; i++) {
        const struct listener_rule *rule = &state->set.listeners[i];
        TARGET_CHECK(rule->container.len == ENGINE_ID_LEN && rule->service.len > 0);
        TARGET_CHECK((rule->port > 0) != (rule->listener.len > 0));
    }
}

/* Each has a place, and a check is one. */
static void check_registrations(struct state *state)
{
    struct address address;
    enlistment_take(&state->enlistment, &state->roster, &state->vantage, "h1", "",
                    &state->registrations);
    for (size_t i = 0; i < state->registrations.count; i++) {
        const struct registration *item = &state->registrations.items[i];
        TARGET_CHECK(i == 0 || strcmp(state->registrations.items[i - 1].id, item->id) <= 0);
        TARGET_CHECK(clean_is_clean(view_str(item->id), LIMITS_NAME_BYTES_MAX));
        TARGET_CHECK(clean_is_clean(view_str(item->name), LIMITS_NAME_BYTES_MAX));
        TARGET_CHECK(item->port > 0 && item->container_port > 0);
        TARGET_CHECK(item->address[0] == '\0' ||
                     address_parse_ip(view_str(item->address), 0, &address));
        TARGET_CHECK(!item->definition == (item->check != REGISTRATION_CHECK_AGENT));
        TARGET_CHECK(!item->probe.url == (item->check != REGISTRATION_CHECK_PROBE));
        TARGET_CHECK(json_object_size(item->meta) <= 61);
    }
    for (size_t i = 0; i < state->registrations.remark_count; i++)
        TARGET_CHECK(clean_is_clean(view_str(state->registrations.remarks[i].sentence),
                                    LIMITS_OBSTACLE_BYTES_MAX));
}

static void take_line(struct state *state, struct view line)
{
    json_t *document = document_parse(line, NULL);
    if (json_is_array(document))
        take_list(state, document);
    else if (json_object_get(document, "Type"))
        take_event(state, document);
    else if (document)
        take_inspect(state, document);
    json_decref(document);
    state->now_ms += TICK_MS;
    for (struct member *due; (due = roster_take_due(&state->roster, state->now_ms)) != NULL;)
        roster_take_failure(&state->roster, due, state->now_ms + TICK_MS, false);
    uint64_t wall_ns = WALL_NS + state->now_ms * 1000000;
    survey_take(&state->roster, &state->vantage, wall_ns, &state->set);
    TARGET_CHECK(state->set.endpoint_count + state->set.left_out_count <= count_places(state));
    check_listeners(state);
    check_registrations(state);
    if (emit_line(&state->emit, &state->set, "docker", wall_ns, &state->line) == EMIT_LINE)
        check_line(text_view(&state->line));
}

/* ---- how it arrives -------------------------------------------------------------------------- */

/* Appends every line to `out`; hands it to `state` when there is one. */
static void read_lines(struct view bytes, size_t max_bytes, struct rng *rng, struct state *state,
                       struct text *out)
{
    struct line_reader reader;
    struct view line;
    line_reader_init(&reader, max_bytes);
    while (bytes.len > 0) {
        size_t size = rng ? 1 + rng_next(rng) % PIECE_MAX_BYTES : bytes.len;
        size = size < bytes.len ? size : bytes.len;
        char *piece = memory_copy(bytes.ptr, size);
        line_reader_feed(&reader, view_of(piece, size));
        while (line_reader_next(&reader, &line)) {
            TARGET_CHECK(line.len > 0 && line.len <= max_bytes);
            text_append(out, line);
            text_append_char(out, '\n');
            if (state)
                take_line(state, line);
        }
        free(piece);
        bytes = view_skip(bytes, size);
    }
    text_append_str(out, reader.skipped_count > 0 ? "too long" : "");
    line_reader_fini(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct state state = {0};
    struct text whole = TEXT_INIT, cut = TEXT_INIT;
    if (size < 2)
        return 0;
    size_t max_bytes = data[0] & SHORT_LINES ? 64 : 1024 * 1024;
    struct view bytes = view_of((const char *)data + 2, size - 2);
    struct rng rng = {data[1]};
    state.settings = (struct enlistment_settings){
        .is_on = true,
        .is_internal = data[0] & INTERNAL,
        .is_explicit = data[0] & EXPLICIT,
        .only_on_success = data[0] & ON_SUCCESS,
        .self_name = data[0] & LB_ITSELF ? "proxy" : NULL,
        .self_port = 8080,
        .self_check = "http://127.0.0.1:9000/readyz",
    };
    state.enlistment.settings = &state.settings;
    vantage_init(&state.vantage);
    if (data[0] & IN_CONTAINER)
        state.vantage.on_host = false;
    else
        vantage_take_host(&state.vantage);
    read_lines(bytes, max_bytes, NULL, &state, &whole);
    read_lines(bytes, max_bytes, &rng, NULL, &cut);
    TARGET_CHECK(view_eq(text_view(&whole), text_view(&cut)));
    text_fini(&whole);
    text_fini(&cut);
    enlistment_fini(&state.enlistment);
    registrations_fini(&state.registrations);
    set_fini(&state.set);
    emit_fini(&state.emit);
    text_fini(&state.line);
    roster_fini(&state.roster);
    vantage_fini(&state.vantage);
    return 0;
}
