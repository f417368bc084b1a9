/* A membership whose operator has TCP and UDP listeners, and lines with endpoints of several protocols. Includes
 * cmocka. */
#ifndef TESTS_UNIT_FOLLOW_LISTENING_CASE_H
#define TESTS_UNIT_FOLLOW_LISTENING_CASE_H

#include "tests/unit/follow/membership_case.h"

#define ENDPOINT(id, container, port, protocol, more)                                              \
    "{\"id\":\"" id "\",\"container\":\"" container "\",\"name\":\"n-" id                          \
    "\",\"address\":\"10.0.0.1\",\"port\":" port ",\"protocol\":\"" protocol                       \
    "\",\"state\":\"ready\"" more "}"
#define SERVICE(name, endpoints)   "{\"name\":\"" name "\",\"endpoints\":[" endpoints "]}"
#define LINE(services)             "{\"v\":2,\"services\":[" services "]}"
#define LISTENING(services, rules) "{\"v\":2,\"services\":[" services "],\"listeners\":[" rules "]}"

static struct listener_rule operators[8];

static inline void listen_at(const char *const *texts, const char *range)
{
    unsigned count = 0;
    struct listener_range dynamic;
    struct text problem = TEXT_INIT;
    for (; texts[count]; count++) {
        struct view text = view_str(texts[count]);
        struct view kind = view_cut(&text, ' ');
        assert_true(
            listener_rule_parse(text, service_kind_parse(kind), &operators[count], &problem));
    }
    assert_true(listener_range_parse(view_str(range), &dynamic, &problem));
    membership_listen(&membership, operators, count, &dynamic);
    text_fini(&problem);
}

static const char *const no_listeners[] = {NULL};

/* "app http 1 shared\n", in the order of the line. */
static inline void check_wanted(const char *want)
{
    struct text text = TEXT_INIT;
    for (unsigned i = 0; i < membership.wanted.endpoint_count; i++) {
        const struct pool_wanted_endpoint *endpoint = &membership.wanted.endpoints[i];
        assert_true(protocol_serves(endpoint->protocol, endpoint->kind));
        text_appendf(&text, "%s %s %s%s\n", endpoint->service, service_kind_word(endpoint->kind),
                     endpoint->id, endpoint->is_shared ? " shared" : "");
    }
    assert_string_equal(text_str(&text), want);
    text_fini(&text);
}

#endif
