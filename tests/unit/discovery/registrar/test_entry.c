#include "discovery/registrar/entry.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static const struct entry_terms terms = {.owner = "E"};

static struct registration usual(void)
{
    return (struct registration){.id = "h1:web1:80",
                                 .name = "web",
                                 .address = "10.0.0.1",
                                 .port = 80,
                                 .container = "abc",
                                 .container_name = "web1",
                                 .container_port = 80};
}

static void want(struct entry *entry, const struct registration *item)
{
    struct text remarks = TEXT_INIT;
    entry_want(entry, item, item ? entry_said(item, &terms) : 0, &terms, "h1", &remarks);
    text_fini(&remarks);
}

static void do_step(struct entry *entry, enum entry_step step, enum entry_verdict verdict,
                    uint64_t now_ms)
{
    assert_int_equal(entry_next_step(entry, now_ms), step);
    entry_begin(entry, step, now_ms);
    entry_end(entry, verdict, now_ms, 0);
}

/* A list of one that may not see it is told without it. */
static void test_what_is_denied_is_not_taken_for_gone(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    want(entry, NULL);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DENIED, 2);
    entry_see(entry, NULL, false, 3);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_LOST, 60000);
    entry_see(entry, NULL, false, 60001);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 120000);
    assert_int_equal(entry->presence, ENTRY_ABSENT);
    entry_free(entry);
}

/* It was seen nowhere only because it is denied, and ends meanwhile. */
static void test_what_is_denied_is_deregistered_in_the_end(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    entry_see(entry, NULL, false, 2);
    do_step(entry, ENTRY_REGISTER, ENTRY_DENIED, 3);
    want(entry, NULL);
    entry_see(entry, NULL, false, 4);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 60000);
    entry_see(entry, NULL, false, 60001);
    assert_int_equal(entry_next_step(entry, 60002), ENTRY_REST);
    entry_free(entry);
}

static void test_from_start_to_end(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    assert_int_equal(entry_next_step(entry, 1), ENTRY_REST);
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    assert_int_equal(entry_next_step(entry, 2), ENTRY_REST);
    assert_true(entry_due_ms(entry) == UINT64_MAX);
    item.port = 81;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 3);
    item.is_draining = true;
    want(entry, &item);
    do_step(entry, ENTRY_DRAIN, ENTRY_DONE, 4);
    assert_int_equal(entry_next_step(entry, 5), ENTRY_REST);
    item.is_draining = false; /* it survived */
    want(entry, &item);
    do_step(entry, ENTRY_RESUME, ENTRY_DONE, 6);
    assert_int_equal(entry_next_step(entry, 7), ENTRY_REST);
    want(entry, NULL);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 8);
    assert_int_equal(entry_next_step(entry, 9), ENTRY_REST);
    assert_int_equal(entry->presence, ENTRY_ABSENT);
    entry_free(entry);
}

static void test_what_is_stopping_is_not_registered(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.is_draining = true;
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 1), ENTRY_REST);
    item.is_draining = false;
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 1), ENTRY_REGISTER);
    entry_free(entry);
}

/* Registering anew ends a maintenance at the agent. */
static void test_changed_while_it_stops(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    item.is_draining = true;
    item.port = 81;
    want(entry, &item);
    do_step(entry, ENTRY_DRAIN, ENTRY_DONE, 2);
    assert_int_equal(entry_next_step(entry, 2), ENTRY_REST);
    item.is_draining = false;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 3);
    assert_int_equal(entry_next_step(entry, 3), ENTRY_REST);
    entry_free(entry);
}

static void test_health_is_told(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    item.health = REGISTRATION_WARNING;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1000);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE,
            1000); /* at once: registering again leaves a check as it was */
    assert_int_equal(entry_next_step(entry, 10999), ENTRY_REST);
    assert_int_equal(entry_due_ms(entry), 11000); /* a third of 30 s */
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 11000);
    item.health = REGISTRATION_PASSING;
    item.output = "ok";
    want(entry, &item);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 11001);
    item.output = "ok again"; /* with the next */
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 11002), ENTRY_REST);
    assert_string_equal(entry->wanted->output, "ok again");
    entry_free(entry);
}

/* It changes while it is told. */
static void test_health_that_changes_under_way(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    entry_begin(entry, ENTRY_UPDATE, 1);
    item.health = REGISTRATION_CRITICAL;
    want(entry, &item);
    entry_end(entry, ENTRY_DONE, 2, 0);
    assert_int_equal(entry_next_step(entry, 2), ENTRY_UPDATE);
    entry_free(entry);
}

static void test_content_that_changes_under_way(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    entry_begin(entry, ENTRY_REGISTER, 1);
    item.port = 9;
    want(entry, &item);
    entry_end(entry, ENTRY_DONE, 1, 0);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    entry_begin(entry, ENTRY_REGISTER, 1); /* and it is gone before it is there */
    want(entry, NULL);
    entry_end(entry, ENTRY_DONE, 1, 0);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 1);
    entry_free(entry);
}

