/* What a container says of itself, in whatever dialect: a JSON object with "labels", "environment",
 * "exposed", "image", "name", "others" (labels of older containers), "rule" (Traefik's default rule)
 * and "host" (nginx-proxy's default host). What holds: every route is one that lb can do, has a
 * service or an answer, and is read from a line of lb-discovery as it was written there, as every listener is;
 * nothing is beyond its bounds; what is told is clean; and the same words give the same offers again. */
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/dialect.h"
#include "discovery/dialect/registrator_check_entry.h"
#include "discovery/dialect/registrator_ports.h"
#include "discovery/document.h"
#include "discovery/emit.h"
#include "discovery/field.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_check.h"
#include "lb/contract/route_write.h"
#include "lb/follow/listener_reader.h"
#include "lb/follow/route_reader.h"
#include "tests/fuzz/support/target.h"

#define OTHERS_MAX 3u

static const char *str_or_null(const json_t *document, const char *key)
{
    const json_t *value = json_object_get(document, key);
    return json_is_string(value) ? json_string_value(value) : NULL;
}

/* A container has a name. */
static const char *name_of(const json_t *document)
{
    const char *name = field_str(document, "name");
    return name[0] != '\0' ? name : "n";
}

static void append_view(struct text *out, struct view view)
{
    text_append(out, view);
    text_append_char(out, '\n');
}

static void describe(const struct offers *offers, struct text *out)
{
    text_appendf(out, "%s %s\n", offers->disabled_by ? offers->disabled_by : "",
                 offers->remark ? offers->remark : "");
    for (size_t i = 0; i < offers->count; i++)
        text_appendf(out, "%u %s %s\n", offers->items[i].port, offers->items[i].protocol,
                     offers->items[i].service);
    for (size_t i = 0; i < offers->route_count; i++) {
        append_view(out, offers->routes[i].host.text);
        append_view(out, offers->routes[i].path.text);
        append_view(out, offers->routes[i].service);
    }
    for (size_t i = 0; i < offers->listener_count; i++) {
        append_view(out, offers->listeners[i].server_name);
        append_view(out, offers->listeners[i].service);
    }
}

/* What is for people may be spelled otherwise. */
static void check_read_back(const struct route *a, const struct route *b)
{
    TARGET_CHECK(route_is_alike(a, b));
    TARGET_CHECK(a->priority == b->priority && a->is_ranked == b->is_ranked && a->rank == b->rank);
    TARGET_CHECK(view_eq(a->service, b->service) && a->answer_status == b->answer_status);
    TARGET_CHECK(view_eq(a->strip, b->strip) && view_eq(a->add, b->add));
    TARGET_CHECK(a->option_count == b->option_count);
    for (unsigned i = 0; i < a->option_count; i++)
        TARGET_CHECK(a->options[i].kind == b->options[i].kind &&
                     view_eq(a->options[i].value, b->options[i].value));
}

