#include "lb/follow/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/follow/member_capacity.h"
#include "lb/follow/member_waits.h"
#include "lb/follow/serving.h"

void member_fini(struct pool_wanted_endpoint *member)
{
    free(member->check);
    member->check = NULL;
}

static bool refuse(const struct member_place *place, const char *field, const char *what)
{
    text_appendf(place->problem, "services[%zu].endpoints[%zu].%s: %s", place->service,
                 place->endpoint, field, what);
    return false;
}

const char *member_string(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value && value[0] && strlen(value) <= LIMITS_NAME_BYTES_MAX ? value : NULL;
}

const char *member_container(const json_t *object)
{
    const json_t *container = json_object_get(object, KEY_CONTAINER);
    return json_string_value(container ? container : json_object_get(object, KEY_ID));
}

json_int_t member_int(const json_t *object, const char *key, json_int_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return otherwise;
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

/* What the labels say of checks. Words of a later version are passed over. */
static bool read_check(const struct member_place *place, const json_t *object, struct check *check)
{
    const char *word;
    char field[32];
    if (!json_is_object(object))
        return refuse(place, KEY_CHECK, "want an object");
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        const json_t *value = json_object_get(object, word);
        if (!value || check_set(check, view_str(word), view_str(json_string_value(value))))
            continue;
        snprintf(field, sizeof(field), "check.%s", word);
        struct text want = TEXT_INIT;
        text_appendf(&want, "want %s, as a string", check_accepted(view_str(word)));
        refuse(place, field, text_str(&want));
        text_fini(&want);
        return false;
    }
    return true;
}

static bool read_health(const struct member_place *place, const json_t *object,
                        struct pool_wanted_endpoint *out)
{
    const json_t *given = json_object_get(object, KEY_CHECK);
    json_int_t slow_start_ms = member_int(object, KEY_SLOW_START_MS, 0);
    if (slow_start_ms < 0 || slow_start_ms > LIMITS_WAIT_MS_MAX)
        return refuse(place, KEY_SLOW_START_MS, "want an integer from 0 to 86400000");
    out->has_slow_start = json_object_get(object, KEY_SLOW_START_MS) != NULL;
    out->slow_start_ms = (unsigned)slow_start_ms;
    struct member_waits_refusal waits;
    if (!member_waits_read(object, &out->waits, &waits))
        return refuse(place, waits.field, waits.want);
    const char *want, *wrong = member_capacity_read(object, &out->capacity, &want);
    if (wrong)
        return refuse(place, wrong, want);
    if (!given)
        return true;
    out->check = memory_new(sizeof(*out->check));
    return read_check(place, given, out->check);
}

/* Which of the servers of a container it is. Protocols that are not known are for others to judge. */
static bool read_identity(const struct member_place *place, const json_t *object,
                          struct pool_wanted_endpoint *out)
{
    out->id = member_string(object, KEY_ID);
    out->container =
        json_object_get(object, KEY_CONTAINER) ? member_string(object, KEY_CONTAINER) : out->id;
    if (!out->id)
        return refuse(place, KEY_ID, "want a string of 1 to 512 bytes");
    const json_t *service = place->ids ? json_object_get(place->ids, out->id) : NULL;
    if (service && (size_t)json_integer_value(service) == place->service)
        return refuse(place, KEY_ID, "want one that no other endpoint of the service has");
    if (place->ids)
        json_object_set_new(place->ids, out->id, json_integer((json_int_t)place->service));
    if (!out->container)
        return refuse(place, KEY_CONTAINER, "want a string of 1 to 512 bytes");
    if (json_object_get(object, KEY_PROTOCOL) && !member_string(object, KEY_PROTOCOL))
        return refuse(place, KEY_PROTOCOL, "want a string of 1 to 512 bytes");
    return true;
}

bool member_read(const struct member_place *place, const json_t *object,
                 struct pool_wanted_endpoint *out)
{
    const char *ip = member_string(object, KEY_ADDRESS);
    const char *state = member_string(object, KEY_STATE);
    const char *cause = member_string(object, KEY_CAUSE);
    json_int_t port = member_int(object, KEY_PORT, -1);
    json_int_t weight = member_int(object, KEY_WEIGHT, 1);
    json_int_t cause_time_ns = member_int(object, KEY_CAUSE_TIME_NS, 0);
    out->name = member_string(object, KEY_NAME);
    out->cause = cause ? cause : "list";
    out->cause_time_ns = cause_time_ns > 0 ? (uint64_t)cause_time_ns : 0;
    if (!read_identity(place, object, out))
        return false;
    if (!out->name)
        return refuse(place, KEY_NAME, "want a string of 1 to 512 bytes");
    if (port < 1 || port > UINT16_MAX)
        return refuse(place, KEY_PORT, "want an integer from 1 to 65535");
    if (!ip || !address_parse_ip(view_str(ip), (uint16_t)port, &out->address))
        return refuse(place, KEY_ADDRESS, "want an IP address");
    if (weight < 1 || weight > (json_int_t)LIMITS_WEIGHT_MAX)
        return refuse(place, KEY_WEIGHT, "want an integer from 1 to 256");
    if (!state || !endpoint_state_parse(state, &out->state))
        return refuse(place, KEY_STATE, "want ready, starting, draining, paused or unhealthy");
    out->weight = (unsigned)weight;
    out->is_local = json_is_true(json_object_get(object, KEY_LOCAL));
    out->protocol = serving_protocol(object);
    return read_health(place, object, out);
}
