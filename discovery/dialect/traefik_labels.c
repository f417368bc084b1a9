#include "discovery/dialect/traefik_labels.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/traefik_middlewares.h"
#include "discovery/dialect/traefik_route.h"
#include "discovery/dialect/traefik_service.h"
#include "discovery/dialect/traefik_streams.h"
#include "discovery/dialect/traefik_template.h"
#include "discovery/dialect/traefik_tls.h"
#include "lb/base/yes_no.h"
#include "discovery/field.h"
#include "lb/base/memory.h"

#define SHOWN_BYTES          32
#define DEFAULT_ENTRY_POINTS "web,http"
#define DEFAULT_TLS_ENTRIES  "websecure,https"

struct reading {
    const struct traefik_settings *settings;
    const struct statement_source *source;
    struct statement *statement;
    struct claims *claims;
    const struct traefik_items *items;
    const struct traefik_catalog *catalog;
    const char *name; /* of the container, as Traefik calls it */
    bool is_enabled;  /* it says so */
};

static const char *default_rule_of(const struct reading *reading)
{
    return reading->settings->default_rule ? reading->settings->default_rule
                                           : TRAEFIK_TEMPLATE_DEFAULT;
}

/* ---- routers -------------------------------------------------------------------------------- */

/* The only one of the container's own, else one that is called as the container is. False: it has
 * several. */
static bool choose_service(const struct reading *reading, struct view *out)
{
    size_t count = traefik_items_count(reading->items, TRAEFIK_SERVICE);
    *out = view_str(reading->name);
    for (size_t i = 0; i < reading->items->count && count == 1; i++)
        if (reading->items->items[i].kind == TRAEFIK_SERVICE)
            *out = view_str(reading->items->items[i].name);
    return count <= 1;
}

static void refuse(struct traefik_treatment *treatment, const char *what, struct view name)
{
    traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS, "%s %.*s", what,
                             name.len < 64 ? (int)name.len : 64, name.ptr);
}

/* Whether some container has servers in it. */
static bool is_served(const struct reading *reading, struct view name)
{
    const struct traefik_entry *entry =
        traefik_catalog_find(reading->catalog, TRAEFIK_SERVICE, name);
    bool is_automatic = traefik_items_count(reading->items, TRAEFIK_SERVICE) == 0 &&
                        view_eq(name, view_str(reading->name));
    return is_automatic || (entry && traefik_item_has(entry->item, "loadbalancer."));
}

/* False: the router is dropped. */
static bool find_service(const struct reading *reading, const struct traefik_item *router,
                         struct traefik_treatment *treatment, struct view *out)
{
    struct view provider = view_str(traefik_item_get(router, "service"));
    struct view named = provider, name = view_cut(&provider, '@');
    if (named.len == 0) {
        if (choose_service(reading, out))
            return true;
        claims_remark(reading->claims,
                      "the router %s is dropped: it names none of the services of its container",
                      router->name);
        return false;
    }
    *out = name;
    if (provider.len > 0 && !view_eq(provider, VIEW("docker")))
        refuse(treatment, "what is not of Docker is not supported: the service", named);
    else if (!is_served(reading, name))
        refuse(treatment, "no label of a container defines the service", named);
    return true;
}

static bool is_listed(struct view name, const char *list)
{
    struct view rest = view_str(list);
    while (rest.ptr)
        if (view_eq(yes_no_trim(view_cut(&rest, ',')), name))
            return true;
    return false;
}

