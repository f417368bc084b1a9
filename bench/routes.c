/* What a table of routes costs: to build, to build again when one route has changed, and to ask. Run
 * under callgrind with two numbers of questions, the difference is instructions per question; they go
 * to all hosts in turn, so that there is nothing to be remembered. The same with two numbers of
 * changes, 1 if not given. Routes that share hosts have paths of their own.
 *
 *     routes ROUTES QUESTIONS [CHANGES [HOSTS]]
 */
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/url_path.h"
#include "lb/route/route_table.h"

struct site {
    char host[32], path[32], service[32];
};

/* A host and a path each, as those who have many sites do it. */
static void write_routes(struct route *routes, struct site *sites, uint32_t count, uint32_t hosts)
{
    for (uint32_t i = 0; i < count; i++) {
        snprintf(sites[i].host, sizeof(sites[i].host), "site%05u.example.com", i % hosts);
        snprintf(sites[i].path, sizeof(sites[i].path), hosts < count ? "/app/%u" : "/app", i);
        snprintf(sites[i].service, sizeof(sites[i].service), "service-%u", i);
        routes[i] = (struct route){.host = {ROUTE_HOST, view_str(sites[i].host)},
                                   .path = {ROUTE_PATH, view_str(sites[i].path)},
                                   .service = view_str(sites[i].service)};
    }
}

static double ms_since(uint64_t began_ns)
{
    return (double)(clock_mono_ns() - began_ns) / 1e6;
}

static struct route_table *build_first(struct rule_wanted *wanted, uint32_t count)
{
    uint64_t began_ns = clock_mono_ns();
    struct route_table *table = route_table_next(wanted, count, NULL);
    printf("%u routes built in %.2f ms", count, ms_since(began_ns));
    return table;
}

/* The next ones, in each of which one route is another one. */
static struct route_table *build_again(struct route *routes, struct rule_wanted *wanted,
                                       uint32_t count, struct route_table *table, uint64_t changes)
{
    uint64_t took_ns = 0;
    for (uint64_t i = 1; i <= changes; i++) {
        uint32_t changed = (uint32_t)(count / 2 + i) % count;
        routes[changed].created_ns = i;
        rule_box_unref(wanted[changed].box);
        wanted[changed].box = NULL;
        uint64_t began_ns = clock_mono_ns();
        struct route_table *next = route_table_next(wanted, count, table);
        took_ns += clock_mono_ns() - began_ns;
        route_table_unref(table);
        table = next;
    }
    printf(", again in %.2f ms\n", (double)took_ns / 1e6 / (double)changes);
    return table;
}

static struct route_table *build(struct route *routes, uint32_t count, uint64_t changes)
{
    struct rule_wanted *wanted = memory_new(count * sizeof(*wanted));
    for (uint32_t i = 0; i < count; i++)
        wanted[i].route = &routes[i];
    struct route_table *table = build_first(wanted, count);
    table = build_again(routes, wanted, count, table, changes);
    for (uint32_t i = 0; i < count; i++)
        rule_box_unref(wanted[i].box);
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

static bool parse(int argc, char **argv, uint64_t numbers[4])
{
    for (int i = 1; i < argc; i++)
        if (!view_parse_u64(view_str(argv[i]), 1000000000, &numbers[i - 1]))
            return false;
    return argc >= 3 && numbers[0] > 0 && numbers[0] <= 65536 && numbers[2] > 0;
}

int main(int argc, char **argv)
{
    uint64_t numbers[4] = {0, 0, 1, 0};
    if (argc > 5 || !parse(argc, argv, numbers))
        return 2;
    uint64_t count = numbers[0], question_count = numbers[1];
    struct route *routes = memory_new(count * sizeof(*routes));
    struct site *sites = memory_new(count * sizeof(*sites));
    write_routes(routes, sites, (uint32_t)count, (uint32_t)(numbers[3] > 0 ? numbers[3] : count));
    struct route_table *table = build(routes, (uint32_t)count, numbers[2]);
    ask_all(table, sites, (uint32_t)count, question_count);
    route_table_unref(table);
    free(routes);
    free(sites);
    return 0;
}
