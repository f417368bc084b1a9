#include "discovery/consul/catalog_entry.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"
#include "lb/contract/limits.h"

#define NAME_BYTES_MAX  250u
#define ID_BYTES_MAX    (2 * NAME_BYTES_MAX + 1)
#define SHOWN_BYTES_MAX 64u

/* ---- its health ----------------------------------------------------------------------------- */

enum verdict { VERDICT_PASSING, VERDICT_WARNING, VERDICT_CRITICAL, VERDICT_MAINTENANCE };

static const struct {
    const char *cause;
    enum endpoint_state state;
} verdicts[] = {
    [VERDICT_PASSING] = {"passing", ENDPOINT_READY},
    [VERDICT_WARNING] = {"warning", ENDPOINT_READY},
    [VERDICT_CRITICAL] = {"critical", ENDPOINT_UNHEALTHY},
    [VERDICT_MAINTENANCE] = {"maintenance", ENDPOINT_DRAINING},
};

/* A word that is none of Consul's is not taken for good news. */
static enum verdict judge(const json_t *check, const char *service_id)
{
    static const struct view of_service = {"_service_maintenance:", 21};
    const char *status = field_str(check, "Status"), *id = field_str(check, "CheckID");
    if (strcmp(status, "passing") == 0)
        return VERDICT_PASSING;
    if (strcmp(status, "warning") == 0)
        return VERDICT_WARNING;
    bool is_maintenance =
        strcmp(id, "_node_maintenance") == 0 || (view_starts_with(view_str(id), of_service) &&
                                                 strcmp(id + of_service.len, service_id) == 0);
    return is_maintenance ? VERDICT_MAINTENANCE : VERDICT_CRITICAL;
}

/* "Serf Health Status: Agent not live or unreachable". Gives. */
static char *tell_check(const json_t *check)
{
    const char *name = field_str(check, "Name");
    struct text text = TEXT_INIT;
    text_appendf(&text, "%s: %s", name[0] != '\0' ? name : field_str(check, "CheckID"),
                 field_str(check, "Output"));
    char *sentence = clean_sentence(text_view(&text), CATALOG_ENTRY_HEALTH_BYTES_MAX);
    text_fini(&text);
    return sentence;
}

/* The worst counts, and of several that are as bad the first one is told. */
static void read_checks(const json_t *checks, const char *service_id, struct catalog_entry *out)
{
    enum verdict worst = VERDICT_PASSING;
    const json_t *culprit = NULL;
    for (size_t i = 0; i < json_array_size(checks); i++) {
        enum verdict verdict = judge(json_array_get(checks, i), service_id);
        if (verdict > worst) {
            worst = verdict;
            culprit = json_array_get(checks, i);
        }
    }
    out->state = verdicts[worst].state;
    out->cause = verdicts[worst].cause;
    out->is_warning = worst == VERDICT_WARNING;
    if (out->is_warning && out->warning_weight == 0)
        out->state = ENDPOINT_DRAINING;
    if (culprit)
        out->health = tell_check(culprit);
}

/* ---- where it is ---------------------------------------------------------------------------- */