static void find_entries(const struct reading *reading, const struct traefik_item *router,
                         struct traefik_entries *out)
{
    const char *plain = reading->settings->entry_points, *tls = reading->settings->tls_entry_points;
    struct view names[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(router, "entrypoints", names);
    *out = (struct traefik_entries){.has_any = count > 0};
    for (size_t i = 0; i < count; i++) {
        out->has_plain |= is_listed(names[i], plain ? plain : DEFAULT_ENTRY_POINTS);
        out->has_secured |= is_listed(names[i], tls ? tls : DEFAULT_TLS_ENTRIES);
    }
}

static void refuse_entry_points(const struct reading *reading, const struct traefik_item *router)
{
    const char *plain = reading->settings->entry_points, *tls = reading->settings->tls_entry_points;
    claims_remark(reading->claims,
                  "the router %s is not followed: none of its entry points (%.64s) is one that lb "
                  "stands for, which are %s,%s; name one of these, or none",
                  router->name, traefik_item_get(router, "entrypoints"),
                  plain ? plain : DEFAULT_ENTRY_POINTS, tls ? tls : DEFAULT_TLS_ENTRIES);
}

/* Whether it is a router for the requests that lb gets; else it is told why not. */
static bool is_for_lb(const struct reading *reading, const struct traefik_item *router,
                      const struct traefik_entries *entries)
{
    const struct traefik_entry *entry =
        traefik_catalog_find(reading->catalog, TRAEFIK_ROUTER, view_str(router->name));
    const char *why = NULL, *syntax = traefik_item_get(router, "rulesyntax");
    if (entry && !traefik_item_is_same(entry->item, router))
        why = "an older container defines it otherwise, and that counts";
    else if (syntax[0] != '\0' && strcmp(syntax, "v3") != 0)
        why = "only the syntax v3 of rules is supported";
    if (why)
        claims_remark(reading->claims, "the router %s is not followed: %s", router->name, why);
    else if (entries->has_any && !entries->has_plain && !entries->has_secured)
        refuse_entry_points(reading, router);
    else
        return true;
    return false;
}

static bool read_rule(const struct reading *reading, const struct traefik_item *router,
                      struct traefik_rule *rule)
{
    struct text text = TEXT_INIT;
    struct traefik_rule_error error = {0};
    const char *written = traefik_item_get(router, "rule"), *problem = NULL;
    if (written[0] != '\0')
        text_append_str(&text, written);
    else
        traefik_template_expand(view_str(default_rule_of(reading)), reading->name,
                                reading->source->labels, &text, &problem);
    bool is_rule = !problem && traefik_rule_parse(text_view(&text), rule, &error);
    if (problem)
        claims_remark(reading->claims, "the default rule cannot be used: %s", problem);
    else if (!is_rule)
        claims_remark(reading->claims,
                      "the rule of the router %s cannot be used, from byte %zu on: %s",
                      router->name, error.at, error.sentence);
    text_fini(&text);
    return is_rule;
}

/* The label's, unless it is 0. Digits behind a sign. */
static int read_priority(const struct reading *reading, const struct traefik_item *router,
                         const struct traefik_rule *rule)
{
    struct view text = view_str(traefik_item_get(router, "priority"));
    bool is_negative = view_starts_with(text, VIEW("-"));
    uint64_t value = 0;
    if (is_negative)
        text = view_skip(text, 1);
    if (text.len > 0 && !view_parse_u64(text, INT64_MAX, &value))
        claims_remark(reading->claims, "the priority of the router %s is no number", router->name);
    if (value == 0)
        return rule->priority;
    value = value > INT32_MAX ? INT32_MAX : value;
    return is_negative ? -(int)value : (int)value;
}

static struct view keep_label(const struct reading *reading, const struct traefik_item *router)
{
    struct text label = TEXT_INIT;
    text_appendf(&label, "traefik.http.routers.%s", router->name);
    struct view kept = claims_keep(reading->claims, text_view(&label));
    text_fini(&label);
    return kept;
}

static void add_routes(const struct reading *reading, const struct traefik_item *router,
                       const struct traefik_rule *rule, const struct traefik_entries *entries)
{
    struct traefik_treatment treatment;
    struct view service;
    traefik_middlewares_read(reading->catalog, router, reading->claims, &treatment);
    treatment.scheme = traefik_tls_scheme(router, entries);
    if (view_eq(treatment.scheme, VIEW("http"))) /* by https it would not be served */
        treatment.wishes.values[ROUTE_OPTION_HTTPS] = VIEW("noredirect");
    if (!find_service(reading, router, &treatment, &service))
        return;
    struct route base = {.dialect = VIEW("traefik"),
                         .label = keep_label(reading, router),
                         .is_ranked = true,
                         .rank = read_priority(reading, router, rule),
                         .answer_status = treatment.refused_status};
    if (treatment.refused_status > 0)
        base.why = claims_keep(reading->claims, view_str(treatment.refused));
    if (treatment.refused_status > 0)
        claims_remark(reading->claims, "the router %s answers %u: %s", router->name,
                      treatment.refused_status, treatment.refused);
    else
        base.service = traefik_service_name(reading->claims, service);
    if (treatment.refused_status == 0) {
        base.add = treatment.add;
        route_wishes_take(&treatment.wishes, "", reading->claims, &base);
    }
    traefik_route_add(reading->claims, rule, &treatment, &base);
    if (treatment.refused_status == 0)
        traefik_tls_read(reading->claims, router, rule, base.label);
}

static void read_router(const struct reading *reading, const struct traefik_item *router)
{
    struct traefik_rule rule;
    struct traefik_entries entries;
    find_entries(reading, router, &entries);
    if (!is_for_lb(reading, router, &entries) || !read_rule(reading, router, &rule))
        return;
    add_routes(reading, router, &rule, &entries);
    traefik_rule_fini(&rule);
}

static void read_routers(const struct reading *reading)
{
    char *name = memory_copy(reading->name, strlen(reading->name));
    struct traefik_item automatic = {.kind = TRAEFIK_ROUTER, .name = name};
    for (size_t i = 0; i < reading->items->count; i++)
        if (reading->items->items[i].kind == TRAEFIK_ROUTER)
            read_router(reading, &reading->items->items[i]);
    if (traefik_items_count(reading->items, TRAEFIK_ROUTER) > 0)
        ;
    else if (traefik_items_count(reading->items, TRAEFIK_SERVICE) > 1)
        claims_remark(reading->claims, "it has several services and no router to them");
    else
        read_router(reading, &automatic);
    free(name);
}

/* ---- services ------------------------------------------------------------------------------- */

static bool is_of_server(const struct traefik_option *option)
{
    return view_starts_with(view_str(option->word), VIEW("loadbalancer.server."));
}

/* Options of its servers are each container's own. */
static bool is_same_service(const struct traefik_item *a, const struct traefik_item *b)
{
    size_t i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a->count && is_of_server(&a->options[i]))
            i++;
        while (j < b->count && is_of_server(&b->options[j]))
            j++;
        if (i == a->count || j == b->count)
            return i == a->count && j == b->count;
        if (strcmp(a->options[i].word, b->options[j].word) != 0 ||
            strcmp(a->options[i].value, b->options[j].value) != 0)
            return false;
    }
}

