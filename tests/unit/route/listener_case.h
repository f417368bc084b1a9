/* Rules of listeners from texts as --tcp takes them: "10.0.0.1:443/a.test#h2=shop". Includes cmocka. */
#ifndef TESTS_UNIT_ROUTE_LISTENER_CASE_H
#define TESTS_UNIT_ROUTE_LISTENER_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/route/listener_table.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static inline struct listener_rule rule_of(enum service_kind kind, const char *text)
{
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    if (!listener_rule_parse(view_str(text), kind, &rule, &problem))
        fail_msg("%s: %s", text, text_str(&problem));
    text_fini(&problem);
    return rule;
}

/* Of TCP; a text that begins with "udp " is one of UDP. */
static inline struct listener_table *table_of(const char *const *texts, unsigned count)
{
    struct listener_rule rules[32];
    assert_true(count <= COUNT_OF(rules));
    for (unsigned i = 0; i < count; i++) {
        struct view text = view_str(texts[i]);
        bool is_udp = view_starts_with(text, VIEW("udp "));
        rules[i] = rule_of(is_udp ? SERVICE_UDP : SERVICE_TCP, texts[i] + (is_udp ? 4 : 0));
    }
    return listener_table_new(rules, count);
}

static inline const struct listener_entry *entry_at(const struct listener_table *table,
                                                    enum service_kind kind, const char *text)
{
    struct address at;
    assert_true(address_parse(view_str(text), &at));
    return listener_table_find(table, kind, &at);
}

#endif
