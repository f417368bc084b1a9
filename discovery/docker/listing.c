#include "discovery/docker/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/field.h"
#include "lb/base/hash.h"

/* The year 2500 or so. */
#define CREATED_MAX_S INT64_C(16725225600)

static uint64_t hash_json(uint64_t hash, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    hash = hash_str(hash, text ? text : "");
    free(text);
    return hash;
}

/* "Up 7 seconds (healthy)": the health in it matters, the age does not. */
static uint64_t hash_health(uint64_t hash, const char *status)
{
    const char *open = strrchr(status, '(');
    return hash_str(hash, open ? open : "");
}

/* "Exited (137) 2 minutes ago" */
static int read_exit_code(const char *status)
{
    struct view rest = view_str(status);
    uint64_t code;
    view_cut(&rest, '(');
    return strncmp(status, "Exited (", 8) == 0 && view_parse_u64(view_cut(&rest, ')'), 255, &code)
               ? (int)code
               : -1;
}

bool listing_read(const json_t *entry, struct listing *out)
{
    *out = (struct listing){.name = "", .labels = json_object_get(entry, "Labels")};
    if (!engine_id_parse_container(view_str(field_str(entry, "Id")), &out->id))
        return false;
    const char *name = json_string_value(json_array_get(json_object_get(entry, "Names"), 0));
    if (name)
        out->name = name;
    out->state = field_str(entry, "State");
    out->image = field_str(entry, "Image");
    json_int_t created_s = field_int(entry, "Created", 0);
    out->created_ns =
        created_s > 0 && created_s < CREATED_MAX_S ? (uint64_t)created_s * 1000000000 : 0;
    out->exit_code = read_exit_code(field_str(entry, "Status"));
    out->is_alive = strcmp(out->state, "running") == 0 || strcmp(out->state, "paused") == 0;
    uint64_t hash = hash_str(HASH_INIT, out->state);
    hash = hash_str(hash, out->name);
    if (out->is_alive)
        hash = hash_health(hash, field_str(entry, "Status"));
    hash = hash_json(hash, json_object_get(entry, "NetworkSettings"));
    hash = hash_json(hash, json_object_get(entry, "Ports"));
    out->fingerprint = hash != 0 ? hash : 1;
    return true;
}

/* ---- in place of an inspect ------------------------------------------------------------------ */

static json_t *read_state(const json_t *entry)
{
    const char *word = field_str(entry, "State"), *status = field_str(entry, "Status");
    bool is_paused = strcmp(word, "paused") == 0;
    json_t *state = json_pack("{s:s,s:b,s:b}", "Status", word, "Running",
                              is_paused || strcmp(word, "running") == 0, "Paused", is_paused);
    const char *health = strstr(status, "(healthy)")            ? "healthy"
                         : strstr(status, "(unhealthy)")        ? "unhealthy"
                         : strstr(status, "(health: starting)") ? "starting"
                                                                : NULL;
    if (health)
        json_object_set_new(state, "Health", json_pack("{s:s}", "Status", health));
    return state;
}

static json_t *list_of(json_t *object, const char *key)
{
    if (!json_object_get(object, key))
        json_object_set_new(object, key, json_array());
    return json_object_get(object, key);
}

/* [{"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},…] */
static void read_ports(const json_t *entry, json_t *exposed, json_t *published)
{
    const json_t *ports = json_object_get(entry, "Ports");
    for (size_t i = 0; i < json_array_size(ports); i++) {
        const json_t *port = json_array_get(ports, i);
        char key[32], host_port[16];
        json_int_t number = field_int(port, "PublicPort", 0);
        snprintf(key, sizeof(key), "%u/%.6s", (unsigned)field_int(port, "PrivatePort", 0),
                 field_str(port, "Type"));
        snprintf(host_port, sizeof(host_port), "%u", (unsigned)number);
        json_object_set_new(exposed, key, json_object());
        if (number > 0)
            json_array_append_new(
                list_of(published, key),
                json_pack("{s:s,s:s}", "HostIp", field_str(port, "IP"), "HostPort", host_port));
    }
}

static json_t *borrow(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return value ? json_incref(value) : json_null();
}

json_t *listing_as_inspect(const json_t *entry)
{
    const char *name = json_string_value(json_array_get(json_object_get(entry, "Names"), 0));
    json_t *exposed = json_object(), *published = json_object();
    read_ports(entry, exposed, published);
    return json_pack("{s:o,s:s,s:o,s:{s:o,s:s,s:o},s:o,s:{s:o,s:o}}", "Id", borrow(entry, "Id"),
                     "Name", name ? name : "", "State", read_state(entry), "Config", "Labels",
                     borrow(entry, "Labels"), "Image", field_str(entry, "Image"), "ExposedPorts",
                     exposed, "HostConfig", borrow(entry, "HostConfig"), "NetworkSettings",
                     "Networks", borrow(json_object_get(entry, "NetworkSettings"), "Networks"),
                     "Ports", published);
}