static bool read_service(const struct reading *reading, const struct traefik_item *item)
{
    const struct traefik_entry *entry =
        traefik_catalog_find(reading->catalog, TRAEFIK_SERVICE, view_str(item->name));
    if (entry && !is_same_service(entry->item, item))
        claims_remark(reading->claims,
                      "an older container has other options for the service %s, which count",
                      item->name);
    return traefik_service_read(reading->source, item, view_str(item->name), reading->statement);
}

/* False: there is a mistake, and nothing of the container counts. */
static bool read_services(const struct reading *reading)
{
    bool is_good = true;
    for (size_t i = 0; i < reading->items->count && is_good; i++)
        if (reading->items->items[i].kind == TRAEFIK_SERVICE)
            is_good = read_service(reading, &reading->items->items[i]);
    if (traefik_items_count(reading->items, TRAEFIK_SERVICE) == 0)
        is_good = traefik_service_read(reading->source, NULL, view_str(reading->name),
                                       reading->statement);
    return is_good;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* That of its service and project where compose made it, else its own. Gives. */
static char *name_container(const struct statement_source *source)
{
    struct text text = TEXT_INIT, name = TEXT_INIT;
    const char *service = field_str(source->labels, "com.docker.compose.service");
    const char *project = field_str(source->labels, "com.docker.compose.project");
    if (service[0] != '\0' && project[0] != '\0')
        text_appendf(&text, "%s_%s", service, project);
    else
        text_append_str(&text, source->name ? source->name : "");
    traefik_template_normalize(text_view(&text), &name);
    char *copy = memory_copy(text_str(&name), name.len);
    text_fini(&text);
    text_fini(&name);
    return copy;
}

static void read_enable(struct reading *reading)
{
    const char *value = reading->items->enable;
    if (!value || value[0] == '\0')
        return;
    enum yes_no answer = yes_no_read(view_str(value));
    bool is_short = view_eq_nocase(view_str(value), VIEW("t"));
    reading->is_enabled = answer == YES_NO_YES || is_short;
    reading->statement->lets_in = reading->is_enabled;
    if (!reading->is_enabled) {
        struct text word = TEXT_INIT;
        char *shown = clean_copy(view_str(value), SHOWN_BYTES);
        text_appendf(&word, "traefik.enable=%s", shown);
        reading->statement->disabled_by = word.bytes;
        free(shown);
    }
}

static bool counts(const struct reading *reading)
{
    return !reading->statement->disabled_by &&
           (!reading->settings->requires_enable || reading->is_enabled);
}

/* Whether requests are meant: not where its labels are of TCP or UDP only. */
static bool is_asked_for(const struct reading *reading)
{
    bool has_http = traefik_items_have_http(reading->items);
    if (!counts(reading))
        return false;
    if (reading->items->problem)
        return true;
    if (traefik_streams_are_there(reading->items) && !has_http)
        return false;
    return has_http || reading->is_enabled || reading->settings->default_rule;
}

static void read_options(const struct reading *reading)
{
    const char *network = reading->items->network;
    reading->statement->has_options = true;
    if (!network || network[0] == '\0')
        return;
    reading->statement->options.network = memory_copy(network, strlen(network));
    reading->statement->options.network_label = "traefik.docker.network";
}

static void read_all(struct reading *reading)
{
    read_enable(reading);
    if (reading->items->problem)
        claims_remark(reading->claims, "%s", reading->items->problem);
    if (reading->items->remark.len > 0)
        claims_remark(reading->claims, "%s", text_str(&reading->items->remark));
    reading->claims->is_asked = is_asked_for(reading);
    if (reading->items->problem || !counts(reading))
        return;
    if (reading->claims->is_asked || traefik_streams_are_there(reading->items))
        read_options(reading);
    if (reading->claims->is_asked && !read_services(reading))
        reading->claims->server_count = 0;
    else if (reading->claims->is_asked)
        read_routers(reading);
    if (traefik_streams_are_there(reading->items))
        traefik_streams_read(&(struct traefik_streams){reading->source, reading->items,
                                                       reading->catalog, reading->name},
                             reading->claims);
}

void traefik_labels_read(const struct statement_source *source, struct statement *statement)
{
    static const struct traefik_settings none = {0};
    const struct traefik_settings *settings = source->traefik ? source->traefik : &none;
    struct traefik_items items;
    struct traefik_catalog own = {0};
    char *name = name_container(source);
    traefik_items_read(source->labels, &items);
    traefik_catalog_add(&own, &items);
    struct reading reading = {.settings = settings,
                              .source = source,
                              .statement = statement,
                              .claims = &statement->claims,
                              .items = &items,
                              .catalog = settings->catalog ? settings->catalog : &own,
                              .name = name};
    read_all(&reading);
    traefik_catalog_fini(&own);
    traefik_items_fini(&items);
    free(name);
}
