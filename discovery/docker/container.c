#include "discovery/docker/container.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/exposed.h"
#include "discovery/field.h"
#include "discovery/docker/signal_name.h"
#include "discovery/docker/time_text.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

#define STOP_TIMEOUT_DEFAULT_S 10
#define STOP_TIMEOUT_MAX_S     86400
#define HEALTH_RETRIES_DEFAULT 3

/* Of what a check wrote, and of what the engine says about a start. */
#define OUTPUT_MAX_BYTES 160
#define ERROR_MAX_BYTES  320

static char *copy_name(const char *name)
{
    return clean_copy(view_str(name[0] == '/' ? name + 1 : name), LIMITS_NAME_BYTES_MAX);
}

/* Normalises an IP literal; anything else gives "". */
static void copy_ip(const char *text, char out[ADDRESS_TEXT_BYTES])
{
    struct address address;
    out[0] = '\0';
    if (address_parse_ip(view_str(text), 0, &address))
        address_format_ip(&address, out);
}

static bool any_probe_passed(const json_t *log)
{
    for (size_t i = 0; i < json_array_size(log); i++)
        if (field_int(json_array_get(log, i), "ExitCode", -1) == 0)
            return true;
    return false;
}

/* The engine writes "unhealthy" without an event when a container is paused, and leaves it there
 * until the next probe. A real one has as many failures in a row as the check allows retries. */
static enum container_health read_health(const json_t *health, const json_t *check)
{
    const char *status = field_str(health, "Status");
    if (strcmp(status, "starting") == 0)
        return CONTAINER_HEALTH_STARTING;
    if (strcmp(status, "healthy") == 0)
        return CONTAINER_HEALTH_HEALTHY;
    if (strcmp(status, "unhealthy") != 0)
        return CONTAINER_HEALTH_NONE;
    json_int_t retries = field_int(check, "Retries", 0);
    if (retries <= 0)
        retries = HEALTH_RETRIES_DEFAULT;
    if (field_int(health, "FailingStreak", retries) >= retries)
        return CONTAINER_HEALTH_UNHEALTHY;
    return any_probe_passed(json_object_get(health, "Log")) ? CONTAINER_HEALTH_HEALTHY
                                                            : CONTAINER_HEALTH_STARTING;
}

/* What the last check said, where it failed. */
static char *read_health_output(const json_t *health)
{
    const json_t *log = json_object_get(health, "Log");
    size_t count = json_array_size(log);
    const json_t *last = count > 0 ? json_array_get(log, count - 1) : NULL;
    json_int_t code = field_int(last, "ExitCode", 0);
    if (code == 0)
        return NULL;
    char *output = clean_sentence(view_str(field_str(last, "Output")), OUTPUT_MAX_BYTES);
    struct text text = TEXT_INIT;
    text_appendf(&text, "exit code %d%s%s", (int)code, output[0] != '\0' ? ": " : "", output);
    free(output);
    return text.bytes;
}

static void read_end(struct container *container, const json_t *state)
{
    const char *error = field_str(state, "Error");
    container->exit_code = (int)(field_int(state, "ExitCode", 0) & 0xFF);
    container->has_exit_code = !container->running && json_object_get(state, "ExitCode") &&
                               strcmp(container->status, "created") != 0;
    container->has_autopsy = !container->running && json_object_get(state, "OOMKilled");
    container->was_oom_killed = container->has_autopsy && field_bool(state, "OOMKilled");
    if (!container->running && error[0] != '\0')
        container->error = clean_sentence(view_str(error), ERROR_MAX_BYTES);
}

static void read_state(struct container *container, const json_t *state, const json_t *config)
{
    char *status = clean_copy(view_str(field_str(state, "Status")), sizeof(container->status) - 1);
    snprintf(container->status, sizeof(container->status), "%s", status);
    free(status);
    container->running = field_bool(state, "Running") && !field_bool(state, "Restarting") &&
                         !field_bool(state, "Dead");
    container->paused = field_bool(state, "Paused");
    container->health =
        read_health(json_object_get(state, "Health"), json_object_get(config, "Healthcheck"));
    container->health_output = read_health_output(json_object_get(state, "Health"));
    read_end(container, state);
}

static void read_stop(struct container *container, const json_t *config)
{
    int number = signal_name_parse(view_str(field_str(config, "StopSignal")));
    json_int_t timeout_s = field_int(config, "StopTimeout", STOP_TIMEOUT_DEFAULT_S);
    container->stop_signal = number > 0 ? number : SIGTERM;
    container->stop_timeout_s = timeout_s < STOP_TIMEOUT_MAX_S ? timeout_s : STOP_TIMEOUT_MAX_S;
}

