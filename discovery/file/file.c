#include "discovery/file/file.h"

#include <jansson.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/document.h"
#include "discovery/field.h"
#include "lb/base/address.h"
#include "lb/base/json_place.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

struct item {
    struct set_endpoint endpoint;          /* its strings are in the document or below */
    char address[ADDRESS_TEXT_BYTES];      /* normalised */
    char address_port[ADDRESS_TEXT_BYTES]; /* "10.0.0.2:80": the id when none is given */
    struct check check;
    unsigned slow_start_ms;
};

struct file {
    json_t *document;
    struct item *items;
    size_t count;
};

/* What is being read, for messages. */
struct place {
    struct text *problem;
    struct view bytes; /* of the file */
    size_t service;
    size_t endpoint;
    bool in_endpoint;
};

static struct json_place find_place(const struct place *place, const char *key)
{
    struct json_step steps[5] = {{.key = "services"}, {.index = place->service}};
    unsigned count = 2;
    if (place->in_endpoint) {
        steps[count++].key = "endpoints";
        steps[count++].index = place->endpoint;
    }
    if (key[0])
        steps[count++].key = key;
    return json_place_find(place->bytes, steps, count);
}

static bool refuse(const struct place *place, const char *key, const char *what)
{
    struct json_place at = find_place(place, key);
    text_appendf(place->problem, "line %u, column %u: services[%zu]", at.line, at.column,
                 place->service);
    if (place->in_endpoint)
        text_appendf(place->problem, ".endpoints[%zu]", place->endpoint);
    text_appendf(place->problem, "%s%s: %s", key[0] ? "." : "", key, what);
    return false;
}

/* A misspelt key would silently lose what it was meant to say. */
static bool check_keys(const struct place *place, const json_t *object, const char *const *known)
{
    for (void *i = json_object_iter((json_t *)(uintptr_t)object); i;
         i = json_object_iter_next((json_t *)(uintptr_t)object, i)) {
        const char *key = json_object_iter_key(i);
        size_t k = 0;
        while (known[k] && strcmp(known[k], key) != 0)
            k++;
        if (!known[k]) {
            char *shown = clean_copy(view_str(key), 40);
            refuse(place, shown, "there is no such key; see FORMAT.md for those there are");
            free(shown);
            return false;
        }
    }
    return true;
}

/* An optional name: stays what it was when the key is missing. */
static bool read_name(const struct place *place, const json_t *object, const char *key,
                      const char **out)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return true;
    const char *text = json_string_value(value);
    if (!text || text[0] == '\0' || !clean_is_clean(view_str(text), LIMITS_NAME_BYTES_MAX))
        return refuse(place, key,
                      "a string of 1 to 512 bytes without control characters is accepted");
    *out = text;
    return true;
}

static bool read_address(const struct place *place, const json_t *object, struct item *item)
{
    struct address address;
    json_int_t port = field_int(object, "port", 0);
    if (port < 1 || port > 65535)
        return refuse(place, "port", "a number from 1 to 65535 is needed");
    if (!address_parse_ip(view_str(field_str(object, "address")), (uint16_t)port, &address))
        return refuse(
            place, "address",
            "an IPv4 or IPv6 address as a string is needed (host names are not looked up)");
    address_format_ip(&address, item->address);
    address_format(&address, item->address_port);
    item->endpoint.port = (uint16_t)port;
    return true;
}

static bool read_check(const struct place *place, const json_t *given, struct check *check)
{
    for (void *i = json_object_iter((json_t *)(uintptr_t)given); i;
         i = json_object_iter_next((json_t *)(uintptr_t)given, i)) {
        struct view word = view_str(json_object_iter_key(i));
        const char *value = json_string_value(json_object_iter_value(i));
        if (check_set(check, word, view_str(value)))
            continue;
        struct text what = TEXT_INIT;
        const char *accepted = check_accepted(word);
        char *shown = clean_copy(word, 40);
        text_appendf(&what, "\"%s\": %s", shown,
                     accepted ? accepted
                              : "there is no such key; see FORMAT.md for those there are");
        refuse(place, "check", text_str(&what));
        free(shown);
        text_fini(&what);
        return false;
    }
    return true;
}

