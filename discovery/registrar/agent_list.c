#include "discovery/registrar/agent_list.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/document.h"
#include "discovery/field.h"
#include "discovery/registrar/entry_content.h"
#include "discovery/registrar/entry_rules.h"
#include "lb/base/memory.h"
#include "lb/base/text.h"

#define STRANGE_MARK VIEW("?")

static const json_t *find_check(const json_t *checks, const char *kind, const char *id)
{
    struct text key = TEXT_INIT;
    text_append_str(&key, kind);
    text_append_str(&key, id);
    const json_t *check = json_object_get(checks, text_str(&key));
    text_fini(&key);
    return check;
}

/* Empty: there is no check; a check without a mark is not the registrar's. */
static struct view find_mark(const json_t *checks, const char *id)
{
    const json_t *check = find_check(checks, "service:", id);
    if (!check)
        return view_of("", 0);
    struct view mark = entry_content_find_mark(field_str(check, "Notes"));
    return mark.len > 0 ? mark : STRANGE_MARK;
}

static enum agent_list_maintenance find_maintenance(const json_t *checks, const char *id)
{
    const json_t *check = find_check(checks, "_service_maintenance:", id);
    if (!check)
        return AGENT_LIST_IN_USE;
    return strcmp(field_str(check, "Notes"), AGENT_LIST_REASON) == 0 ? AGENT_LIST_STOPPING
                                                                     : AGENT_LIST_IN_MAINTENANCE;
}

static const char *owner_of(const json_t *service)
{
    return field_str(json_object_get(service, "Meta"), ENTRY_RULES_OWNER_KEY);
}

/* Proxies and gateways of a mesh copy the Meta of the service that they stand before. */
static bool is_entry(const char *id, const json_t *service)
{
    return entry_rules_is_id(id) && json_is_object(service) &&
           field_str(service, "Kind")[0] == '\0';
}

static int compare(const void *left, const void *right)
{
    const struct agent_list_item *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static void take_services(struct agent_list *list)
{
    const char *id;
    json_t *service;
    list->items = memory_new((json_object_size(list->services) + 1) * sizeof(list->items[0]));
    json_object_foreach (list->services, id, service)
        if (is_entry(id, service))
            list->items[list->count++] = (struct agent_list_item){
                .id = id,
                .owner = owner_of(service),
                .content = entry_content_hash(service, "Service", find_mark(list->checks, id)),
                .maintenance = find_maintenance(list->checks, id)};
    qsort(list->items, list->count, sizeof(list->items[0]), compare);
}

bool agent_list_read(struct view services, struct view checks, struct agent_list *out,
                     const char **problem)
{
    *out = (struct agent_list){.services = document_parse(services, NULL)};
    *problem = "the list of its services is no JSON object";
    if (json_is_object(out->services)) {
        out->checks = document_parse(checks, NULL);
        *problem = "the list of its checks is no JSON object";
    }
    if (!json_is_object(out->checks)) {
        agent_list_fini(out);
        return false;
    }
    take_services(out);
    return true;
}

void agent_list_fini(struct agent_list *list)
{
    free(list->items);
    json_decref(list->services);
    json_decref(list->checks);
    *list = (struct agent_list){0};
}

json_t *agent_list_read_one(struct view service, const char **owner)
{
    json_t *document = document_parse(service, NULL);
    if (!json_is_object(document)) {
        json_decref(document);
        return NULL;
    }
    *owner = owner_of(document);
    return document;
}
