#include "discovery/swarm/portrait.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "discovery/swarm/swarm_id.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

#define PUBLISHED_MAX 256

/* ---- its words ------------------------------------------------------------------------------ */

static void add_all(json_t *to, const json_t *from)
{
    if (json_is_object(from))
        json_object_update(to, (json_t *)(uintptr_t)from);
}

/* The engine gives each container of a service the last three of these by itself. */
static json_t *make_labels(const struct portrait_sitter *sitter, const json_t *spec)
{
    json_t *labels = json_object();
    add_all(labels, sitter->image ? sitter->image->labels : NULL);
    add_all(labels, sitter->service->labels);
    add_all(labels, json_object_get(spec, "Labels"));
    json_object_set_new(labels, "com.docker.swarm.service.name",
                        json_string(sitter->service->name));
    json_object_set_new(labels, "com.docker.swarm.service.id",
                        json_string(sitter->service->id.text));
    json_object_set_new(labels, "com.docker.swarm.task.id",
                        json_string(field_str(sitter->task, "ID")));
    return labels;
}

/* What comes later counts. */
static json_t *make_environment(const struct portrait_sitter *sitter, const json_t *spec)
{
    json_t *environment = json_array();
    const json_t *given = json_object_get(spec, "Env");
    if (sitter->image && json_is_array(sitter->image->environment))
        json_array_extend(environment, sitter->image->environment);
    if (json_is_array(given))
        json_array_extend(environment, (json_t *)(uintptr_t)given);
    return environment;
}

/* "80/tcp"; false where there is no such port. */
static bool format_port(const json_t *entry, char out[32])
{
    json_int_t port = field_int(entry, "TargetPort", 0);
    const char *protocol = field_str(entry, "Protocol");
    if (port < 1 || port > 65535)
        return false;
    snprintf(out, 32, "%u/%s", (unsigned)port, strcmp(protocol, "udp") == 0 ? "udp" : "tcp");
    return true;
}

/* A service says which ports count by publishing them; where it does not, its image does. */
static json_t *make_exposed(const struct portrait_sitter *sitter)
{
    const json_t *ports = sitter->service->ports;
    json_t *exposed = json_object();
    char port[32];
    for (size_t i = 0; i < json_array_size(ports) && i < PUBLISHED_MAX; i++)
        if (format_port(json_array_get(ports, i), port))
            json_object_set_new(exposed, port, json_object());
    if (json_object_size(exposed) == 0)
        add_all(exposed, sitter->image ? sitter->image->exposed : NULL);
    return exposed;
}

/* ---- where it is ---------------------------------------------------------------------------- */

/* "10.0.1.3/24" of one IP version. */
static void copy_address(const json_t *addresses, bool of_ipv6, char out[ADDRESS_TEXT_BYTES])
{
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(addresses) && out[0] == '\0'; i++) {
        const char *text = json_string_value(json_array_get(addresses, i));
        struct view rest = view_str(text ? text : ""), ip = view_cut(&rest, '/');
        bool is_ipv6 = memchr(ip.ptr, ':', ip.len) != NULL;
        if (is_ipv6 == of_ipv6 && ip.len < ADDRESS_TEXT_BYTES)
            snprintf(out, ADDRESS_TEXT_BYTES, "%.*s", (int)ip.len, ip.ptr);
    }
}

static bool is_on_hosts_network(const json_t *attachment)
{
    const json_t *spec = json_object_get(json_object_get(attachment, "Network"), "Spec");
    return strcmp(field_str(spec, "Name"), "host") == 0;
}

static json_t *make_networks(const struct portrait_sitter *sitter, bool *is_host)
{
    const json_t *attachments = json_object_get(sitter->task, "NetworksAttachments");
    json_t *networks = json_object();
    for (size_t i = 0; i < json_array_size(attachments) && i < CONTAINER_NETWORKS_MAX; i++) {
        const json_t *attachment = json_array_get(attachments, i);
        const json_t *network = json_object_get(attachment, "Network");
        const json_t *addresses = json_object_get(attachment, "Addresses");
        char ipv4[ADDRESS_TEXT_BYTES], ipv6[ADDRESS_TEXT_BYTES];
        *is_host |= is_on_hosts_network(attachment);
        copy_address(addresses, false, ipv4);
        copy_address(addresses, true, ipv6);
        json_object_set_new(networks, field_str(json_object_get(network, "Spec"), "Name"),
                            json_pack("{s:s,s:s,s:s}", "NetworkID", field_str(network, "ID"),
                                      "IPAddress", ipv4, "GlobalIPv6Address", ipv6));
    }
    return networks;
}

/* A port of a node's. Those of this very host are reached as the host is, whatever its address. */
static void publish(json_t *ports, const struct portrait_sitter *sitter, const char *port,
                    unsigned host_port)
{
    const char *ip = sitter->is_here ? "0.0.0.0" : sitter->node ? sitter->node->address : "";
    char number[16];
    if (ip[0] == '\0' || host_port < 1 || host_port > 65535)
        return;
    snprintf(number, sizeof(number), "%u", host_port);
    json_object_set_new(ports, port, json_pack("[{s:s,s:s}]", "HostIp", ip, "HostPort", number));
}

