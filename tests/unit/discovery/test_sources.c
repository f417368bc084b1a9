#include "discovery/sources.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

/* A source that has one endpoint, its own name, as soon as it is ready. */
struct pretended {
    const char *id;
    int fd;
    bool is_ready, is_new, is_closed;
    uint64_t next_tick_ms, ticked_ms;
    unsigned filled_count;
    struct alive alive;
    struct report report;
};

static void *open_pretended(const void *options, struct fetch_loop *loop,
                            const struct report *report, int *fd)
{
    struct pretended *pretended = (struct pretended *)(uintptr_t)options;
    assert_null(loop);
    pretended->report = *report;
    *fd = pretended->fd;
    return pretended;
}

static void tick(void *state, uint64_t now_ms)
{
    ((struct pretended *)state)->ticked_ms = now_ms;
}

static uint64_t next_tick_ms(const void *state)
{
    return ((const struct pretended *)state)->next_tick_ms;
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    struct pretended *pretended = state;
    if (!pretended->is_ready || !(pretended->is_new || is_wanted))
        return false;
    pretended->is_new = false;
    pretended->filled_count++;
    set_clear(set);
    set_add_endpoint(
        set, &(struct set_endpoint){.service = "s", .id = pretended->id, .name = pretended->id});
    return true;
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct pretended *)state)->alive;
}

static void close_pretended(void *state)
{
    ((struct pretended *)state)->is_closed = true;
}

static const struct source_kind kinds[] = {
    {"one", false, false, open_pretended, tick, next_tick_ms, collect, tell_alive, close_pretended,
     NULL, NULL, NULL},
    {"two", true, false, open_pretended, tick, next_tick_ms, collect, tell_alive, close_pretended,
     NULL, NULL, NULL},
};

static struct pretended one, two;
static struct sources sources;
static char said[128];

static void say(void *owner, enum report_kind kind, const char *text)
{
    (void)kind;
    assert_ptr_equal(owner, said);
    snprintf(said, sizeof(said), "%s", text);
}

static int open_all(void **state)
{
    (void)state;
    one = (struct pretended){.id = "a", .fd = 7, .is_ready = true, .is_new = true};
    two = (struct pretended){.id = "b", .fd = -1, .is_ready = true, .is_new = true};
    said[0] = '\0';
    sources_init(&sources, said, say);
    sources_add(&sources, &kinds[0], &one);
    sources_add(&sources, &kinds[1], &two);
    sources_open(&sources, NULL);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    sources_close(&sources);
    return one.is_closed && two.is_closed ? 0 : -1;
}

static void test_all_are_ticked_and_the_earliest_is_next(void **state)
{
    (void)state;
    one.next_tick_ms = 50, two.next_tick_ms = 40;
    assert_int_equal(sources_next_tick_ms(&sources), 40);
    two.next_tick_ms = UINT64_MAX;
    assert_int_equal(sources_next_tick_ms(&sources), 50);
    sources_tick(&sources, 9);
    assert_true(one.ticked_ms == 9 && two.ticked_ms == 9);
    assert_int_equal(sources.items[0].fd, 7);
    assert_int_equal(sources.items[1].fd, -1);
}

/* What a set borrows is gone with the next tick: the quiet one is asked again too. */
static void test_news_of_one_is_told_with_all_of_the_others(void **state)
{
    (void)state;
    assert_int_equal(sources_collect(&sources, 1)->endpoint_count, 2);
    assert_null(sources_collect(&sources, 2));
    two.is_new = true;
    assert_int_equal(sources_collect(&sources, 3)->endpoint_count, 2);
    assert_int_equal(one.filled_count, 2);
}

static void test_nothing_is_told_before_all_were_read(void **state)
{
    (void)state;
    two.is_ready = false;
    assert_null(sources_collect(&sources, 1));
    two.is_ready = true;
    assert_int_equal(sources_collect(&sources, 2)->endpoint_count, 2);
}

/* It is away, or hangs: the others are told without it, with the word that it is missing. */
static void test_one_that_cannot_be_read_holds_up_only_so_long(void **state)
{
    (void)state;
    two.is_ready = false;
    two.next_tick_ms = one.next_tick_ms = UINT64_MAX;
    sources_tick(&sources, 1000);
    assert_null(sources_collect(&sources, 1));
    assert_int_equal(sources_next_tick_ms(&sources), 1000 + SOURCES_PATIENCE_MS);
    sources_tick(&sources, 1000 + SOURCES_PATIENCE_MS - 1);
    assert_null(sources_collect(&sources, 1));
    sources_tick(&sources, 1000 + SOURCES_PATIENCE_MS);
    const struct set *set = sources_collect(&sources, 2);
    assert_non_null(set);
    assert_int_equal(set->endpoint_count, 1);
    assert_string_equal(set->endpoints[0].source, "one");
    assert_int_equal(set->unread_count, 1);
    assert_string_equal(set->unread[0], "two");
    assert_null(sources_collect(&sources, 3)); /* once */
    two.is_ready = true;
    set = sources_collect(&sources, 4);
    assert_int_equal(set->endpoint_count, 2);
    assert_int_equal(set->unread_count, 0);
}