static void add_binding(struct container *container, uint16_t port, bool is_udp,
                        const json_t *published)
{
    struct container_binding *binding = &container->bindings[container->binding_count];
    const char *host_ip = field_str(published, "HostIp");
    uint64_t host_port;
    if (container->binding_count == CONTAINER_BINDINGS_MAX ||
        !view_parse_u64(view_str(field_str(published, "HostPort")), 65535, &host_port) ||
        host_port == 0)
        return;
    *binding = (struct container_binding){
        .port = port, .is_udp = is_udp, .host_port = (uint16_t)host_port};
    copy_ip(host_ip, binding->host_ip);
    if (host_ip[0] != '\0' && binding->host_ip[0] == '\0')
        return;
    container->binding_count++;
}

static int compare_bindings(const void *left, const void *right)
{
    const struct container_binding *a = left, *b = right;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    if (a->is_udp != b->is_udp)
        return a->is_udp ? 1 : -1;
    int by_ip = strcmp(a->host_ip, b->host_ip);
    return by_ip != 0 ? by_ip : (a->host_port > b->host_port) - (a->host_port < b->host_port);
}

static void read_bindings_of(struct container *container, const json_t *ports, bool of_udp)
{
    json_t *object = (json_t *)(uintptr_t)ports; /* jansson's iterators take no const */
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        uint16_t port = exposed_parse_of(json_object_iter_key(i), of_udp);
        const json_t *list = json_object_iter_value(i);
        for (size_t k = 0; port > 0 && k < json_array_size(list); k++)
            add_binding(container, port, of_udp, json_array_get(list, k));
    }
}

/* TCP first: of UDP whole ranges are published. */
static void read_bindings(struct container *container, const json_t *ports)
{
    container->bindings = memory_new(CONTAINER_BINDINGS_MAX * sizeof(container->bindings[0]));
    read_bindings_of(container, ports, false);
    read_bindings_of(container, ports, true);
    qsort(container->bindings, container->binding_count, sizeof(container->bindings[0]),
          compare_bindings);
    container->bindings = memory_resize(container->bindings, (container->binding_count + 1) *
                                                                 sizeof(container->bindings[0]));
}

static int compare_networks(const void *left, const void *right)
{
    const struct container_network *a = left, *b = right;
    int by_name = strcmp(a->name, b->name);
    return by_name != 0 ? by_name : strcmp(a->id.text, b->id.text);
}

static void read_networks(struct container *container, const json_t *networks)
{
    size_t count = json_object_size(networks);
    if (count > CONTAINER_NETWORKS_MAX)
        count = CONTAINER_NETWORKS_MAX;
    container->networks = memory_new((count + 1) * sizeof(container->networks[0]));
    void *i = json_object_iter((json_t *)(uintptr_t)networks);
    for (; i && container->network_count < count;
         i = json_object_iter_next((json_t *)(uintptr_t)networks, i)) {
        struct container_network *network = &container->networks[container->network_count++];
        const json_t *fields = json_object_iter_value(i);
        network->name = copy_name(json_object_iter_key(i));
        network_id_parse(view_str(field_str(fields, "NetworkID")), &network->id);
        copy_ip(field_str(fields, "Gateway"), network->gateway);
        copy_ip(field_str(fields, "IPv6Gateway"), network->gateway_ipv6);
        copy_ip(field_str(fields, "IPAddress"), network->ip);
        if (network->ip[0] == '\0')
            copy_ip(field_str(fields, "GlobalIPv6Address"), network->ip);
    }
    qsort(container->networks, container->network_count, sizeof(container->networks[0]),
          compare_networks);
}

static void read_network_mode(struct container *container, const char *mode)
{
    static const char shared[] = "container:";
    container->is_host_network = strcmp(mode, "host") == 0;
    if (strncmp(mode, shared, sizeof(shared) - 1) == 0)
        container->network_owner = copy_name(mode + sizeof(shared) - 1);
}

/* ---- its words ------------------------------------------------------------------------------ */

static bool is_on(const struct container *container, const char *network)
{
    for (size_t i = 0; i < container->network_count; i++)
        if (strcmp(container->networks[i].name, network) == 0)
            return true;
    return false;
}

/* Compose calls a network of the file PROJECT_NAME, a stack STACK_NAME: the short name means that one, where there is no
 * other of this name. */
static void lengthen_network(const struct container *container, const char *project, char **network)
{
    struct text full = TEXT_INIT;
    if (!*network || project[0] == '\0' || is_on(container, *network))
        return;
    text_appendf(&full, "%s_%s", project, *network);
    if (is_on(container, text_str(&full))) {
        free(*network);
        *network = memory_copy(text_str(&full), full.len);
    }
    text_fini(&full);
}

