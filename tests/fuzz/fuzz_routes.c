/* Routes and the requests that ask for them, a line each:
 *
 *     host *.a.test | path /x | !method POST | header X-K: v | priority 3 | rank 5 | created 7
 *     ? POST a.test/x/y?z X-K: v
 *
 * What holds: each request goes by the route that an oracle finds, which tries all of them one by
 * one; explain says the same; and nothing leaks. */
#include <stdio.h>
#include <stdlib.h>

#include "lb/contract/url_path.h"
#include "lb/route/route_table.h"
#include "tests/fuzz/support/route_oracle.h"
#include "tests/fuzz/support/target.h"

#define ROUTES_MAX     64u
#define CONDITIONS_MAX 4u

struct routes {
    struct route routes[ROUTES_MAX];
    struct route_condition conditions[ROUTES_MAX][CONDITIONS_MAX];
    char labels[ROUTES_MAX][8]; /* which of them it is; a tie goes to the first */
    uint32_t count;
};

static int number_of(struct view text)
{
    uint64_t number = 0;
    bool is_negative = view_starts_with(text, VIEW("-"));
    view_parse_u64(is_negative ? view_skip(text, 1) : text, 1000, &number);
    return is_negative ? -(int)number : (int)number;
}

static void take_condition(struct routes *all, struct route_condition *condition)
{
    struct route *route = &all->routes[all->count];
    if (route_kind_has_name(condition->kind)) {
        struct view value = condition->value;
        condition->name = view_trim(view_cut(&value, ':'));
        condition->value = view_trim(value);
    }
    if (!route_place(route, condition) && route->condition_count < CONDITIONS_MAX)
        all->conditions[all->count][route->condition_count++] = *condition;
}

static void take_word(struct routes *all, struct view part)
{
    struct route *route = &all->routes[all->count];
    struct view value = view_trim(part), word = view_cut(&value, ' ');
    struct route_condition condition = {.is_not = view_starts_with(word, VIEW("!"))};
    condition.kind = route_kind_parse(condition.is_not ? view_skip(word, 1) : word);
    condition.value = view_trim(value);
    if (condition.kind < ROUTE_KIND_COUNT)
        take_condition(all, &condition);
    else if (view_eq(word, VIEW("priority")))
        route->priority = number_of(condition.value);
    else if (view_eq(word, VIEW("created")))
        route->created_ns = (uint64_t)abs(number_of(condition.value));
    route->is_ranked |= view_eq(word, VIEW("rank"));
    if (view_eq(word, VIEW("rank")))
        route->rank = number_of(condition.value);
}

static void take_route(struct routes *all, struct view line)
{
    struct text problem = TEXT_INIT;
    struct route *route = &all->routes[all->count];
    if (all->count == ROUTES_MAX)
        return;
    snprintf(all->labels[all->count], sizeof(all->labels[0]), "%03u", (unsigned)all->count);
    *route = (struct route){.conditions = all->conditions[all->count],
                            .service = view_str(all->labels[all->count]),
                            .label = view_str(all->labels[all->count])};
    while (line.ptr)
        take_word(all, view_cut(&line, '|'));
    bool is_good = route_check(route, &problem);
    TARGET_CHECK(is_good == (problem.len == 0));
    all->count += is_good;
    text_fini(&problem);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* One field: "name: value". */
static struct view next_field(const void *message, struct view name, unsigned *seen)
{
    struct view value = *(const struct view *)message;
    struct view found = view_cut(&value, ':');
    if ((*seen)++ > 0 || !value.ptr || !view_eq_nocase(view_trim(found), name))
        return view_of(NULL, 0);
    return view_trim(value);
}

static void check(const struct routes *all, const struct route_table *table,
                  const struct question *question)
{
    uint32_t wanted = route_oracle_find(all->routes, all->count, question);
    uint32_t found = route_table_find(table, question);
    TARGET_CHECK((wanted == ROUTE_ORACLE_NONE) == (found == ROUTE_TABLE_NONE));
    struct route_table_answer answer = route_table_explain(table, question);
    TARGET_CHECK(answer.winner == found);
    TARGET_CHECK(answer.next == ROUTE_TABLE_NONE || answer.next != found);
    if (found != ROUTE_TABLE_NONE)
        TARGET_CHECK(view_eq(table->rules[found]->route.label, all->routes[wanted].label));
}

static void take_question(const struct routes *all, const struct route_table *table,
                          struct view line, struct pattern_scratch *scratch)
{
    struct view fields = view_trim(line), method = view_cut(&fields, ' ');
    struct view query = view_cut(&fields, ' ');
    if (!query.ptr)
        return;
    ptrdiff_t slash = view_find(query, '/');
    struct view authority = view_of(query.ptr, slash < 0 ? query.len : (size_t)slash);
    struct address client;
    char host[HOST_NAME_BYTES_MAX];
    query = view_skip(query, authority.len);
    struct view path = view_cut(&query, '?');
    char *room = malloc(path.len + 1);
    struct question question = {.host = host_name_of(authority, host),
                                .query = query,
                                .method = method,
                                .next_field = next_field,
                                .message = &fields,
                                .scratch = scratch};
    if (address_parse(VIEW("10.1.2.3:4"), &client))
        question.client = &client;
    if (url_path_normalise(path, room, &question.path) != URL_PATH_REFUSED)
        check(all, table, &question);
    free(room);
}

static bool is_question(struct view line)
{
    return view_starts_with(line, VIEW("? "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct routes all;
    struct view text = view_of((const char *)data, size);
    struct pattern_scratch *scratch = pattern_scratch_new();
    all.count = 0;
    for (struct view rest = text; rest.ptr;) {
        struct view line = view_cut(&rest, '\n');
        if (line.len > 0 && !is_question(line))
            take_route(&all, line);
    }
    struct route_table *first = route_table_new(all.routes, all.count, NULL);
    struct route_table *table = route_table_new(all.routes, all.count, first);
    route_table_unref(first);
    TARGET_CHECK(table->count + table->unusable_count == all.count);
    for (struct view rest = text; rest.ptr;) {
        struct view line = view_cut(&rest, '\n');
        if (is_question(line))
            take_question(&all, table, view_skip(line, 2), scratch);
    }
    route_table_unref(table);
    pattern_scratch_free(scratch);
    return 0;
}