/* What protects the others is in it. */
static void test_one_that_is_awaited_holds_up_for_ever(void **state)
{
    struct source_kind awaited = kinds[1];
    (void)state;
    awaited.is_awaited = true;
    sources.items[1].kind = &awaited;
    two.is_ready = false;
    sources_tick(&sources, 1);
    assert_null(sources_collect(&sources, 1));
    sources_tick(&sources, 1000000);
    assert_null(sources_collect(&sources, 1));
    two.is_ready = true;
    assert_int_equal(sources_collect(&sources, 2)->endpoint_count, 2);
    sources.items[1].kind = &kinds[1];
}

static void test_counts_are_summed_up(void **state)
{
    (void)state;
    one.alive = (struct alive){
        .is_connected = true, .resyncs = {1, 0, 2}, .last_event_ns = 5, .last_sync_ns = 9};
    two.alive = (struct alive){.resyncs = {1}, .last_sync_ns = 8};
    alive_note_event(&one.alive, "start", 5);
    alive_note_event(&two.alive, "change", 6);
    alive_note_event(&two.alive, "start", 7);
    const struct alive *alive = sources_alive(&sources);
    assert_false(alive->is_connected);
    assert_int_equal(alive->resyncs[ALIVE_RESYNC_START], 2);
    assert_int_equal(alive->resyncs[ALIVE_RESYNC_TIMER], 2);
    assert_string_equal(alive->events[0].word, "start");
    assert_int_equal(alive->events[0].count, 2);
    assert_string_equal(alive->events[1].word, "change");
    assert_int_equal(alive->last_event_ns, 7);
    assert_int_equal(alive->last_sync_ns, 9);
    two.alive.is_connected = true;
    assert_true(sources_alive(&sources)->is_connected);
}

static void test_obstacle_of_the_first_that_has_one(void **state)
{
    (void)state;
    assert_null(sources_obstacle(&sources));
    report_obstruct(&two.report, "no way", "Go round.");
    assert_string_equal(said, "no way. Go round.");
    assert_true(sources.has_news);
    assert_string_equal(text_str(&sources_obstacle(&sources)->why), "no way");
    report_obstruct(&one.report, "closed", "");
    assert_string_equal(text_str(&sources_obstacle(&sources)->why), "closed");
    report_clear(&one.report);
    assert_string_equal(text_str(&sources_obstacle(&sources)->why), "no way");
    report_clear(&two.report);
    sources.has_news = false;
    report_clear(&two.report);
    assert_false(sources.has_news);
}

/* Followed for what it registers only: what it has, says and counts is no part of the lines. */
static void test_one_that_is_unheard(void **state)
{
    struct text words = TEXT_INIT;
    (void)state;
    sources.items[0].is_unheard = true;
    one.is_ready = false;
    two.alive.is_connected = true;
    report_obstruct(&one.report, "closed", "");
    assert_null(sources_obstacle(&sources));
    assert_true(sources_alive(&sources)->is_connected);
    assert_int_equal(sources_collect(&sources, 1)->endpoint_count, 1);
    assert_int_equal(one.filled_count, 0);
    sources_append_words(&sources, &words);
    assert_string_equal(text_str(&words), "two");
    text_fini(&words);
    sources_tick(&sources, 5);
    assert_int_equal(one.ticked_ms, 5);
}

/* The obstacle of each, the unheard among them; the registrar's keeps nobody from serving. */
static void test_how_it_stands_with_each(void **state)
{
    struct alive_parts parts;
    (void)state;
    one.alive.is_connected = true;
    two.alive.last_sync_ns = 5;
    sources.items[1].is_unheard = true;
    report_obstruct(&two.report, "no way", "Go round.");
    sources_list_parts(&sources, &parts);
    assert_int_equal(parts.count, 2);
    assert_true(parts.list[0].is_connected && !parts.list[1].is_connected);
    assert_string_equal(parts.list[1].word, "two");
    assert_int_equal(parts.list[1].last_sync_ns, 5);
    assert_string_equal(text_str(&parts.list[1].obstacle->why), "no way");
    sources.has_news = false;
    struct report report = sources_registrar_report(&sources);
    report_obstruct(&report, "refused", "Give it a token.");
    assert_string_equal(said, "refused. Give it a token.");
    assert_true(sources.has_news);
    assert_null(sources_obstacle(&sources));
    sources_list_parts(&sources, &parts);
    assert_int_equal(parts.count, 3);
    assert_string_equal(parts.list[2].word, "register");
    assert_false(parts.list[2].is_connected);
    report_clear(&report);
    sources_list_parts(&sources, &parts);
    assert_true(parts.list[2].is_connected);
}

static void test_words(void **state)
{
    struct text words = TEXT_INIT;
    (void)state;
    sources_append_words(&sources, &words);
    assert_string_equal(text_str(&words), "one+two");
    text_fini(&words);
    assert_true(sources_ask_by_http(&sources));
    sources.count = 1;
    assert_false(sources_ask_by_http(&sources));
    sources.count = 2;
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_all_are_ticked_and_the_earliest_is_next),
        CASE(test_news_of_one_is_told_with_all_of_the_others),
        CASE(test_nothing_is_told_before_all_were_read),
        CASE(test_one_that_cannot_be_read_holds_up_only_so_long),
        CASE(test_one_that_is_awaited_holds_up_for_ever),
        CASE(test_counts_are_summed_up),
        CASE(test_obstacle_of_the_first_that_has_one),
        CASE(test_one_that_is_unheard),
        CASE(test_how_it_stands_with_each),
        CASE(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
