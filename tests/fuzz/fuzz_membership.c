/* Lines of lb-discovery as lb reads them, and the pools that are built from them, one after the
 * other as in a running lb. What holds: a bad line changes nothing, every pool is in order, round
 * robin gives ready endpoints only, and nothing leaks. */
#include <string.h>

#include "lb/policy/balance.h"
#include "lb/run/membership.h"
#include "tests/fuzz/support/target.h"

#define WORKERS 2u

static void note_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    unsigned *count = owner;
    TARGET_CHECK(endpoint_state(endpoint) != before);
    if (endpoint_state(endpoint) == ENDPOINT_PROBING)
        endpoint->is_admitted = true; /* as if a probe had succeeded: ready in the next pool */
    ++*count;
}

static void check_service(const struct pool_service *service)
{
    struct balance_tried tried = {0};
    TARGET_CHECK(service->rotation_count <= POOL_ROTATION_MAX);
    for (unsigned i = 1; i < service->endpoint_count; i++)
        TARGET_CHECK(strcmp(service->endpoints[i - 1]->name, service->endpoints[i]->name) <= 0);
    for (unsigned i = 0; i < 2 * BALANCE_TRIED_MAX; i++) {
        struct endpoint *endpoint = balance_pick(service, &tried);
        if (!endpoint)
            break;
        TARGET_CHECK(endpoint_is_usable(endpoint));
        TARGET_CHECK(endpoint->weight >= 1 && endpoint->weight <= ENDPOINT_WEIGHT_MAX);
        TARGET_CHECK(address_port(&endpoint->address) > 0);
        balance_note_tried(&tried, endpoint);
    }
}

static void check_pool(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->service_count; i++) {
        TARGET_CHECK(i == 0 || strcmp(pool->services[i - 1].name, pool->services[i].name) < 0);
        TARGET_CHECK(pool_find(pool, view_str(pool->services[i].name)) == &pool->services[i]);
        check_service(&pool->services[i]);
    }
}

static struct pool *build(const struct pool *before, struct membership *membership)
{
    unsigned change_count = 0;
    struct pool *pool = pool_build(before, &membership->wanted,
                                   &(struct pool_rules){.worker_count = WORKERS});
    pool_build_settle(pool, before, note_change, &change_count);
    TARGET_CHECK(!before || pool->version > before->version || change_count == 0);
    check_pool(pool);
    return pool;
}

static void check_left_out(const struct membership *membership)
{
    struct text out = TEXT_INIT;
    struct json_writer writer;
    json_writer_init(&writer, &out);
    membership_write_left_out(membership, &writer);
    json_t *document = json_loadb(out.bytes, out.len, 0, NULL);
    TARGET_CHECK(json_is_array(document));
    json_decref(document);
    text_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct membership membership;
    struct pool *pool = NULL;
    struct view rest = view_of((const char *)data, size);
    membership_init(&membership, "appserver");
    while (rest.len > 0) {
        struct text problem = TEXT_INIT;
        const json_t *before = membership.line.root;
        enum membership_news news =
            membership_read_line(&membership, view_cut(&rest, '\n'), &problem);
        if (news == MEMBERSHIP_CHANGED) {
            struct pool *next = build(pool, &membership);
            pool_unref(pool);
            pool = next;
            check_left_out(&membership);
        } else {
            TARGET_CHECK((problem.len > 0) == (news == MEMBERSHIP_REFUSED));
            TARGET_CHECK(membership.line.root == before);
        }
        text_fini(&problem);
    }
    pool_unref(pool);
    membership_fini(&membership);
    return 0;
}
