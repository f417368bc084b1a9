/* Lines, given to a keeper of routes. Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_ROUTE_KEEPER_CASE_H
#define TESTS_UNIT_FOLLOW_ROUTE_KEEPER_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/follow/route_keeper.h"

static struct route_keeper keeper;
static json_t *services_before;

static inline int tear_down(void **state)
{
    (void)state;
    route_keeper_fini(&keeper);
    json_decref(services_before);
    services_before = NULL;
    return 0;
}

/* Endpoints by service, each of a container, or of a file: {"a":["one","two","file-1"]}. */
static inline json_t *services_of(const char *members)
{
    json_t *object = json_loads(members, 0, NULL), *services = json_array(), *list, *container;
    const char *name;
    size_t index;
    json_object_foreach (object, name, list) {
        json_t *endpoints = json_array();
        json_array_foreach (list, index, container) {
            const char *id = json_string_value(container);
            json_array_append_new(endpoints,
                                  strncmp(id, "file", 4) == 0
                                      ? json_pack("{s:s}", "id", id)
                                      : json_pack("{s:s,s:s}", "id", id, "container", id));
        }
        json_array_append_new(services,
                              json_pack("{s:s,s:o}", "name", name, "endpoints", endpoints));
    }
    json_decref(object);
    return services;
}

static inline enum route_keeper_news take_with(const char *array, const char *members,
                                               uint64_t now_ms)
{
    json_t *json = json_loads(array, 0, NULL), *services = services_of(members);
    struct text problem = TEXT_INIT;
    struct route_keeper next;
    const struct route_keeper_line line = {json, services, services_before, now_ms};
    enum route_keeper_news news = route_keeper_read(&keeper, &line, &next, &problem);
    if (news == ROUTE_KEEPER_OTHER) {
        route_keeper_fini(&keeper);
        keeper = next;
    }
    assert_int_equal(news == ROUTE_KEEPER_REFUSED, problem.len > 0);
    json_decref(json); /* its strings stay as long as they are needed */
    json_decref(services_before);
    services_before = services;
    text_fini(&problem);
    return news;
}

/* The service that a request goes to, or the status that lb answers with; "-": none. */
static inline const char *served_at(const char *host, const char *path)
{
    static char name[32];
    struct question question = {.host = view_str(host),
                                .path = view_str(path),
                                .method = VIEW("GET"),
                                .scratch = pattern_scratch_new()};
    uint32_t number = keeper.table ? route_table_find(keeper.table, &question) : ROUTE_TABLE_NONE;
    pattern_scratch_free(question.scratch);
    if (number == ROUTE_TABLE_NONE)
        return "-";
    const struct route *route = &keeper.table->rules[number]->route;
    if (route->answer_status > 0)
        snprintf(name, sizeof(name), "%u", route->answer_status);
    else
        snprintf(name, sizeof(name), "%.*s", (int)route->service.len, route->service.ptr);
    return name;
}

static inline const char *served_by(const char *host)
{
    return served_at(host, "/");
}

#endif
