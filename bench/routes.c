/* What a table of routes costs: to build, to build again when one route has changed, and to ask. Run
 * under callgrind with two numbers of questions, the difference is instructions per question; they go
 * to all hosts in turn, so that there is nothing to be remembered.
 *
 *     routes ROUTES QUESTIONS
 */
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/url_path.h"
#include "lb/route/route_table.h"

struct site {
    char host[32], service[32];
};

/* A host and a path each, as those who have many sites do it. */
static void write_routes(struct route *routes, struct site *sites, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        snprintf(sites[i].host, sizeof(sites[i].host), "site%05u.example.com", i);
        snprintf(sites[i].service, sizeof(sites[i].service), "service-%u", i);
        routes[i] = (struct route){.host = {ROUTE_HOST, view_str(sites[i].host)},
                                   .path = {ROUTE_PATH, VIEW("/app")},
                                   .service = view_str(sites[i].service)};
    }
}

static double ms_since(uint64_t began_ns)
{
    return (double)(clock_mono_ns() - began_ns) / 1e6;
}

/* Builds one, and then the next, in which one route is another one. */
static struct route_table *build_twice(struct route *routes, uint32_t count)
{
    struct rule_wanted *wanted = memory_new(count * sizeof(*wanted));
    for (uint32_t i = 0; i < count; i++)
        wanted[i].route = &routes[i];
    uint64_t began_ns = clock_mono_ns();
    struct route_table *first = route_table_next(wanted, count, NULL);
    printf("%u routes built in %.2f ms", count, ms_since(began_ns));
    routes[count / 2].created_ns = 1;
    rule_box_unref(wanted[count / 2].box);
    wanted[count / 2].box = NULL;
    began_ns = clock_mono_ns();
    struct route_table *table = route_table_next(wanted, count, first);
    printf(", again in %.2f ms\n", ms_since(began_ns));
    for (uint32_t i = 0; i < count; i++)
        rule_box_unref(wanted[i].box);
    route_table_unref(first);
    free(wanted);
    return table;
}

static void ask_all(const struct route_table *table, const struct site *sites, uint32_t count,
                    uint64_t question_count)
{
    uint64_t began_ns = clock_mono_ns(), found = 0;
    for (uint64_t i = 0; i < question_count; i++) {
        char host[HOST_NAME_BYTES_MAX], path[32];
        struct question question = {.method = VIEW("GET")};
        question.host =
            host_name_of(view_of(sites[i % count].host, sizeof("site00000.example.com") - 1), host);
        url_path_normalise(VIEW("/app/index.html"), path, &question.path);
        found += route_table_find(table, &question) != ROUTE_TABLE_NONE;
    }
    printf("%llu questions, %.0f ns each\n", (unsigned long long)found,
           ms_since(began_ns) * 1e6 / (double)question_count);
}

int main(int argc, char **argv)
{
    uint64_t count, question_count;
    if (argc != 3 || !view_parse_u64(view_str(argv[1]), 65536, &count) || count == 0 ||
        !view_parse_u64(view_str(argv[2]), 1000000000, &question_count))
        return 2;
    struct route *routes = memory_new(count * sizeof(*routes));
    struct site *sites = memory_new(count * sizeof(*sites));
    write_routes(routes, sites, (uint32_t)count);
    struct route_table *table = build_twice(routes, (uint32_t)count);
    ask_all(table, sites, (uint32_t)count, question_count);
    route_table_unref(table);
    free(routes);
    free(sites);
    return 0;
}
