#include "lb/console/top_rows.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

static const char *const sort_words[] = {"rate", "5xx", "p99", "inflight", "name"};

const char *top_rows_sort_word(enum top_sort sort)
{
    return sort_words[sort];
}

bool top_rows_parse_sort(const char *word, enum top_sort *out)
{
    for (unsigned i = 0; i < TOP_SORT_COUNT; i++) {
        if (strcmp(word, sort_words[i]) == 0) {
            *out = (enum top_sort)i;
            return true;
        }
    }
    return false;
}

/* Of TCP and UDP what comes nearest to it. */
static double value_of(const json_t *numbers, enum top_sort sort)
{
    static const struct {
        const char *key, *passing;
    } keys[] = {[TOP_SORT_RATE] = {"rate", "rate"},
                [TOP_SORT_5XX] = {"rate_5xx", "failed_rate"},
                [TOP_SORT_P99] = {"p99_ms", "p99_ms"},
                [TOP_SORT_INFLIGHT] = {"inflight", "open"},
                [TOP_SORT_NAME] = {"", ""}};
    double value = world_number(numbers, keys[sort].key);
    if (value < 0)
        value = world_number(numbers, keys[sort].passing);
    return value > 0 ? value : 0;
}

/* Whoever is meant to leave is no trouble. */
static unsigned severity_of_endpoint(const json_t *facts)
{
    static const char *const quiet[] = {"ready", "draining", "gone"};
    const char *state = world_text(facts, "state");
    if (json_object_get(facts, "ordered"))
        return 0;
    for (size_t i = 0; state && i < sizeof(quiet) / sizeof(quiet[0]); i++)
        if (strcmp(state, quiet[i]) == 0)
            return world_text(facts, "problem") ? 1 : 0;
    return 2;
}

/* The default one may have no endpoints, where all requests go by routes. */
static unsigned severity_of_service(const json_t *facts, const json_t *numbers)
{
    double ready = world_number(facts, "ready"), count = world_number(facts, "endpoint_count");
    bool is_default = json_is_true(json_object_get(facts, "default"));
    if (count <= 0 && is_default && world_number(numbers, "rate") <= 0)
        return 0;
    if (ready <= 0)
        return 3;
    return json_is_true(json_object_get(facts, "panic")) || ready < count / 2 ? 2 : ready < count;
}

static int compare(const void *a, const void *b)
{
    const struct top_row *left = a, *right = b;
    if (left->severity != right->severity)
        return left->severity > right->severity ? -1 : 1;
    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    int order = strcmp(left->name, right->name);
    return order ? order : strcmp(left->key, right->key);
}

static struct top_row row_of(const struct world *world, const char *numbers, const char *key,
                             const json_t *facts, enum top_sort sort)
{
    struct top_row row = {.key = key, .name = world_text(facts, "name"), .facts = facts};
    row.numbers = world_entry(world, numbers, key);
    row.value = value_of(row.numbers, sort);
    row.name = row.name ? row.name : key;
    return row;
}

static struct top_rows list(const struct world *world, bool are_endpoints, enum top_sort sort)
{
    json_t *section = world_section(world, are_endpoints ? "endpoints" : "services");
    struct top_rows list = {memory_new((json_object_size(section) + 1) * sizeof(struct top_row)),
                            0};
    const char *key;
    json_t *facts;
    json_object_foreach (section, key, facts) {
        struct top_row row =
            row_of(world, are_endpoints ? "endpoint_numbers" : "service_numbers", key, facts, sort);
        row.is_endpoint = are_endpoints;
        row.severity =
            are_endpoints ? severity_of_endpoint(facts) : severity_of_service(facts, row.numbers);
        list.rows[list.count++] = row;
    }
    qsort(list.rows, list.count, sizeof(*list.rows), compare);
    return list;
}

/* Those of each service stand together then, in their order: the sort below keeps it. */
struct owned {
    const char *service;
    unsigned place;
};

static int compare_owned(const void *a, const void *b)
{
    const struct owned *left = a, *right = b;
    int order = strcmp(left->service, right->service);
    return order ? order : left->place < right->place ? -1 : 1;
}

static struct owned *own(const struct top_rows *endpoints)
{
    struct owned *owned = memory_new((endpoints->count + 1) * sizeof(*owned));
    for (unsigned i = 0; i < endpoints->count; i++) {
        const char *service = world_text(endpoints->rows[i].facts, "service");
        owned[i] = (struct owned){service ? service : "", i};
    }
    qsort(owned, endpoints->count, sizeof(*owned), compare_owned);
    return owned;
}

/* The first one of that service. */
static unsigned find_first(const struct owned *owned, unsigned count, const char *service)
{
    unsigned low = 0, high = count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (strcmp(owned[middle].service, service) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct top_rows top_rows_make(const struct world *world, enum top_sort sort, bool services_only)
{
    struct top_rows services = list(world, false, sort);
    if (services_only)
        return services;
    struct top_rows endpoints = list(world, true, sort), all = {0};
    struct owned *owned = own(&endpoints);
    all.rows = memory_new((services.count + endpoints.count + 1) * sizeof(*all.rows));
    for (unsigned i = 0; i < services.count; i++) {
        const char *key = services.rows[i].key;
        all.rows[all.count++] = services.rows[i];
        for (unsigned k = find_first(owned, endpoints.count, key);
             k < endpoints.count && strcmp(owned[k].service, key) == 0; k++)
            all.rows[all.count++] = endpoints.rows[owned[k].place];
    }
    free(owned);
    top_rows_fini(&services);
    top_rows_fini(&endpoints);
    return all;
}

void top_rows_fini(struct top_rows *rows)
{
    free(rows->rows);
    *rows = (struct top_rows){0};
}