static bool read_waits(const struct place *place, const json_t *object, struct waits *waits)
{
    const json_t *aborts = json_object_get(object, WAITS_ABORT_KEY);
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++) {
        json_int_t ms = field_int(object, waits_key(wait), -1);
        bool is_given = json_object_get(object, waits_key(wait)) != NULL;
        if (is_given && (ms < 0 || ms > LIMITS_WAIT_MS_MAX))
            return refuse(place, waits_key(wait), "a number from 0 (none) to 86400000 is accepted");
        waits->is_given[wait] = is_given;
        waits->ms[wait] = is_given ? (unsigned)ms : 0;
    }
    if (aborts && !json_is_boolean(aborts))
        return refuse(place, WAITS_ABORT_KEY, "true or false is accepted");
    if (aborts)
        waits->aborts_on_close = json_is_true(aborts) ? WAITS_YES : WAITS_NO;
    return true;
}

static bool read_health(const struct place *place, const json_t *object, struct item *item)
{
    const json_t *check = json_object_get(object, "check");
    const json_t *slow_start = json_object_get(object, "slow_start_ms");
    json_int_t slow_start_ms = field_int(object, "slow_start_ms", -1);
    if (check && !json_is_object(check))
        return refuse(place, "check", "an object is needed");
    if (check && !read_check(place, check, &item->check))
        return false;
    if (slow_start && (slow_start_ms < 0 || slow_start_ms > LIMITS_WAIT_MS_MAX))
        return refuse(place, "slow_start_ms", "a number from 0 to 86400000 is accepted");
    item->slow_start_ms = slow_start ? (unsigned)slow_start_ms : 0;
    item->endpoint.check = check ? &item->check : NULL;
    item->endpoint.slow_start_ms = slow_start ? &item->slow_start_ms : NULL;
    return read_waits(place, object, &item->endpoint.waits);
}

static bool read_endpoint(const struct place *place, const json_t *object, const char *service,
                          struct item *item)
{
    static const char *const known[] = {"address",
                                        "port",
                                        "name",
                                        "id",
                                        "weight",
                                        "state",
                                        "check",
                                        "slow_start_ms",
                                        "response_timeout_ms",
                                        "body_timeout_ms",
                                        "stream_timeout_ms",
                                        WAITS_ABORT_KEY,
                                        NULL};
    struct set_endpoint *endpoint = &item->endpoint;
    if (!json_is_object(object))
        return refuse(place, "", "an object is needed");
    if (!check_keys(place, object, known) || !read_address(place, object, item) ||
        !read_name(place, object, "id", &endpoint->id) ||
        !read_name(place, object, "name", &endpoint->name))
        return false;
    json_int_t weight = field_int(object, "weight", json_object_get(object, "weight") ? 0 : 1);
    if (weight < 1 || weight > LIMITS_WEIGHT_MAX)
        return refuse(place, "weight", "a number from 1 to 256 is accepted");
    endpoint->state = ENDPOINT_READY;
    if (json_object_get(object, "state") &&
        !endpoint_state_parse(field_str(object, "state"), &endpoint->state))
        return refuse(place, "state", "ready, starting, draining, unhealthy or paused is accepted");
    endpoint->weight = (unsigned)weight;
    endpoint->service = service;
    endpoint->cause = "file";
    endpoint->protocol = "http";
    return read_health(place, object, item);
}