static void read_words(struct container *container, const struct dialect_container *said)
{
    offers_fini(&container->offers);
    dialect_read(said, &container->offers);
    const char *project = field_str(said->from.labels, "com.docker.compose.project");
    if (project[0] == '\0')
        project = field_str(said->from.labels, "com.docker.stack.namespace");
    for (size_t i = 0; i < container->offers.options_count; i++)
        lengthen_network(container, project, &container->offers.options[i]->network);
}

static void free_words(struct container_words *words)
{
    if (!words)
        return;
    json_decref(words->labels);
    json_decref(words->environment);
    json_decref(words->exposed);
    free(words->image);
    traefik_items_fini(&words->items);
    free(words);
}

static json_t *keep_json(const json_t *value)
{
    return json_incref((json_t *)(uintptr_t)value);
}

/* Those that name things which other containers may define. */
static void keep_words(struct container *container, const struct dialect_container *said)
{
    struct traefik_items items;
    traefik_items_read(said->from.labels, &items);
    if (items.count == 0) {
        traefik_items_fini(&items);
        return;
    }
    struct container_words *words = memory_new(sizeof(*words));
    words->labels = keep_json(said->from.labels);
    words->environment = keep_json(said->from.environment);
    words->exposed = keep_json(said->exposed);
    words->image = memory_copy(said->image, strlen(said->image));
    words->items = items;
    container->words = words;
}

void container_read_again(struct container *container, const struct dialect_settings *settings)
{
    const struct container_words *words = container->words;
    read_words(container, &(struct dialect_container){
                              .from = {.labels = words->labels, .environment = words->environment},
                              .exposed = words->exposed,
                              .image = words->image,
                              .name = container->name,
                              .settings = settings});
}

static void read_offers(struct container *container, const struct dialect_container *said)
{
    read_words(container, said);
    keep_words(container, said);
}

/* ---- all of it ------------------------------------------------------------------------------ */

struct container *container_from_inspect(const json_t *inspect,
                                         const struct dialect_settings *settings)
{
    const json_t *config = json_object_get(inspect, "Config");
    const json_t *state = json_object_get(inspect, "State");
    const json_t *network = json_object_get(inspect, "NetworkSettings");
    struct engine_id id;
    if (!engine_id_parse_container(view_str(field_str(inspect, "Id")), &id) ||
        !json_is_object(state))
        return NULL;
    struct container *container = memory_new(sizeof(*container));
    container->id = id;
    container->name = copy_name(field_str(inspect, "Name"));
    container->created_ns = time_text_parse(view_str(field_str(inspect, "Created")));
    container->is_inspected = true;
    read_state(container, state, config);
    read_stop(container, config);
    read_network_mode(container, field_str(json_object_get(inspect, "HostConfig"), "NetworkMode"));
    read_networks(container, json_object_get(network, "Networks"));
    read_bindings(container, json_object_get(network, "Ports"));
    const struct dialect_container said = {.from = {.labels = json_object_get(config, "Labels"),
                                                    .environment = json_object_get(config, "Env")},
                                           .exposed = json_object_get(config, "ExposedPorts"),
                                           .image = field_str(config, "Image"),
                                           .name = container->name,
                                           .settings = settings};
    container->image = clean_copy(view_str(said.image), LIMITS_NAME_BYTES_MAX);
    read_offers(container, &said);
    if (settings && settings->registers)
        container->papers = papers_read(&said);
    return container;
}

struct container *container_sketch(const struct container_outline *outline,
                                   const struct dialect_settings *settings)
{
    struct container *container = memory_new(sizeof(*container));
    container->id = *outline->id;
    container->name = copy_name(outline->name);
    container->created_ns = outline->created_ns;
    char *word = clean_copy(view_str(outline->status), sizeof(container->status) - 1);
    snprintf(container->status, sizeof(container->status), "%s", word);
    free(word);
    container->stop_signal = SIGTERM;
    container->stop_timeout_s = STOP_TIMEOUT_DEFAULT_S;
    read_offers(container, &(struct dialect_container){.from = {.labels = outline->labels},
                                                       .image = outline->image,
                                                       .name = container->name,
                                                       .settings = settings});
    return container;
}

void container_free(struct container *container)
{
    if (!container)
        return;
    for (size_t i = 0; i < container->network_count; i++)
        free(container->networks[i].name);
    free(container->networks);
    free(container->bindings);
    free(container->network_owner);
    free(container->error);
    free(container->health_output);
    free(container->name);
    free(container->image);
    papers_free(container->papers);
    offers_fini(&container->offers);
    free_words(container->words);
    free(container);
}

void container_rename(struct container *container, const char *name)
{
    free(container->name);
    container->name = copy_name(name);
}
