#include "discovery/file/file_endpoint.h"

#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "discovery/file/file_words.h"
#include "lb/contract/key.h"
#include "lb/contract/protocol.h"

static bool refuse(const struct file_place *place, const char *key, const char *what)
{
    struct file_place at = file_place_in_key(place, key);
    return file_place_refuse(&at, "%s", what);
}

bool file_endpoint_read_name(const struct file_place *place, const json_t *json, const char *key,
                             const char **out)
{
    const json_t *value = json_object_get(json, key);
    if (!value)
        return true;
    const char *text = json_string_value(value);
    if (!text || text[0] == '\0' || !clean_is_clean(view_str(text), LIMITS_NAME_BYTES_MAX))
        return refuse(place, key,
                      "a string of 1 to 512 bytes without control characters is accepted");
    *out = text;
    return true;
}

static bool read_address(const struct file_place *place, const json_t *json,
                         struct file_endpoint *out)
{
    struct address address;
    json_int_t port = field_int(json, KEY_PORT, 0);
    if (port < 1 || port > 65535)
        return refuse(place, KEY_PORT, "a number from 1 to 65535 is needed");
    if (!address_parse_ip(view_str(field_str(json, KEY_ADDRESS)), (uint16_t)port, &address))
        return refuse(
            place, KEY_ADDRESS,
            "an IPv4 or IPv6 address as a string is needed (host names are not looked up)");
    address_format_ip(&address, out->address);
    address_format(&address, out->address_port);
    out->endpoint.address = out->address;
    out->endpoint.port = (uint16_t)port;
    return true;
}

bool file_endpoint_read_protocol(const struct file_place *place, const json_t *json,
                                 const char **out)
{
    const char *text = json_string_value(json_object_get(json, KEY_PROTOCOL));
    if (!json_object_get(json, KEY_PROTOCOL))
        return true;
    enum protocol protocol = protocol_parse(view_str(text));
    if (protocol == PROTOCOL_COUNT)
        return refuse(place, KEY_PROTOCOL, "http, https, h2c, tcp or udp is accepted");
    *out = protocol_word(protocol);
    return true;
}

/* What it says itself counts more than that it drains. */
static bool read_state(const struct file_place *place, const json_t *json,
                       struct file_endpoint *out)
{
    out->endpoint.state = out->options.drains ? ENDPOINT_DRAINING : ENDPOINT_READY;
    if (json_object_get(json, KEY_STATE) &&
        !endpoint_state_parse(field_str(json, KEY_STATE), &out->endpoint.state))
        return refuse(place, KEY_STATE,
                      "ready, starting, draining, unhealthy or paused is accepted");
    return true;
}

static void take_options(struct file_endpoint *out)
{
    const struct file_options *options = &out->options;
    out->endpoint.weight = options->weight;
    out->endpoint.check = options->has_check ? &options->check : NULL;
    out->endpoint.slow_start_ms = options->has_slow_start ? &options->slow_start_ms : NULL;
    out->endpoint.waits = options->waits;
    out->endpoint.capacity = options->capacity;
}

bool file_endpoint_read(const struct file_place *place, const json_t *json, const char *service,
                        const char *protocol, const struct file_options *options,
                        struct file_endpoint *out)
{
    struct set_endpoint *endpoint = &out->endpoint;
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    file_words_tell_unknown(place, FILE_ENDPOINT, json, "it does nothing");
    out->options = *options;
    endpoint->protocol = protocol;
    if (!read_address(place, json, out) ||
        !file_endpoint_read_name(place, json, KEY_ID, &endpoint->id) ||
        !file_endpoint_read_name(place, json, KEY_NAME, &endpoint->name) ||
        !file_endpoint_read_protocol(place, json, &endpoint->protocol) ||
        !file_options_read(place, json, &out->options) || !read_state(place, json, out))
        return false;
    take_options(out);
    endpoint->service = service;
    endpoint->cause = "file";
    if (strcmp(endpoint->protocol, protocol_word(PROTOCOL_UDP)) == 0)
        memcpy(out->address_port + strlen(out->address_port), "/udp", sizeof("/udp"));
    if (!endpoint->id)
        endpoint->id = out->address_port;
    if (!endpoint->name)
        endpoint->name = endpoint->id;
    return true;
}
