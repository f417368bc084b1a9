/* Lines of lb-discovery as lb reads them, and the pools that are built from them, one after the
 * other as in a running lb. What holds: a bad line changes nothing, every pool is in order, round
 * robin gives ready endpoints only, and nothing leaks. */
#include <string.h>

#include <jansson.h>

#include "lb/follow/left_out.h"
#include "lb/follow/membership.h"
#include "lb/policy/balance.h"
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
    for (unsigned i = 0; i < 16; i++) {
        struct endpoint *endpoint = balance_pick(service, &tried);
        if (!endpoint)
            break;
        TARGET_CHECK(endpoint_is_usable(endpoint));
        TARGET_CHECK(endpoint->weight >= 1 && endpoint->weight <= LIMITS_WEIGHT_MAX);
        TARGET_CHECK(address_port(&endpoint->address) > 0);
        balance_note_tried(&tried, endpoint);
    }
    balance_tried_fini(&tried);
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
    struct pool *pool =
        pool_build(before, &membership->wanted, &(struct pool_rules){.worker_count = WORKERS});
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
    left_out_write(membership, &writer);
    json_t *document = json_loadb(out.bytes, out.len, 0, NULL);
    TARGET_CHECK(json_is_array(document));
    json_decref(document);
    text_fini(&out);
}

static void check_services(const struct pool_wanted *fresh, const struct pool_wanted *wanted)
{
    struct text problem = TEXT_INIT;
    TARGET_CHECK(fresh->service_count == wanted->service_count);
    for (unsigned i = 0; i < wanted->service_count; i++) {
        TARGET_CHECK(strcmp(fresh->services[i].name, wanted->services[i].name) == 0);
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = wanted->services[i].options.values[kind];
            TARGET_CHECK(view_eq(value, fresh->services[i].options.values[kind]));
            TARGET_CHECK(value.len == 0 ||
                         service_option_check((enum service_option_kind)kind, value, &problem));
        }
    }
}

/* What of a line is taken over from the one before changes nothing: it is read as if it were read
 * whole. `news` and `problem` are what came of it. */
static void check_reading(const struct membership *membership, struct view line,
                          enum membership_news news, const struct text *problem)
{
    json_error_t error;
    json_t *whole = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &error);
    if (whole && view_find(line, '\0') < 0) /* jansson passes over a NUL behind a number */
        TARGET_CHECK(!view_starts_with(text_view(problem), VIEW("no JSON")));
    else if (json_error_code(&error) != json_error_stack_overflow)
        TARGET_CHECK(news == MEMBERSHIP_REFUSED);
    if (whole && news == MEMBERSHIP_CHANGED) {
        struct membership fresh;
        struct text ignored = TEXT_INIT;
        TARGET_CHECK(json_equal(whole, membership->line.root));
        membership_init(&fresh, "appserver");
        TARGET_CHECK(membership_read_line(&fresh, line, &ignored) == MEMBERSHIP_CHANGED);
        TARGET_CHECK(fresh.wanted.endpoint_count == membership->wanted.endpoint_count);
        check_services(&fresh.wanted, &membership->wanted);
        TARGET_CHECK(view_eq(text_view(&fresh.passed_over), text_view(&membership->passed_over)));
        text_fini(&ignored);
        membership_fini(&fresh);
    }
    json_decref(whole);
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
        struct view line = view_cut(&rest, '\n');
        enum membership_news news = membership_read_line(&membership, line, &problem);
        check_reading(&membership, line, news, &problem);
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
