#include "lb/follow/facts.h"

#include "lb/contract/key.h"
#include "lb/contract/limits.h"

static const char *get_sentence(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    size_t len = json_string_length(value);
    return len > 0 && len <= LIMITS_SENTENCE_BYTES_MAX ? json_string_value(value) : NULL;
}

void facts_read(const json_t *object, struct facts *facts)
{
    const char *ip = get_sentence(object, KEY_ADDRESS);
    json_int_t port = json_integer_value(json_object_get(object, KEY_PORT));
    struct address address;
    *facts = (struct facts){.service_from = get_sentence(object, KEY_SERVICE_FROM),
                            .port_from = get_sentence(object, KEY_PORT_FROM),
                            .address_from = get_sentence(object, KEY_ADDRESS_FROM),
                            .health = get_sentence(object, KEY_HEALTH)};
    if (port < 1 || port > UINT16_MAX)
        return;
    facts->port = (unsigned)port;
    if (ip && address_parse_ip(view_str(ip), (uint16_t)port, &address))
        address_format(&address, facts->address);
}

static void append_from(const char *from, struct text *out)
{
    if (from)
        text_appendf(out, " (%s)", from);
    text_append_char(out, '.');
}

void facts_append(const struct facts *facts, const char *address, const char *service,
                  struct text *out)
{
    if (!address && facts->address[0] != '\0')
        address = facts->address;
    if (address) {
        text_appendf(out, " Address: %s", address);
        append_from(facts->address_from, out);
    }
    if (facts->port > 0 && (facts->port_from || !address)) {
        text_appendf(out, " Port: %u", facts->port);
        append_from(facts->port_from, out);
    }
    if (service && service[0] != '\0') {
        text_appendf(out, " Service: %s", service);
        append_from(facts->service_from, out);
    }
}

static void write_if_told(struct json_writer *json, const char *key, const char *value)
{
    if (value)
        json_writer_field_str(json, key, value);
}

void facts_write(const struct facts *facts, struct json_writer *json)
{
    write_if_told(json, "service_from", facts->service_from);
    if (facts->port > 0)
        json_writer_field_uint(json, "port", facts->port);
    write_if_told(json, "port_from", facts->port_from);
    write_if_told(json, "address_from", facts->address_from);
    write_if_told(json, "health", facts->health);
}

json_t *facts_index(const struct membership *membership)
{
    const json_t *services = json_object_get(membership->line.root, KEY_SERVICES);
    json_t *index = json_object();
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *endpoints = json_object_get(json_array_get(services, i), KEY_ENDPOINTS);
        for (size_t j = 0; j < json_array_size(endpoints); j++) {
            json_t *endpoint = json_array_get(endpoints, j);
            const char *id = json_string_value(json_object_get(endpoint, KEY_ID));
            if (id)
                json_object_set(index, id, endpoint);
        }
    }
    return index;
}
