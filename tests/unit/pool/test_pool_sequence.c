/* Any sequence of snapshots, against what is believed to be in the pool. */
#include "lb/base/rng.h"

#include "tests/unit/pool/build_case.h"

#define IDS 24u

/* What is believed to be in the pool. */
struct believed {
    struct endpoint *endpoint; /* NULL: not there */
    enum endpoint_state state;
    unsigned variant; /* of name, weight and address */
    bool is_admitted;
};

static unsigned below(struct rng *rng, unsigned count)
{
    return (unsigned)(rng_next(rng) % count);
}

static struct row row_of(unsigned i, unsigned variant, enum endpoint_state state, char text[64])
{
    static const char *const addresses[] = {"10.0.0.1:80", "10.0.0.2:80"};
    snprintf(text, 64, "%u", i / 2);
    return (struct row){.service = i % 2 ? "a" : "b",
                        .id = text,
                        .name = variant & 1 ? "n1" : "n2",
                        .address = addresses[variant >> 2 & 1],
                        .weight = 1 + (variant >> 1 & 1),
                        .state = state};
}

static void check(struct believed *known, const struct pool *pool, const struct row *row,
                  unsigned variant, unsigned *change_count)
{
    struct endpoint *endpoint = find(pool, row->service, row->id);
    bool is_same = known->endpoint && known->variant == variant;
    bool is_admitted = known->endpoint && known->variant >> 2 == variant >> 2 &&
                       known->is_admitted && row->state == ENDPOINT_READY;
    enum endpoint_state want =
        row->state == ENDPOINT_READY && !is_admitted ? ENDPOINT_PROBING : row->state;
    assert_non_null(endpoint);
    assert_int_equal(endpoint == known->endpoint, is_same);
    assert_int_equal(endpoint_state(endpoint), want);
    assert_int_equal(is_in_rotation(pool, endpoint), want == ENDPOINT_READY);
    *change_count += is_same ? known->state != want : 1u + (known->endpoint != NULL);
    if (!is_same)
        endpoint_unref(known->endpoint);
    *known = (struct believed){is_same ? known->endpoint : endpoint_ref(endpoint), want, variant,
                               is_admitted};
}

static void forget(struct believed *known, const struct pool *pool, const struct row *row,
                   unsigned *change_count)
{
    assert_null(find(pool, row->service, row->id));
    if (known->endpoint) {
        assert_int_equal(endpoint_state(known->endpoint), ENDPOINT_GONE);
        ++*change_count;
        endpoint_unref(known->endpoint);
    }
    *known = (struct believed){0};
}

static void test_any_sequence(void **state)
{
    struct believed known[IDS] = {0};
    struct rng rng = {3};
    struct pool *pool = NULL;
    (void)state;
    for (unsigned turn = 0; turn < 1000; turn++) {
        char ids[IDS][64];
        struct row all[IDS], rows[IDS];
        unsigned variants[IDS], count = 0, change_count = 0, lines = 0;
        bool is_wanted[IDS];
        for (unsigned i = 0; i < IDS; i++) {
            bool keeps = below(&rng, 4) > 0; /* mostly as it was, so that chains come about */
            variants[i] = keeps ? known[i].variant : below(&rng, 8);
            is_wanted[i] = keeps ? known[i].endpoint != NULL : below(&rng, 2);
            enum endpoint_state said = below(&rng, 3) ? ENDPOINT_READY : ENDPOINT_PAUSED;
            all[i] = row_of(i, variants[i], said, ids[i]);
            if (is_wanted[i])
                rows[count++] = all[i];
            if (known[i].endpoint && below(&rng, 2))
                known[i].is_admitted = known[i].endpoint->is_admitted = true;
        }
        pool = build(pool, rows, count, NULL);
        for (unsigned i = 0; i < IDS; i++) {
            if (is_wanted[i])
                check(&known[i], pool, &all[i], variants[i], &change_count);
            else
                forget(&known[i], pool, &all[i], &change_count);
        }
        for (size_t i = 0; i < told.len; i++)
            lines += told.bytes[i] == '\n';
        assert_int_equal(lines, change_count);
    }
    pool_unref(pool);
    for (unsigned i = 0; i < IDS; i++)
        endpoint_unref(known[i].endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
