/* The operator's listeners, as --tcp and --udp take them, and claims as a line has them. Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_LISTENERS_CASE_H
#define TESTS_UNIT_FOLLOW_LISTENERS_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/follow/listener_rules.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct listener_rule operators[16];
static struct listener_wishes wishes;
static struct listener_keeper keeper;
static struct listener_rules rules;
static struct text problem;

static inline int tear_down(void **state)
{
    (void)state;
    listener_rules_fini(&rules);
    listener_keeper_fini(&keeper);
    text_fini(&problem);
    wishes = (struct listener_wishes){0};
    return 0;
}

/* "tcp 0.0.0.0:5432=db", one after the other; NULL ends them. */
static inline void open_listeners(const char *const *texts)
{
    wishes.operators = operators;
    for (wishes.operator_count = 0; texts[wishes.operator_count]; wishes.operator_count++) {
        struct view text = view_str(texts[wishes.operator_count]);
        struct view kind = view_cut(&text, ' ');
        if (!listener_rule_parse(text, service_kind_parse(kind), &operators[wishes.operator_count],
                                 &problem))
            fail_msg("%s", text_str(&problem));
    }
}

static inline void open_range(const char *range)
{
    assert_true(listener_range_parse(view_str(range), &wishes.dynamic, &problem));
}

/* A claim of TCP by container `id`, which is named "name-" and so, for the service `service`. */
#define CLAIM_OF(protocol, where, id, service, created, more)                                      \
    "{\"protocol\":\"" protocol "\"," where ",\"service\":\"" service                              \
    "\",\"label\":\"lb." protocol "\",\"container\":\"" id "\",\"container_name\":\"name-" id      \
    "\",\"created_ns\":" created more "}"
#define CLAIM(where, id, service, created) CLAIM_OF("tcp", where, id, service, created, "")
#define PORT(number)                       "\"port\":" number
#define NAMED(name)                        "\"listener\":\"" name "\""

/* The next line's; reads into the keeper at that time. */
static inline enum listener_keeper_news claim_at(uint64_t now_ms, const char *claims)
{
    struct listener_keeper next;
    struct text json = TEXT_INIT;
    text_appendf(&json, "[%s]", claims);
    json_t *array = json_loads(text_str(&json), 0, NULL);
    assert_non_null(array);
    text_clear(&problem);
    enum listener_keeper_news news = listener_keeper_read(
        &keeper, &(struct listener_keeper_line){.listeners = array, .now_ms = now_ms}, &next,
        &problem);
    json_decref(array);
    text_fini(&json);
    if (news == LISTENER_KEEPER_OTHER || news == LISTENER_KEEPER_ALIKE) {
        listener_keeper_fini(&keeper);
        keeper = next;
    }
    return news;
}

#endif
