/* Rules of Traefik and the requests that ask for them, a line each; each rule is of a container of its
 * own, the first is the oldest:
 *
 *     Host(`a.test`) && (PathPrefix(`/x`) || !Method(`GET`))
 *     ? POST a.test/x/y?z X-K: v
 *
 * They go the way of labels, up to the table of routes. What holds: each request goes to a container
 * whose rule holds for it, which a plain evaluator finds out by the rule as it is written, and of
 * those to one with the longest; and to none only where no rule holds. */
#include <stdio.h>
#include <stdlib.h>

#include "discovery/dialect/dialect.h"
#include "discovery/dialect/traefik_rule.h"
#include "lb/base/memory.h"
#include "lb/route/route_table.h"
#include "tests/fuzz/support/asked.h"
#include "tests/fuzz/support/plain_rule.h"
#include "tests/fuzz/support/route_oracle.h"

#define SITES_MAX  12u
#define ROUTES_MAX 1024u

struct site {
    struct view rule;
    bool is_usable; /* nothing is told of it */
    struct offers offers;
    char service[16];
};

struct world {
    struct site sites[SITES_MAX];
    uint32_t count;
    struct route routes[ROUTES_MAX];
    uint32_t route_count;
    struct route_table *table;
    struct pattern_scratch *scratch;
};

/* ---- containers ------------------------------------------------------------------------------ */

static bool is_rule(struct view text)
{
    struct traefik_rule rule;
    struct traefik_rule_error error;
    bool is_one = traefik_rule_parse(text, &rule, &error);
    traefik_rule_fini(&rule);
    return is_one;
}

static void take_site(struct world *world, struct view line)
{
    bool is_label = view_trim(line).len > 0 && !memchr(line.ptr, '\0', line.len);
    if (world->count == SITES_MAX || !is_label)
        return;
    struct site *site = &world->sites[world->count];
    char name[8];
    json_t *labels = json_object(), *exposed = json_pack("{s:{}}", "80/tcp");
    json_t *rule = json_stringn(line.ptr, line.len);
    snprintf(name, sizeof(name), "c%u", world->count);
    snprintf(site->service, sizeof(site->service), "%s@docker", name);
    site->rule = line;
    if (rule) /* it is UTF-8 */
        json_object_set_new(labels, "traefik.http.routers.r.rule", rule);
    dialect_read(
        &(struct dialect_container){
            .from = {.labels = labels}, .exposed = exposed, .image = "i", .name = name},
        &site->offers);
    site->is_usable = rule && !site->offers.remark && is_rule(line);
    TARGET_CHECK(site->is_usable || site->offers.route_count == 0);
    for (size_t i = 0; i < site->offers.route_count && world->route_count < ROUTES_MAX; i++) {
        world->routes[world->route_count] = site->offers.routes[i];
        world->routes[world->route_count++].created_ns = world->count + 1;
    }
    world->count++;
    json_decref(labels);
    json_decref(exposed);
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* One label, and what is behind it. */
static bool is_below(struct view host, struct view suffix)
{
    ptrdiff_t dot = view_find(host, '.');
    return dot > 0 && view_eq(view_skip(host, (size_t)dot), suffix);
}

static bool matcher_holds(const struct traefik_condition *condition, const void *asked)
{
    const struct question *question = asked;
    static const enum route_kind kinds[] = {
        [TRAEFIK_HOST] = ROUTE_HOST,
        [TRAEFIK_HOST_REGEXP] = ROUTE_HOST_REGEX,
        [TRAEFIK_PATH] = ROUTE_PATH_EXACT,
        [TRAEFIK_PATH_PREFIX] = ROUTE_PATH_START,
        [TRAEFIK_PATH_REGEXP] = ROUTE_PATH_REGEX,
        [TRAEFIK_METHOD] = ROUTE_METHOD,
        [TRAEFIK_HEADER] = ROUTE_HEADER,
        [TRAEFIK_HEADER_REGEXP] = ROUTE_HEADER_REGEX,
        [TRAEFIK_QUERY] = ROUTE_QUERY,
        [TRAEFIK_QUERY_REGEXP] = ROUTE_QUERY_REGEX,
        [TRAEFIK_CLIENT_IP] = ROUTE_CLIENT,
    };
    if (condition->matcher == TRAEFIK_ANY)
        return true;
    if (condition->matcher == TRAEFIK_HOST_WILD)
        return is_below(question->host, view_str(condition->value));
    return route_oracle_holds(&(struct route_condition){.kind = kinds[condition->matcher],
                                                        .name = view_str(condition->name),
                                                        .value = view_str(condition->value)},
                              question);
}

static bool holds_for(const struct site *site, const struct question *question)
{
    return site->is_usable && plain_rule_holds(site->rule, matcher_holds, question);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void check(const struct world *world, const struct question *question,
                  const struct question *plain)
{
    uint32_t found = route_table_find(world->table, question);
    struct view service =
        found == ROUTE_TABLE_NONE ? view_of(NULL, 0) : world->table->rules[found]->route.service;
    size_t longest = 0;
    bool is_wanted = false;
    for (uint32_t i = 0; i < world->count; i++)
        if (holds_for(&world->sites[i], plain) && world->sites[i].rule.len > longest)
            longest = world->sites[i].rule.len;
    for (uint32_t i = 0; i < world->count; i++)
        is_wanted |= view_eq(service, view_str(world->sites[i].service)) &&
                     world->sites[i].rule.len == longest && holds_for(&world->sites[i], plain);
    TARGET_CHECK(is_wanted == (longest > 0));
    TARGET_CHECK(is_wanted == (found != ROUTE_TABLE_NONE));
}

static void take_question(struct world *world, struct view line)
{
    struct asked asked;
    if (asked_read(&asked, line, world->scratch))
        check(world, &asked.question, &asked.plain);
    asked_fini(&asked);
}

static bool is_question(struct view line)
{
    return view_starts_with(line, VIEW("? "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = memory_new(sizeof(*world));
    struct view text = view_of((const char *)data, size);
    world->scratch = pattern_scratch_new();
    for (struct view rest = text; rest.ptr;) {
        struct view line = view_cut(&rest, '\n');
        if (line.len > 0 && !is_question(line))
            take_site(world, line);
    }
    world->table = route_table_new(world->routes, world->route_count, NULL);
    bool is_whole = world->route_count < ROUTES_MAX && world->table->unusable_count == 0;
    for (struct view rest = text; rest.ptr && is_whole;) {
        struct view line = view_cut(&rest, '\n');
        if (is_question(line))
            take_question(world, view_skip(line, 2));
    }
    route_table_unref(world->table);
    pattern_scratch_free(world->scratch);
    for (uint32_t i = 0; i < world->count; i++)
        offers_fini(&world->sites[i].offers);
    free(world);
    return 0;
}