static bool read_service(struct file *file, struct place *place, const json_t *service)
{
    static const char *const known[] = {"name", "endpoints", NULL};
    const json_t *endpoints = json_object_get(service, "endpoints");
    const char *name = NULL;
    if (!json_is_object(service))
        return refuse(place, "", "an object is needed");
    if (!check_keys(place, service, known) || !read_name(place, service, "name", &name))
        return false;
    if (!name)
        return refuse(place, "name", "it is missing; a string is needed");
    if (!json_is_array(endpoints))
        return refuse(place, "endpoints", "an array is needed");
    place->in_endpoint = true;
    for (place->endpoint = 0; place->endpoint < json_array_size(endpoints); place->endpoint++) {
        if (file->count == LIMITS_ENDPOINTS_MAX)
            return refuse(place, "", "at most 10000 endpoints are accepted");
        struct item *item = &file->items[file->count];
        if (!read_endpoint(place, json_array_get(endpoints, place->endpoint), name, item))
            return false;
        file->count++;
    }
    place->in_endpoint = false;
    return true;
}

/* Room for every endpoint, so that no item moves once strings point into it. */
static void reserve_items(struct file *file, const json_t *services)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(services); i++)
        count += json_array_size(json_object_get(json_array_get(services, i), "endpoints"));
    if (count > LIMITS_ENDPOINTS_MAX)
        count = LIMITS_ENDPOINTS_MAX;
    file->items = memory_new((count + 1) * sizeof(file->items[0]));
}

static void fill_defaults(struct file *file)
{
    for (size_t i = 0; i < file->count; i++) {
        struct item *item = &file->items[i];
        item->endpoint.address = item->address;
        if (!item->endpoint.id)
            item->endpoint.id = item->address_port;
        if (!item->endpoint.name)
            item->endpoint.name = item->endpoint.id;
    }
}

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Gives a string that is there twice, or NULL. Sorts `strings`. */
static const char *find_twice(const char **strings, size_t count)
{
    qsort(strings, count, sizeof(strings[0]), compare_strings);
    for (size_t i = 1; i < count; i++)
        if (strcmp(strings[i - 1], strings[i]) == 0)
            return strings[i];
    return NULL;
}

static bool check_unique(const struct file *file, const json_t *services, struct text *problem)
{
    size_t service_count = json_array_size(services);
    const char **strings = memory_new((file->count + service_count + 1) * sizeof(strings[0]));
    for (size_t i = 0; i < file->count; i++)
        strings[i] = file->items[i].endpoint.id;
    const char *twice = find_twice(strings, file->count);
    if (twice)
        text_appendf(problem,
                     "the endpoint id \"%s\" is there twice; give each endpoint its own \"id\"",
                     twice);
    for (size_t i = 0; i < service_count; i++)
        strings[i] = field_str(json_array_get(services, i), "name");
    const char *same = twice ? NULL : find_twice(strings, service_count);
    if (same)
        text_appendf(problem, "the service \"%s\" is there twice; put its endpoints together",
                     same);
    free(strings);
    return !twice && !same;
}

static bool read_services(struct file *file, const json_t *services, struct view bytes,
                          struct text *problem)
{
    struct place place = {.problem = problem, .bytes = bytes};
    reserve_items(file, services);
    for (; place.service < json_array_size(services); place.service++)
        if (!read_service(file, &place, json_array_get(services, place.service)))
            return false;
    fill_defaults(file);
    return check_unique(file, services, problem);
}

struct file *file_parse(struct view bytes, struct text *problem)
{
    char error[DOCUMENT_ERROR_BYTES];
    text_clear(problem);
    json_t *document = document_parse(bytes, error);
    if (!document) {
        text_append_str(problem, error);
        return NULL;
    }
    struct file *file = memory_new(sizeof(*file));
    file->document = document;
    const json_t *services = json_object_get(document, "services");
    bool is_good = false;
    if (!json_is_object(document) || json_object_size(document) != 1 || !json_is_array(services))
        text_append_str(problem, "the file must be an object with the one key \"services\", an "
                                 "array");
    else
        is_good = read_services(file, services, bytes, problem);
    if (is_good)
        return file;
    file_free(file);
    return NULL;
}

void file_free(struct file *file)
{
    if (!file)
        return;
    json_decref(file->document);
    free(file->items);
    free(file);
}

void file_collect(const struct file *file, struct set *set)
{
    set_clear(set);
    for (size_t i = 0; i < file->count; i++)
        set_add_endpoint(set, &file->items[i].endpoint);
    set_sort(set);
}