static void test_checks_that_the_agent_has_lost(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    do_step(entry, ENTRY_UPDATE, ENTRY_UNKNOWN, 2);
    assert_int_equal(entry_next_step(entry, 2), ENTRY_REST); /* not as fast as it can */
    assert_in_range(entry_due_ms(entry), 3, 1000);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, entry_due_ms(entry));
    do_step(entry, ENTRY_UPDATE, ENTRY_UNKNOWN, 1000);
    uint64_t wait_ms = entry->retry_at_ms - 1000;
    assert_in_range(wait_ms, 400, 2000); /* and slower when that does not help */
    entry->retry_at_ms = 0;
    item.is_draining = true; /* one that is nowhere must not stay in the catalog as ready */
    want(entry, &item);
    do_step(entry, ENTRY_DRAIN, ENTRY_UNKNOWN, 3000);
    assert_int_equal(entry->presence, ENTRY_ABSENT);
    assert_int_equal(entry_next_step(entry, 3000), ENTRY_REST);
    entry_free(entry);
}

static void test_no_answer(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_LOST, 1000);
    assert_int_equal(entry_next_step(entry, 1000), ENTRY_REST);
    want(entry, NULL); /* it may be there */
    do_step(entry, ENTRY_DEREGISTER, ENTRY_LOST, 1001);
    assert_int_equal(entry_next_step(entry, 1001), ENTRY_REST);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 9999);
    entry_free(entry);
}

static void test_waits_grow(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    uint64_t now_ms = 1000, last_ms = 0;
    (void)state;
    want(entry, &item);
    for (int i = 0; i < 10; i++) {
        do_step(entry, ENTRY_REGISTER, ENTRY_REFUSED, now_ms);
        last_ms = entry->retry_at_ms - now_ms;
        now_ms = entry_due_ms(entry);
    }
    assert_in_range(last_ms, 7500, 15000);
    item.port = 8; /* perhaps it is corrected now */
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, now_ms - 1);
    entry_free(entry);
}

static void test_what_the_agent_tells(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    struct agent_list_item seen = {.id = "h1:web1:80", .content = 7};
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    entry_see(entry, &seen, true, 1); /* of a crash of ours */
    assert_int_equal(entry_next_step(entry, 1), ENTRY_DEREGISTER);
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 1), ENTRY_REGISTER);
    seen.content = entry->wanted->content;
    entry_see(entry, &seen, true, 1);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 1); /* nobody knows how old its check is */
    seen.maintenance = AGENT_LIST_STOPPING;
    entry_see(entry, &seen, true, 2);
    do_step(entry, ENTRY_RESUME, ENTRY_DONE, 2);
    seen.maintenance = AGENT_LIST_IN_MAINTENANCE; /* somebody else's */
    entry_see(entry, &seen, true, 3);
    assert_int_equal(entry_next_step(entry, 3), ENTRY_REST);
    item.is_draining = true;
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 3), ENTRY_REST);
    entry_see(entry, NULL, false, 4);
    item.is_draining = false;
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 4), ENTRY_REGISTER);
    entry_free(entry);
}

static void test_entries_of_others(void **state)
{
    struct entry *entry = entry_new("x");
    struct registration item = usual();
    struct agent_list_item seen = {.id = "x", .content = 7};
    (void)state;
    item.id = "x"; /* SERVICE_ID: anybody may have it */
    want(entry, &item);
    do_step(entry, ENTRY_LOOK, ENTRY_UNKNOWN, 5000);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 5001);
    entry_see(entry, &seen, false, 6000);
    assert_int_equal(entry_next_step(entry, 6000), ENTRY_REST);
    item.port = 5;
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 6000), ENTRY_REST);
    want(entry, NULL);
    assert_int_equal(entry_next_step(entry, 6000), ENTRY_REST);
    want(entry, &item);
    entry_see(entry, NULL, false, 6001);
    assert_int_equal(entry_next_step(entry, 6002), ENTRY_REGISTER); /* just looked at */
    assert_int_equal(entry_next_step(entry, 9000), ENTRY_LOOK);
    do_step(entry, ENTRY_LOOK, ENTRY_DONE, 9000);
    entry_find(entry, false);
    assert_int_equal(entry_next_step(entry, 9000), ENTRY_REST);
    entry_find(entry, true);
    assert_int_equal(entry_next_step(entry, 9000), ENTRY_REGISTER);
    entry_free(entry);
}

/* An engine says that a HEALTHCHECK failed before it says why. */
static void test_why_is_told_as_soon_as_it_is_known(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    item.health = REGISTRATION_CRITICAL;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 2);
    assert_int_equal(entry_next_step(entry, 3), ENTRY_REST);
    item.output = "disk full";
    want(entry, &item);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 3);
    item.output = "disk full: 12 bytes left"; /* the rest of it has time */
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 4), ENTRY_REST);
    entry_free(entry);
}