/* By the line that lb reads. */
static void check_line(const struct offers *offers)
{
    struct text line = TEXT_INIT, problem = TEXT_INIT;
    struct json_writer writer;
    struct route_list list, none = {0};
    json_writer_init(&writer, &line);
    json_writer_begin_array(&writer);
    for (size_t i = 0; i < offers->route_count; i++)
        route_write(&offers->routes[i], &writer);
    json_writer_end_array(&writer);
    json_t *array = json_loadb(line.bytes, line.len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(json_is_array(array));
    TARGET_CHECK(route_reader_read(array, &none, &list, &problem));
    TARGET_CHECK(list.count == offers->route_count);
    for (size_t i = 0; i < list.count; i++)
        check_read_back(&offers->routes[i], list.wanted[i].route);
    route_reader_forget(&list);
    json_decref(array);
    text_fini(&line);
    text_fini(&problem);
}

static void check_listener_read_back(const struct listener_rule *a, const struct listener_rule *b)
{
    TARGET_CHECK(listener_rule_is_alike(a, b) && a->port == b->port);
    TARGET_CHECK(view_eq(a->listener, b->listener) && view_eq(a->service, b->service));
    TARGET_CHECK(view_eq(a->label, b->label) && view_eq(a->dialect, b->dialect));
}

/* The same of listeners, by a whole line. */
static void check_listeners_line(const struct offers *offers)
{
    struct emit emit = {0};
    struct set set = {0};
    struct text line = TEXT_INIT, problem = TEXT_INIT;
    struct listener_list list;
    for (size_t i = 0; i < offers->listener_count; i++)
        set_add_listener(&set, &offers->listeners[i]);
    set_sort(&set);
    TARGET_CHECK(emit_line(&emit, &set, "docker", 1, &line) == EMIT_LINE);
    json_t *document = json_loadb(line.bytes, line.len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(document);
    TARGET_CHECK(listener_reader_read(json_object_get(document, "listeners"), &list, &problem));
    TARGET_CHECK(list.count == set.listener_count);
    for (size_t i = 0; i < list.count; i++)
        check_listener_read_back(&set.listeners[i], &list.rules[i]);
    listener_reader_forget(&list);
    json_decref(document);
    text_fini(&line);
    text_fini(&problem);
    emit_fini(&emit);
    set_fini(&set);
}

/* Where a label names the service of a rule, some port of the container serves there, or another's. */
static void check_listeners(const struct offers *offers)
{
    TARGET_CHECK(offers->listener_count <= DIALECT_MAX * CLAIMS_LISTENERS_MAX);
    TARGET_CHECK(!offers->disabled_by || offers->listener_count == 0);
    for (size_t i = 0; i < offers->listener_count; i++) {
        const struct listener_rule *rule = &offers->listeners[i];
        TARGET_CHECK(rule->kind == SERVICE_TCP || rule->kind == SERVICE_UDP);
        TARGET_CHECK(rule->kind == SERVICE_TCP || rule->server_name.len + rule->alpn.len == 0);
        TARGET_CHECK(rule->service.len > 0 && rule->service.len <= LISTENER_RULE_NAME_BYTES_MAX);
        TARGET_CHECK(rule->dialect.len > 0 && rule->label.len > 0);
    }
}

/* Each once, in order, and such as lb can do. */
static void check_options(const struct route *route)
{
    struct text problem = TEXT_INIT;
    for (unsigned i = 0; i < route->option_count; i++) {
        TARGET_CHECK(i == 0 || route->options[i - 1].kind < route->options[i].kind);
        TARGET_CHECK(route_option_check(&route->options[i], &problem));
    }
    TARGET_CHECK(route->answer_status == 0 || route->option_count == 0);
}

static void check_routes(const struct offers *offers)
{
    struct text problem = TEXT_INIT;
    for (size_t i = 0; i < offers->route_count; i++) {
        TARGET_CHECK(route_check(&offers->routes[i], &problem));
        check_options(&offers->routes[i]);
        TARGET_CHECK(offers->routes[i].dialect.len > 0 && offers->routes[i].label.len > 0);
    }
    TARGET_CHECK(offers->route_count <= DIALECT_MAX * CLAIMS_ROUTES_MAX);
    TARGET_CHECK(!offers->disabled_by || offers->route_count == 0);
}

static void check_wishes(const struct offers *offers)
{
    struct text problem = TEXT_INIT;
    for (size_t i = 0; i < offers->wish_count; i++) {
        const struct offer_wish *wish = &offers->wishes[i];
        TARGET_CHECK(wish->service[0] != '\0');
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++)
            if (wish->options.values[kind].len > 0)
                TARGET_CHECK(service_option_check((enum service_option_kind)kind,
                                                  wish->options.values[kind], &problem));
        for (size_t k = 0; k < i; k++)
            TARGET_CHECK(strcmp(offers->wishes[k].service, wish->service) != 0);
    }
}

static void check_offers(const struct offers *offers)
{
    TARGET_CHECK(offers->count >= 1);
    for (size_t i = 0; i < offers->count; i++) {
        const struct offer *offer = &offers->items[i];
        TARGET_CHECK(offer->service && offer->service_from && offer->options);
        TARGET_CHECK(offer->port > 0 || (i == 0 && offer->other_count == 0 &&
                                         (offers->disabled_by || offers->fault_detail)));
        TARGET_CHECK(protocol_parse(view_str(offer->protocol)) < PROTOCOL_COUNT);
        for (size_t j = 0; j < i; j++)
            TARGET_CHECK(offers->items[j].port != offer->port ||
                         offers_is_udp(&offers->items[j]) != offers_is_udp(offer));
    }
    TARGET_CHECK(offers->fault == LEFT_OUT_REASON_COUNT || offers->fault_detail);
    if (offers->remark)
        TARGET_CHECK(clean_is_clean(view_str(offers->remark), LIMITS_OBSTACLE_BYTES_MAX));
}

/* The same, from the beginning. */
static void read_again(const struct dialect_container *container, const struct offers *first)
{
    struct offers offers;
    struct text one = TEXT_INIT, other = TEXT_INIT;
    dialect_read(container, &offers);
    describe(first, &one);
    describe(&offers, &other);
    TARGET_CHECK(view_eq(text_view(&one), text_view(&other)));
    text_fini(&one);
    text_fini(&other);
    offers_fini(&offers);
}

/* A check is one kind of check, or none, and what it says is JSON. */
static void check_entry_check(const struct dialect_container *container,
                              const struct registrator_entry *entry)
{
    struct registrator_check_entry check;
    struct text remark = TEXT_INIT;
    registrator_check_entry_read(&(struct registrator_check_subject){.from = container->from,
                                                                     .port = entry->port,
                                                                     .is_udp = entry->is_udp,
                                                                     .address = "192.0.2.1",
                                                                     .outer = entry->port},
                                 &remark, &check);
    const json_t *definition = check.definition;
    TARGET_CHECK(!definition || !check.path);
    TARGET_CHECK(!definition ||
                 !json_object_get(definition, "TTL") != !json_object_get(definition, "Interval"));
    TARGET_CHECK(!check.path || (check.text && check.method && check.interval_ms > 0));
    TARGET_CHECK(remark.len < 4096);
    registrator_check_entry_fini(&check);
    text_fini(&remark);
}

static void read_container(const json_t *document, const struct dialect_settings *settings)
{
    struct dialect_container container = {
        .from = {.labels = json_object_get(document, "labels"),
                 .environment = json_object_get(document, "environment")},
        .exposed = json_object_get(document, "exposed"),
        .image = field_str(document, "image"),
        .name = name_of(document),
        .settings = settings};
    struct registrator_ports ports;
    struct offers offers;
    dialect_read(&container, &offers);
    check_routes(&offers);
    check_offers(&offers);
    check_wishes(&offers);
    check_line(&offers);
    check_listeners(&offers);
    check_listeners_line(&offers);
    read_again(&container, &offers);
    offers_fini(&offers);
    registrator_ports_read(&(struct registrator_subject){.from = container.from,
                                                         .ports = container.exposed,
                                                         .image_name = "i",
                                                         .host = "h",
                                                         .container = "c"},
                           &ports);
    TARGET_CHECK(ports.count <= REGISTRATOR_PORTS_MAX);
    for (size_t i = 0; i < ports.count; i++)
        check_entry_check(&container, &ports.items[i]);
    registrator_ports_fini(&ports);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct traefik_items items[OTHERS_MAX + 1];
    struct traefik_catalog catalog = {0};
    json_t *document = document_parse(view_of((const char *)data, size), NULL);
    const json_t *others = json_object_get(document, "others");
    size_t count = 0;
    for (; count < OTHERS_MAX && count < json_array_size(others); count++)
        traefik_items_read(json_array_get(others, count), &items[count]);
    traefik_items_read(json_object_get(document, "labels"), &items[count++]);
    for (size_t i = 0; i < count; i++)
        traefik_catalog_add(&catalog, &items[i]);
    struct dialect_settings settings = {
        .requires_words = size % 2 == 1,
        .nginx_proxy = {.default_host = str_or_null(document, "host"),
                        .has_htpasswd = size % 3 == 0},
        .traefik = {.default_rule = str_or_null(document, "rule"),
                    .catalog = count > 1 ? &catalog : NULL}};
    if (json_is_object(document))
        read_container(document, &settings);
    traefik_catalog_fini(&catalog);
    for (size_t i = 0; i < count; i++)
        traefik_items_fini(&items[i]);
    json_decref(document);
    return 0;
}
