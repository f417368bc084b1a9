/* The lists of a Consul agent: services up to the first line feed, then checks. What holds: entries are sorted, each
 * once, with ids that a request can name; whatever is there, an agent that does as it is told is brought to what is
 * wanted in a few steps, and what is somebody else's is never asked for a change. */
#include "discovery/registrar/agent_list.h"
#include "discovery/registrar/entry_request.h"
#include "discovery/registrar/entry_rules.h"
#include "tests/fuzz/support/target.h"

#define STEPS_MAX 6
#define NOW_MS    UINT64_C(1000000)

static const struct entry_terms terms = {.owner = "ENGINE", .ttl_s = 0, .deregister_after = "10m"};

static void want(struct entry *entry, bool is_draining)
{
    struct text remarks = TEXT_INIT;
    struct registration item = {.id = entry->id,
                                .name = "web",
                                .address = "10.0.0.1",
                                .port = 80,
                                .check = REGISTRATION_CHECK_HEALTH,
                                .container_name = "web1",
                                .is_draining = is_draining};
    entry_want(entry, &item, 1, &terms, "h1", &remarks);
    text_fini(&remarks);
}

static void bring_to_rest(struct entry *entry, bool is_own)
{
    struct entry_request request = {0};
    unsigned count = 0;
    for (enum entry_step step; (step = entry_next_step(entry, NOW_MS)) != ENTRY_REST; count++) {
        TARGET_CHECK(is_own && count < STEPS_MAX);
        entry_request_make(entry, step, &request);
        TARGET_CHECK(request.target.len > 0 &&
                     !memchr(request.target.bytes, ' ', request.target.len));
        entry_begin(entry, step, NOW_MS);
        entry_end(entry, ENTRY_DONE, NOW_MS, 0);
    }
    entry_request_fini(&request);
}

static void check_entry(const struct agent_list_item *item)
{
    bool is_own = strcmp(item->owner, "ENGINE") == 0;
    struct entry *entry = entry_new(item->id);
    struct text remarks = TEXT_INIT;
    want(entry, item->content & 1);
    entry_see(entry, item, is_own, NOW_MS);
    bring_to_rest(entry, is_own);
    TARGET_CHECK(!is_own || entry->maintenance != AGENT_LIST_STOPPING ||
                 entry->wanted->is_draining);
    entry_want(entry, NULL, 0, &terms, "h1", &remarks);
    bring_to_rest(entry, is_own);
    TARGET_CHECK(!is_own || entry->presence == ENTRY_ABSENT);
    entry_free(entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view rest = view_of((const char *)data, size), services = view_cut(&rest, '\n');
    struct agent_list list;
    const char *problem, *owner;
    json_decref(agent_list_read_one(services, &owner));
    if (!agent_list_read(services, rest, &list, &problem)) {
        TARGET_CHECK(problem[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < list.count; i++) {
        TARGET_CHECK(entry_rules_is_id(list.items[i].id));
        TARGET_CHECK(i == 0 || strcmp(list.items[i - 1].id, list.items[i].id) < 0);
        check_entry(&list.items[i]);
    }
    agent_list_fini(&list);
    return 0;
}
