#include "discovery/file/file.h"

#include <jansson.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/document.h"
#include "discovery/field.h"
#include "discovery/file/file_certificates.h"
#include "discovery/file/file_contest.h"
#include "discovery/file/file_endpoint.h"
#include "discovery/file/file_listeners.h"
#include "discovery/file/file_route.h"
#include "discovery/file/file_wishes.h"
#include "discovery/file/file_words.h"
#include "lb/base/edits.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/contract/key.h"
#include "lb/contract/protocol.h"

#define REMARK_BYTES 1024

struct file {
    json_t *document;
    struct file_endpoint *endpoints;
    size_t count;
    struct set_service *wishes; /* of services of which something is asked */
    size_t wish_count;
    struct arena arena; /* for these */
    struct file_routes routes;
    struct file_listeners listeners;
    struct file_certificates certificates;
    struct text remarks; /* a line each */
    char *remark;        /* the same in one; NULL: there is none */
};

/* ---- services ------------------------------------------------------------------------------- */

static bool read_endpoints(struct file *file, const struct file_place *place, const json_t *json,
                           const char *service, const char *protocol,
                           const struct file_options *options)
{
    if (json && !json_is_array(json))
        return file_place_refuse(place, "an array is needed");
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct file_place at = file_place_in_item(place, i);
        if (file->count == LIMITS_ENDPOINTS_MAX)
            return file_place_refuse(&at, "at most %u endpoints are accepted",
                                     LIMITS_ENDPOINTS_MAX);
        if (!file_endpoint_read(&at, json_array_get(json, i), service, protocol, options,
                                &file->endpoints[file->count]))
            return false;
        file->count++;
    }
    return true;
}

static bool read_wishes(struct file *file, const struct file_place *place, const json_t *json,
                        const char *name)
{
    struct set_service wish = {.name = name};
    bool has_any = false;
    if (!file_wishes_read_service(place, json, &file->arena, &wish.options))
        return false;
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++)
        has_any |= wish.options.values[kind].len > 0;
    if (has_any)
        file->wishes[file->wish_count++] = wish;
    return true;
}

static bool read_service(struct file *file, const struct file_place *place, const json_t *json)
{
    struct file_options options = {.weight = 1};
    struct file_place at_name = file_place_in_key(place, KEY_NAME);
    struct file_place at_endpoints = file_place_in_key(place, KEY_ENDPOINTS);
    const char *name = NULL, *protocol = protocol_word(PROTOCOL_HTTP);
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    file_words_tell_unknown(place, FILE_SERVICE, json, "it does nothing");
    if (!file_endpoint_read_name(place, json, KEY_NAME, &name))
        return false;
    if (!name)
        return file_place_refuse(&at_name, "it is missing; a string is needed");
    return file_endpoint_read_protocol(place, json, &protocol) &&
           file_options_read(place, json, &options) && read_wishes(file, place, json, name) &&
           read_endpoints(file, &at_endpoints, json_object_get(json, KEY_ENDPOINTS), name, protocol,
                          &options);
}

/* Room for every endpoint, so that none moves once strings point into it, and for every service. */
static void reserve(struct file *file, const json_t *services)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(services); i++)
        count += json_array_size(json_object_get(json_array_get(services, i), KEY_ENDPOINTS));
    if (count > LIMITS_ENDPOINTS_MAX)
        count = LIMITS_ENDPOINTS_MAX;
    file->endpoints = memory_new((count + 1) * sizeof(file->endpoints[0]));
    file->wishes = memory_new((json_array_size(services) + 1) * sizeof(file->wishes[0]));
}

static bool read_services(struct file *file, const struct file_place *place, const json_t *services)
{
    if (services && !json_is_array(services))
        return file_place_refuse(place, "an array is needed");
    reserve(file, services);
    for (size_t i = 0; i < json_array_size(services); i++) {
        struct file_place at = file_place_in_item(place, i);
        if (!read_service(file, &at, json_array_get(services, i)))
            return false;
    }
    return true;
}

/* ---- names ---------------------------------------------------------------------------------- */

struct names {
    const char **items; /* sorted */
    size_t count;
    const char *last_missing; /* that was looked for */
};