/* What it publishes on its own node, past the routing mesh. */
static json_t *make_ports(const struct portrait_sitter *sitter, const json_t *exposed, bool is_host)
{
    const json_t *status = json_object_get(sitter->task, "Status");
    const json_t *list = json_object_get(json_object_get(status, "PortStatus"), "Ports");
    json_t *ports = json_object();
    char port[32];
    for (size_t i = 0; i < json_array_size(list) && i < PUBLISHED_MAX; i++) {
        const json_t *entry = json_array_get(list, i);
        if (strcmp(field_str(entry, "PublishMode"), "host") == 0 && format_port(entry, port))
            publish(ports, sitter, port, (unsigned)field_int(entry, "PublishedPort", 0));
    }
    json_t *all = is_host && !sitter->is_here ? (json_t *)(uintptr_t)exposed : NULL;
    for (void *i = json_object_iter(all); i; i = json_object_iter_next(all, i))
        publish(ports, sitter, json_object_iter_key(i),
                (unsigned)strtoul(json_object_iter_key(i), NULL, 10));
    return ports;
}

/* ---- how it lives --------------------------------------------------------------------------- */

static bool has_container(const json_t *task)
{
    struct engine_id id;
    const json_t *status = json_object_get(task, "Status");
    return engine_id_parse_container(
        view_str(field_str(json_object_get(status, "ContainerStatus"), "ContainerID")), &id);
}

/* One that is "starting" runs, and its HEALTHCHECK has not passed yet. */
static json_t *make_state(const json_t *task)
{
    const json_t *status = json_object_get(task, "Status");
    const char *word = field_str(status, "State");
    bool is_starting = strcmp(word, "starting") == 0;
    bool is_running = has_container(task) && (is_starting || strcmp(word, "running") == 0);
    json_t *state = json_pack("{s:s,s:b,s:s}", "Status", word, "Running", is_running, "Error",
                              field_str(status, "Err"));
    if (is_running && is_starting)
        json_object_set_new(state, "Health", json_pack("{s:s}", "Status", "starting"));
    return state;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* As the engine calls its container: shop.1.nxf6waxn6lpw0rxy5z1mhrlfp, of a global service shop.NODE.…. */
static json_t *make_name(const struct portrait_sitter *sitter)
{
    json_int_t slot = field_int(sitter->task, "Slot", 0);
    struct text name = TEXT_INIT;
    text_append_str(&name, sitter->service->name);
    if (slot > 0)
        text_appendf(&name, ".%lld", (long long)slot);
    else
        text_appendf(&name, ".%s", field_str(sitter->task, "NodeID"));
    text_appendf(&name, ".%s", field_str(sitter->task, "ID"));
    json_t *string = json_string(text_str(&name));
    text_fini(&name);
    return string;
}

static json_t *make_inspect(const struct portrait_sitter *sitter)
{
    const json_t *spec = json_object_get(json_object_get(sitter->task, "Spec"), "ContainerSpec");
    bool is_host = false;
    char id[ENGINE_ID_LEN + 1];
    memset(id, '0', ENGINE_ID_LEN);
    id[ENGINE_ID_LEN] = '\0';
    json_t *networks = make_networks(sitter, &is_host), *exposed = make_exposed(sitter);
    json_t *ports = make_ports(sitter, exposed, is_host);
    return json_pack("{s:s,s:o,s:s,s:o,s:{s:s},s:{s:o,s:o},s:{s:o,s:o,s:o,s:s}}", "Id", id, "Name",
                     make_name(sitter), "Created", field_str(sitter->task, "CreatedAt"), "State",
                     make_state(sitter->task), "HostConfig", "NetworkMode",
                     is_host && sitter->is_here ? "host" : "default", "NetworkSettings", "Networks",
                     networks, "Ports", ports, "Config", "Labels", make_labels(sitter, spec), "Env",
                     make_environment(sitter, spec), "ExposedPorts", exposed, "Image",
                     field_str(spec, "Image"));
}

bool portrait_id(const json_t *task, struct engine_id *out)
{
    const json_t *status = json_object_get(task, "Status");
    struct swarm_id id;
    *out = (struct engine_id){""};
    if (!swarm_id_parse(view_str(field_str(task, "ID")), &id))
        return false;
    if (!engine_id_parse_container(
            view_str(field_str(json_object_get(status, "ContainerStatus"), "ContainerID")), out))
        snprintf(out->text, sizeof(out->text), "%s", id.text);
    return true;
}

static char *say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *say(const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    char *sentence = clean_copy(text_view(&text), LIMITS_SENTENCE_BYTES_MAX);
    text_fini(&text);
    return sentence;
}

static void judge_node(struct container *container, const struct swarm_node *node)
{
    if (!container->running || !node || !node->is_down)
        return;
    container->health = CONTAINER_HEALTH_UNHEALTHY;
    free(container->health_output);
    container->health_output = say("its node %.256s is down", node->name);
}

/* What is said of a container that exposes no port, is not all that can be said of a service. */
static void explain_no_port(struct container *container, const struct portrait_sitter *sitter)
{
    struct offers *offers = &container->offers;
    bool is_known = sitter->image && sitter->image->is_known;
    if (offers->fault != LEFT_OUT_NO_PORT || is_known)
        return;
    free(offers->fault_detail);
    offers->fault_detail =
        say("neither lb.port nor SERVICE_PORT names a TCP port, its service publishes none, and "
            "which ones its image %.128s exposes is not known here, as this node does not have it",
            field_str(json_object_get(json_object_get(sitter->task, "Spec"), "ContainerSpec"),
                      "Image"));
}

struct container *portrait_make(const struct portrait_sitter *sitter,
                                const struct dialect_settings *settings)
{
    struct engine_id id;
    if (!portrait_id(sitter->task, &id))
        return NULL;
    json_t *inspect = make_inspect(sitter);
    struct container *container = container_from_inspect(inspect, settings);
    json_decref(inspect);
    if (!container)
        return NULL;
    container->id = id;
    container->is_task = true;
    container->is_remote = !sitter->is_here;
    judge_node(container, sitter->node);
    explain_no_port(container, sitter);
    return container;
}