static void refuse(struct catalog_entry *out, enum left_out_reason reason, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

static void refuse(struct catalog_entry *out, enum left_out_reason reason, const char *remedy,
                   const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    if (!out->detail) {
        out->reason = reason;
        out->remedy = remedy;
        out->detail = clean_copy(text_view(&text), LIMITS_SENTENCE_BYTES_MAX);
    }
    text_fini(&text);
}

/* A port is a number; whatever else is there is 0. */
static uint16_t read_port(const json_t *object, const char *key)
{
    json_int_t port = field_int(object, key, 0);
    return port > 0 && port <= 65535 ? (uint16_t)port : 0;
}

static const char *find_address(const json_t *node, const json_t *service,
                                const struct catalog_entry_rules *rules, struct catalog_entry *out)
{
    const json_t *tagged =
        rules->address_key
            ? json_object_get(json_object_get(service, "TaggedAddresses"), rules->address_key)
            : NULL;
    out->port = read_port(service, "Port");
    out->port_from = "its port in the catalog";
    if (field_str(tagged, "Address")[0] != '\0') {
        if (read_port(tagged, "Port") > 0)
            out->port = read_port(tagged, "Port");
        out->port_from = out->address_from = "its tagged address that --consul-address asks for";
        return field_str(tagged, "Address");
    }
    out->address_from = "its address in the catalog";
    if (field_str(service, "Address")[0] != '\0')
        return field_str(service, "Address");
    /* Of the node's tagged addresses, as the service has none of its own. */
    const char *by_key =
        rules->address_key ? field_str(json_object_get(node, "TaggedAddresses"), rules->address_key)
                           : "";
    out->address_from = "the address of its node, as it has none of its own";
    return by_key[0] != '\0' ? by_key : field_str(node, "Address");
}

static void place(const char *text, struct catalog_entry *out)
{
    struct address address;
    char *shown = clean_copy(view_str(text), SHOWN_BYTES_MAX);
    if (text[0] == '\0') {
        refuse(out, LEFT_OUT_NO_ADDRESS, "Register it with an address.",
               "neither it nor its node has an address");
    } else if (!address_parse_ip(view_str(text), 0, &address)) {
        refuse(out, LEFT_OUT_BAD_ADDRESS,
               "Register it with its IP address; lb asks no resolver for what a catalog says.",
               "its address %s is no IP address", shown);
    } else if (address_is_loopback(&address) && !out->is_local) {
        refuse(out, LEFT_OUT_BAD_ADDRESS,
               "Register it with an address that others reach. If it runs on this host, name the "
               "node: "
               "--consul-node.",
               "its address %s is its own host's, and that is the node %s", shown, out->node);
    } else {
        address_format_ip(&address, out->address);
        out->is_on_host = address_is_loopback(&address);
    }
    free(shown);
}

static void read_place(const json_t *node, const json_t *service,
                       const struct catalog_entry_rules *rules, struct catalog_entry *out)
{
    out->is_local = rules->own_node && strcmp(rules->own_node, out->node) == 0;
    place(find_address(node, service, rules, out), out);
    if (rules->port > 0) {
        out->port = rules->port;
        out->port_from = "--consul-port";
    }
}

/* ---- the rest ------------------------------------------------------------------------------- */

static unsigned read_weight(const json_t *weights, const char *key)
{
    json_int_t weight = field_int(weights, key, 1);
    if (weight < 0)
        return 0;
    return weight < (json_int_t)CATALOG_ENTRY_WEIGHT_MAX ? (unsigned)weight
                                                         : CATALOG_ENTRY_WEIGHT_MAX;
}

/* What lb has written into the Meta of what it registered: "8484" or "53/udp" of which container. */
static void read_twin(const json_t *meta, struct catalog_entry *out)
{
    struct engine_id id;
    uint64_t port;
    struct view word = view_str(field_str(meta, "lb-port")), number = view_cut(&word, '/');
    bool is_udp = view_eq(word, VIEW("udp"));
    if (!engine_id_parse_container(view_str(field_str(meta, "lb-container")), &id) ||
        (word.ptr && !is_udp) || !view_parse_u64(number, 65535, &port) || port == 0)
        return;
    endpoint_id_format(id.text, (uint16_t)port, is_udp ? "udp" : "tcp", out->twin,
                       sizeof(out->twin));
}

static uint64_t hash_words(const struct catalog_entry *entry)
{
    uint64_t hash = hash_view(HASH_INIT, view_of((const char *)&entry->port, sizeof(entry->port)));
    for (size_t i = 0; i < json_array_size(entry->tags); i++)
        hash = hash_str(hash, json_string_value(json_array_get(entry->tags, i)));
    return hash;
}

static uint64_t read_index(const json_t *object, const char *key)
{
    json_int_t index = field_int(object, key, 0);
    return index > 0 ? (uint64_t)index : 0;
}

static bool is_name(const char *text)
{
    return text[0] != '\0' && clean_is_clean(view_str(text), NAME_BYTES_MAX);
}

/* NODE/ID, where a slash of the node does not count. */
static struct text join_id(const char *node, const char *id)
{
    struct text full = TEXT_INIT;
    for (const char *byte = node; *byte; byte++)
        if (*byte == '/' || *byte == '%')
            text_appendf(&full, "%%%02X", (unsigned)*byte);
        else
            text_append(&full, view_of(byte, 1));
    text_appendf(&full, "/%s", id);
    return full;
}

bool catalog_entry_read(const json_t *item, const char *service_name,
                        const struct catalog_entry_rules *rules, struct catalog_entry *out)
{
    const json_t *node = json_object_get(item, "Node"), *service = json_object_get(item, "Service");
    const char *node_name = field_str(node, "Node"), *id = field_str(service, "ID");
    *out = (struct catalog_entry){.reason = LEFT_OUT_REASON_COUNT};
    if (!is_name(node_name) || !is_name(id) ||
        strcmp(field_str(service, "Service"), service_name) != 0)
        return false;
    struct text full = join_id(node_name, id);
    if (full.len > ID_BYTES_MAX) {
        text_fini(&full);
        return false;
    }
    out->id = full.bytes;
    out->name = memory_copy(id, strlen(id));
    out->node = memory_copy(node_name, strlen(node_name));
    out->create_index = read_index(service, "CreateIndex");
    out->modify_index = read_index(service, "ModifyIndex");
    const json_t *weights = json_object_get(service, "Weights");
    out->passing_weight = read_weight(weights, "Passing");
    out->warning_weight = read_weight(weights, "Warning");
    read_checks(json_object_get(item, "Checks"), id, out);
    read_place(node, service, rules, out);
    read_twin(json_object_get(service, "Meta"), out);
    out->tags = json_object_get(service, "Tags");
    out->words_hash = hash_words(out);
    return true;
}

void catalog_entry_fini(struct catalog_entry *entry)
{
    free(entry->id);
    free(entry->name);
    free(entry->node);
    free(entry->health);
    free(entry->detail);
    *entry = (struct catalog_entry){0};
}

unsigned catalog_entry_weigh(const struct catalog_entry *entry, unsigned heaviest)
{
    unsigned weight = entry->is_warning ? entry->warning_weight : entry->passing_weight;
    if (heaviest > LIMITS_WEIGHT_MAX)
        weight = (weight * LIMITS_WEIGHT_MAX + heaviest / 2) / heaviest;
    return weight > 0 ? weight : 1;
}
