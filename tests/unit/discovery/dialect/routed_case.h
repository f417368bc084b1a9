/* From the words of containers to the service that a request goes to. Includes cmocka. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_ROUTED_CASE_H
#define TESTS_UNIT_DISCOVERY_DIALECT_ROUTED_CASE_H

#include "discovery/dialect/dialect.h"

#include "lb/base/memory.h"
#include "tests/unit/route/table_case.h"

#include "tests/unit/discovery/cmocka_all.h"

#define CONTAINERS_MAX 6

/* Words of containers, the oldest first: "NAME=value" lines; labels and variables alike. */
struct world {
    const char *words[CONTAINERS_MAX];
    const char *default_host;
};

struct row {
    const char *line;     /* "POST a.test/path?query" */
    const char *expected; /* a service; "404" or "503", lb's own answer; "-": no route */
    const char *fields, *client, *strip;
};

static inline void split(const char *words, json_t **labels, json_t **environment)
{
    struct view rest = view_str(words);
    *labels = json_object();
    *environment = json_array();
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n'), value = line, name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_array_append_new(*environment, json_stringn(line.ptr, line.len));
        json_object_set_new(*labels, key, json_stringn(value.ptr, value.len));
        free(key);
    }
}

static inline void read_container(const struct world *world, size_t number, struct offers *out)
{
    json_t *labels, *environment, *exposed = json_loads("{\"80/tcp\":{}}", 0, NULL);
    struct dialect_settings settings = {.nginx_proxy.default_host = world->default_host};
    char name[8];
    snprintf(name, sizeof(name), "c%zu", number);
    split(world->words[number], &labels, &environment);
    dialect_read(&(struct dialect_container){.from = {.labels = labels, .environment = environment},
                                             .exposed = exposed,
                                             .image = "image",
                                             .name = name,
                                             .settings = &settings},
                 out);
    json_decref(labels);
    json_decref(environment);
    json_decref(exposed);
}

static inline void check_row(const struct route_table *table, const struct row *row)
{
    struct asked asked;
    struct address client;
    char got[64] = "-";
    ask(&asked, row->line, row->fields);
    if (row->client)
        assert_true(address_parse_ip(view_str(row->client), 0, &client));
    asked.question.client = row->client ? &client : NULL;
    uint32_t number = route_table_find(table, &asked.question);
    const struct route *route = number == ROUTE_TABLE_NONE ? NULL : &table->rules[number]->route;
    if (route && route->answer_status > 0)
        snprintf(got, sizeof(got), "%u", route->answer_status);
    else if (route)
        snprintf(got, sizeof(got), "%.*s", (int)route->service.len, route->service.ptr);
    if (strcmp(got, row->expected) != 0)
        fail_msg("%s goes to %s, not to %s", row->line, got, row->expected);
    if (route && row->strip)
        assert_true(view_eq(route->strip, view_str(row->strip)));
}

static inline void check(const struct world *world, const struct row *rows, size_t row_count)
{
    struct offers offers[CONTAINERS_MAX];
    struct route routes[64];
    uint32_t count = 0;
    size_t containers = 0;
    for (; containers < CONTAINERS_MAX && world->words[containers]; containers++) {
        read_container(world, containers, &offers[containers]);
        for (size_t i = 0; i < offers[containers].route_count; i++) {
            routes[count] = offers[containers].routes[i];
            routes[count++].created_ns = containers + 1;
        }
    }
    struct route_table *table = route_table_new(routes, count, NULL);
    for (size_t i = 0; i < row_count; i++)
        check_row(table, &rows[i]);
    route_table_unref(table);
    for (size_t i = 0; i < containers; i++)
        offers_fini(&offers[i]);
}

#define CHECK(world, ...)                                                                          \
    do {                                                                                           \
        static const struct row rows[] = {__VA_ARGS__};                                            \
        (void)state;                                                                               \
        check(world, rows, COUNT(rows));                                                           \
    } while (0)

/* A row, and what else is known of it. */
#define GO(from, to, ...)                                                                          \
    {                                                                                              \
        .line = from, .expected = to, __VA_ARGS__                                                  \
    }

#define WORLD(...) (&(struct world){.words = {__VA_ARGS__}})

#endif