/* Without another result; what says something else each time is told once a second. */
static void test_why_is_told_when_it_is_another(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    item.health = REGISTRATION_CRITICAL;
    item.output = "the disk is full";
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 2);
    assert_int_equal(entry_next_step(entry, 3), ENTRY_REST);
    item.output = "the database is away";
    want(entry, &item);
    assert_int_equal(entry_next_step(entry, 1001), ENTRY_REST);
    assert_int_equal(entry_due_ms(entry), 1002);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 1002);
    assert_int_equal(entry_next_step(entry, 2003), ENTRY_REST);
    item.output = "the disk is full";
    want(entry, &item);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 3000); /* at once */
    entry_free(entry);
}

static void test_probes(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_PROBE;
    item.probe.url = "http://10.0.0.1:80/";
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1);
    assert_int_equal(entry->wanted->health, REGISTRATION_CRITICAL);
    assert_int_equal(entry_next_step(entry, 1),
                     ENTRY_REST); /* what the check was is not overwritten by nothing */
    entry_take_result(entry, REGISTRATION_PASSING, "200");
    want(entry, &item); /* which does not change it */
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 2);
    assert_int_equal(entry->told_health, REGISTRATION_PASSING);
    entry_take_result(entry, REGISTRATION_CRITICAL, "500");
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 3);
    want(entry, NULL);
    entry_take_result(entry, REGISTRATION_PASSING, "200");
    entry_free(entry);
}

static void test_what_says_something_else(void **state)
{
    struct registration items[12];
    json_t *tags = json_pack("[s]", "a"), *other_tags = json_pack("[s]", "b"),
           *meta = json_pack("{s:s}", "a", "b");
    (void)state;
    for (size_t i = 0; i < COUNT(items); i++)
        items[i] = usual();
    items[1].name = "web2";
    items[2].address = "10.0.0.2";
    items[3].port = 81;
    items[4].weight = 2;
    items[5].tags = tags;
    items[6].tags = other_tags;
    items[7].meta = meta;
    items[8].check = REGISTRATION_CHECK_HEALTH;
    items[9].deregister_after = "1m";
    items[10].container = "abd";
    items[11].is_udp = true;
    for (size_t i = 0; i < COUNT(items); i++)
        for (size_t k = 0; k < COUNT(items); k++)
            if ((entry_said(&items[i], &terms) == entry_said(&items[k], &terms)) != (i == k))
                fail_msg("%zu, %zu", i, k);
    json_decref(tags);
    json_decref(other_tags);
    json_decref(meta);
}

static void change(struct entry *entry, uint64_t now_ms)
{
    struct agent_list_item item = {.id = "h1:web1:80", .owner = "E", .content = 1};
    entry_see(entry, &item, true, now_ms);
}

/* A second registrar, with other settings. */
static void test_what_is_changed_again_and_again(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    item.check = REGISTRATION_CHECK_HEALTH;
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1000);
    for (unsigned i = 0; i < 2; i++) {
        change(entry, 1000);
        do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1000);
    }
    change(entry, 2000);
    do_step(entry, ENTRY_UPDATE, ENTRY_DONE, 2000); /* its check does not suffer */
    assert_int_equal(entry_next_step(entry, 11999), ENTRY_REST);
    assert_int_equal(entry_due_ms(entry), 12000);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 12000);
    change(entry, 12001);
    item.is_draining = true; /* nothing is held that matters */
    want(entry, &item);
    do_step(entry, ENTRY_DRAIN, ENTRY_DONE, 12001);
    want(entry, NULL);
    do_step(entry, ENTRY_DEREGISTER, ENTRY_DONE, 12001);
    entry_free(entry);
}

static void test_what_is_removed_again_and_again(void **state)
{
    struct entry *entry = entry_new("h1:web1:80");
    struct registration item = usual();
    (void)state;
    want(entry, &item);
    for (unsigned i = 0; i < 3; i++) {
        do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1000);
        entry_see(entry, NULL, false, 1000);
    }
    assert_int_equal(entry_next_step(entry, 1000), ENTRY_REST);
    assert_int_equal(entry_due_ms(entry), 11000);
    item.port = 81; /* one's own change is another thing */
    want(entry, &item);
    do_step(entry, ENTRY_REGISTER, ENTRY_DONE, 1000);
    entry_free(entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_denied_is_not_taken_for_gone),
        cmocka_unit_test(test_what_is_denied_is_deregistered_in_the_end),
        cmocka_unit_test(test_from_start_to_end),
        cmocka_unit_test(test_what_is_stopping_is_not_registered),
        cmocka_unit_test(test_changed_while_it_stops),
        cmocka_unit_test(test_health_is_told),
        cmocka_unit_test(test_health_that_changes_under_way),
        cmocka_unit_test(test_content_that_changes_under_way),
        cmocka_unit_test(test_checks_that_the_agent_has_lost),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_waits_grow),
        cmocka_unit_test(test_what_the_agent_tells),
        cmocka_unit_test(test_entries_of_others),
        cmocka_unit_test(test_why_is_told_as_soon_as_it_is_known),
        cmocka_unit_test(test_why_is_told_when_it_is_another),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_what_says_something_else),
        cmocka_unit_test(test_what_is_changed_again_and_again),
        cmocka_unit_test(test_what_is_removed_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