static int compare_strings(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Gives a string that is there twice, or NULL. */
static const char *sort_names(struct names *names)
{
    qsort(names->items, names->count, sizeof(names->items[0]), compare_strings);
    for (size_t i = 1; i < names->count; i++)
        if (strcmp(names->items[i - 1], names->items[i]) == 0)
            return names->items[i];
    return NULL;
}

static bool has_name(const struct names *names, const char *name)
{
    return bsearch(&name, names->items, names->count, sizeof(name), compare_strings) != NULL;
}

static bool check_ids(const struct file *file, struct text *problem)
{
    struct names ids = {.items = memory_new((file->count + 1) * sizeof(char *)),
                        .count = file->count};
    for (size_t i = 0; i < file->count; i++)
        ids.items[i] = file->endpoints[i].endpoint.id;
    const char *twice = sort_names(&ids);
    if (twice)
        text_appendf(problem,
                     "the endpoint id \"%s\" is there twice; give each endpoint its own \"id\"",
                     twice);
    free(ids.items);
    return !twice;
}

/* Fills `names`, to be freed either way. */
static bool check_services(const json_t *services, struct names *names, struct text *problem)
{
    names->count = json_array_size(services);
    names->items = memory_new((names->count + 1) * sizeof(names->items[0]));
    for (size_t i = 0; i < names->count; i++)
        names->items[i] = field_str(json_array_get(services, i), KEY_NAME);
    const char *twice = sort_names(names);
    if (twice)
        text_appendf(problem, "the service \"%s\" is there twice; put its endpoints together",
                     twice);
    return !twice;
}

/* ---- routes --------------------------------------------------------------------------------- */

static const char *find_nearest(const struct names *names, struct view name)
{
    const char *nearest = NULL;
    size_t edits = SIZE_MAX;
    for (size_t i = 0; i < names->count; i++) {
        size_t count = edits_between(name, view_str(names->items[i]));
        if (count < edits) {
            edits = count;
            nearest = names->items[i];
        }
    }
    return nearest && edits_are_near(edits, name) ? nearest : NULL;
}

/* What leads to a service that is nowhere is followed: others do not get its requests. */
static void tell_of_service(const struct file_place *place, const json_t *entry,
                            const char *consequence, struct names *names)
{
    const char *service = field_str(entry, KEY_SERVICE);
    struct file_place at = file_place_in_key(place, KEY_SERVICE);
    if (service[0] == '\0' || strcmp(service, names->last_missing) == 0 || has_name(names, service))
        return;
    names->last_missing = service; /* many in a row may lead there */
    const char *nearest = place->findings->remark_count < FILE_PLACE_REMARKS_MAX
                              ? find_nearest(names, view_str(service))
                              : NULL;
    file_place_remark(&at, "the file has no service \"%s\"%s%s%s; %s", service,
                      nearest ? " (did you mean \"" : "", nearest ? nearest : "",
                      nearest ? "\"?)" : "", consequence);
}

static bool read_routes(struct file *file, const struct file_place *place, const json_t *routes,
                        struct names *services)
{
    if (routes && !json_is_array(routes))
        return file_place_refuse(place, "an array is needed");
    for (size_t i = 0; i < json_array_size(routes); i++) {
        const json_t *route = json_array_get(routes, i);
        struct file_place at = file_place_in_item(place, i);
        size_t count = file->routes.count;
        if (!file_route_read(&at, route, &file->routes) ||
            !file_certificates_read_route(&at, route, file->routes.items + count,
                                          file->routes.count - count, &file->certificates))
            return false;
        if (services)
            tell_of_service(&at, route, "its requests get 503", services);
    }
    file_contest_tell(place, &file->routes);
    return true;
}

static bool read_listeners(struct file *file, const struct file_place *place,
                           const json_t *listeners, struct names *services)
{
    if (!file_listeners_read(place, listeners, &file->listeners))
        return false;
    for (size_t i = 0; services && i < json_array_size(listeners); i++) {
        struct file_place at = file_place_in_item(place, i);
        tell_of_service(&at, json_array_get(listeners, i), "what comes to it is refused", services);
    }
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool read_whole(struct file *file, const struct file_place *place, bool has_company)
{
    const json_t *services = json_object_get(file->document, KEY_SERVICES);
    const json_t *routes = json_object_get(file->document, KEY_ROUTES);
    struct file_place at_services = file_place_in_key(place, KEY_SERVICES);
    const json_t *listeners = json_object_get(file->document, KEY_LISTENERS);
    struct file_place at_routes = file_place_in_key(place, KEY_ROUTES);
    struct file_place at_listeners = file_place_in_key(place, KEY_LISTENERS);
    const json_t *certificates = json_object_get(file->document, KEY_CERTIFICATES);
    struct file_place at_certificates = file_place_in_key(place, KEY_CERTIFICATES);
    struct text *problem = place->findings->problem;
    struct names names = {.last_missing = ""};
    if (!json_is_object(file->document) || (!services && !routes && !listeners && !certificates)) {
        text_append_str(problem, "the file must be an object with the key \"services\", an array, "
                                 "or \"routes\", \"listeners\" or \"certificates\", arrays, or "
                                 "several of them");
        return false;
    }
    file_words_tell_unknown(place, FILE_WHOLE, file->document, "it does nothing");
    bool is_good = read_services(file, &at_services, services) && check_ids(file, problem) &&
                   check_services(services, &names, problem) &&
                   read_routes(file, &at_routes, routes, has_company ? NULL : &names) &&
                   read_listeners(file, &at_listeners, listeners, has_company ? NULL : &names) &&
                   file_certificates_read(&at_certificates, certificates, &file->certificates);
    file_certificates_settle(&file->certificates);
    free(names.items);
    return is_good;
}

/* The lines become one sentence. */
static void keep_remarks(struct file *file, struct file_findings *findings)
{
    struct text joined = TEXT_INIT;
    struct view rest = text_view(&findings->remarks);
    while (rest.len > 0) {
        text_append_str(&joined, joined.len > 0 ? "; " : "");
        text_append(&joined, view_cut(&rest, '\n'));
    }
    if (joined.len > 0)
        file->remark = clean_copy(text_view(&joined), REMARK_BYTES);
    text_fini(&joined);
    file->remarks = findings->remarks;
}

/* What is refused may be so for a word that was not known. */
static void append_remarks(const struct file_findings *findings, struct text *problem)
{
    struct view rest = text_view(&findings->remarks);
    while (rest.len > 0) {
        text_append_str(problem, "; ");
        text_append(problem, view_cut(&rest, '\n'));
    }
}

struct file *file_parse(struct view bytes, bool has_company, struct text *problem)
{
    char error[DOCUMENT_ERROR_BYTES];
    struct file_findings findings = {.bytes = bytes, .problem = problem};
    struct file_place place = {.findings = &findings};
    text_clear(problem);
    json_t *document = document_parse_own(bytes, error);
    if (!document) {
        shown_append(problem, view_str(error)); /* it quotes */
        return NULL;
    }
    struct file *file = memory_new(sizeof(*file));
    file->document = document;
    bool is_good = read_whole(file, &place, has_company);
    file_findings_close(&findings);
    if (!is_good)
        append_remarks(&findings, problem);
    keep_remarks(file, &findings);
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
    file_routes_fini(&file->routes);
    file_listeners_fini(&file->listeners);
    file_certificates_fini(&file->certificates);
    text_fini(&file->remarks);
    free(file->remark);
    free(file->endpoints);
    free(file->wishes);
    arena_fini(&file->arena);
    free(file);
}

const char *file_remarks(const struct file *file)
{
    return text_str(&file->remarks);
}

void file_collect(const struct file *file, struct set *set)
{
    set_clear(set);
    for (size_t i = 0; i < file->count; i++)
        set_add_endpoint(set, &file->endpoints[i].endpoint);
    for (size_t i = 0; i < file->wish_count; i++)
        set_add_service(set, &file->wishes[i]);
    for (size_t i = 0; i < file->routes.count; i++)
        set_add_route(set, &file->routes.items[i]);
    for (size_t i = 0; i < file->listeners.count; i++)
        set_add_listener(set, &file->listeners.items[i]);
    for (size_t i = 0; i < file->certificates.count; i++)
        set_add_certificate(set, &file->certificates.items[i]);
    set->remark = file->remark;
    set_sort(set);
}
