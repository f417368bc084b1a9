/* Routes and the requests that ask for them, a line each:
 *
 *     host *.a.test | path /x | !method POST | header X-K: v | priority 3 | rank 5 | created 7
 *     ? @10.0.0.1 POST a.test/x/y?z X-K: v | X-K: w
 *
 * What holds: host and path are what a plain reader makes of them; each request goes by the route that
 * an oracle finds, which tries all of them one by one, whatever was asked before and also where the
 * host is known from before; explain says the same, and which would be next; and nothing leaks. */
#include <stdio.h>
#include <stdlib.h>

#include "lb/contract/route_check.h"
#include "lb/route/route_table.h"
#include "tests/fuzz/support/asked.h"
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

struct asking {
    const struct routes *all;
    const struct route_table *table;
    struct view authority; /* of the last question; NULL: there was none yet */
    struct route_table_hosts met;
    bool are_all; /* of that authority, in `met` */
    struct pattern_scratch *scratch;
};

static bool is_route(const struct asking *asking, uint32_t found, uint32_t wanted)
{
    if (found == ROUTE_TABLE_NONE || wanted == ROUTE_ORACLE_NONE)
        return found == ROUTE_TABLE_NONE && wanted == ROUTE_ORACLE_NONE;
    return view_eq(asking->table->rules[found]->route.label, asking->all->routes[wanted].label);
}

/* As a worker does it that keeps the hosts of its last request. */
static uint32_t find_with_memory(struct asking *asking, const struct asked *asked)
{
    if (!asking->authority.ptr || !view_eq(asking->authority, asked->authority)) {
        asking->authority = asked->authority;
        asking->are_all = route_table_meet(asking->table, asked->authority, &asking->met);
    }
    TARGET_CHECK(view_eq(asking->met.host, asked->question.host));
    return asking->are_all ? route_table_find_among(asking->table, &asking->met, &asked->question)
                           : route_table_find(asking->table, &asked->question);
}

/* False: some regex takes too much, and so it is not known. */
static bool ask_oracle(const struct routes *all, const struct question *question, uint32_t *wanted,
                       uint32_t *next)
{
    *wanted = route_oracle_find(all->routes, all->count, ROUTE_ORACLE_NONE, question);
    bool is_known = !pattern_scratch_is_exhausted(question->scratch);
    *next = *wanted == ROUTE_ORACLE_NONE
                ? ROUTE_ORACLE_NONE
                : route_oracle_find(all->routes, all->count, *wanted, question);
    return is_known && !pattern_scratch_is_exhausted(question->scratch);
}

static void check(struct asking *asking, const struct asked *asked)
{
    const struct question *question = &asked->question;
    uint32_t wanted, next;
    bool is_known = ask_oracle(asking->all, &asked->plain, &wanted, &next);
    uint32_t found = route_table_find(asking->table, question);
    bool is_in_doubt =
        found != ROUTE_TABLE_NONE && route_table_is_in_doubt(asking->table, question, found);
    struct route_table_answer answer = route_table_explain(asking->table, question);
    TARGET_CHECK(find_with_memory(asking, asked) == found);
    TARGET_CHECK(answer.winner == found);
    if (!is_known)
        return;
    TARGET_CHECK(!is_in_doubt && is_route(asking, found, wanted));
    TARGET_CHECK(is_route(asking, answer.next, next));
}

static void take_question(struct asking *asking, struct view line)
{
    struct asked asked;
    if (asked_read(&asked, line, asking->scratch))
        check(asking, &asked);
    asked_fini(&asked);
}

static bool is_question(struct view line)
{
    return view_starts_with(line, VIEW("? "));
}

/* After others that have some of them already: first ones, last ones, one, and all but the first. */
static struct route_table *make_table(const struct routes *all)
{
    uint32_t count = all->count, third = count / 3;
    const uint32_t begins[] = {0, third, count > 1, count > 0, 0};
    const uint32_t ends[] = {count - third, count, count > 1 ? 2 : count, count, count};
    struct rule_wanted wanted[ROUTES_MAX] = {0};
    struct route_table *table = NULL;
    for (uint32_t i = 0; i < count; i++)
        wanted[i].route = &all->routes[i];
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
        struct route_table *before = table;
        table = route_table_next(wanted + begins[i], ends[i] - begins[i], before);
        route_table_unref(before);
    }
    for (uint32_t i = 0; i < count; i++)
        rule_box_unref(wanted[i].box);
    return table;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct routes all;
    struct view text = view_of((const char *)data, size);
    struct asking asking = {.all = &all, .scratch = pattern_scratch_new()};
    all.count = 0;
    for (struct view rest = text; rest.ptr;) {
        struct view line = view_cut(&rest, '\n');
        if (line.len > 0 && !is_question(line))
            take_route(&all, line);
    }
    struct route_table *table = make_table(&all);
    TARGET_CHECK(table->count + table->unusable_count == all.count);
    asking.table = table;
    for (struct view rest = text; rest.ptr;) {
        struct view line = view_cut(&rest, '\n');
        if (is_question(line))
            take_question(&asking, view_skip(line, 2));
    }
    route_table_unref(table);
    pattern_scratch_free(asking.scratch);
    return 0;
}
