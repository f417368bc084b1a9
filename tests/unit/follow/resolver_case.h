/* A resolver whose look-ups a test answers, as the linker lets it; time passes as the test says.
 * Includes cmocka. */
#ifndef TESTS_UNIT_FOLLOW_RESOLVER_CASE_H
#define TESTS_UNIT_FOLLOW_RESOLVER_CASE_H

#include "lb/follow/resolver.h"

#include "lb/follow/lookup.h"
#include "tests/unit/health/health_case.h"

#define LOOKUP_MAX 128u

/* One that was started and neither answered nor abandoned has a name. */
struct lookup {
    char host[32];
    void (*on_answer)(void *owner, const struct name_query_answer *answer);
    void *owner;
};

struct lookup *__wrap_lookup_start(uv_loop_t *uv, const char *host, uint16_t port,
                                   void (*on_answer)(void *, const struct name_query_answer *),
                                   void *owner);
void __wrap_lookup_abandon(struct lookup *lookup);

static struct lookup lookups[LOOKUP_MAX];
static unsigned asked_count; /* in all */
static unsigned running_count;
static struct resolver resolver;
static unsigned change_count, replaced_count;

struct lookup *__wrap_lookup_start(uv_loop_t *uv, const char *host, uint16_t port,
                                   void (*on_answer)(void *, const struct name_query_answer *),
                                   void *owner)
{
    struct lookup *lookup = &lookups[asked_count++];
    assert_ptr_equal(uv, &loop.uv);
    assert_int_equal(port, 80);
    assert_true(asked_count < LOOKUP_MAX);
    snprintf(lookup->host, sizeof(lookup->host), "%s", host);
    lookup->on_answer = on_answer;
    lookup->owner = owner;
    running_count++;
    return lookup;
}

void __wrap_lookup_abandon(struct lookup *lookup)
{
    assert_true(lookup->host[0] != '\0');
    lookup->host[0] = '\0';
    running_count--;
}

static inline void on_change(void *owner, bool is_replaced)
{
    assert_ptr_equal(owner, &resolver);
    change_count++;
    replaced_count += is_replaced;
}

static inline int open_resolver(void **state)
{
    open_loop(state);
    asked_count = running_count = change_count = replaced_count = 0;
    resolver_init(&resolver, &loop, on_change, &resolver);
    return 0;
}

static inline int close_resolver(void **state)
{
    resolver_close(&resolver);
    resolver_close(&resolver);
    assert_int_equal(running_count, 0);
    pretend_uv_settle();
    resolver_fini(&resolver);
    return close_loop(state);
}

static inline void again(void **state)
{
    close_resolver(state);
    open_resolver(state);
}

/* Names apart by spaces, all with port 80. */
static inline void follow_every(unsigned interval_ms, const char *names)
{
    struct config_backend backends[16];
    char copy[200], *rest = NULL;
    struct config config = {.backends = backends, .resolve_interval_ms = interval_ms};
    snprintf(copy, sizeof(copy), "%s", names);
    for (char *name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
        backends[config.backend_count++] = (struct config_backend){.host = name, .port = 80};
    resolver_follow(&resolver, &config);
}

static inline bool is_asked(const char *host)
{
    for (unsigned i = 0; i < asked_count; i++)
        if (strcmp(lookups[i].host, host) == 0)
            return true;
    return false;
}

/* The look-up of that host that runs ends: with addresses apart by spaces, or with a problem, which
 * begins with '!'. */
static inline void answer(const char *host, const char *words)
{
    static struct name_query_answer answer;
    char copy[200], *rest = NULL;
    unsigned at = 0;
    while (strcmp(lookups[at].host, host) != 0)
        assert_true(++at < asked_count);
    answer = (struct name_query_answer){0};
    snprintf(copy, sizeof(copy), "%s", words);
    if (*words == '!')
        snprintf(answer.problem, sizeof(answer.problem), "%s", words + 1);
    else
        for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
            assert_true(address_parse_ip(view_str(word), 80, &answer.addresses[answer.count++]));
    lookups[at].host[0] = '\0';
    running_count--;
    lookups[at].on_answer(lookups[at].owner, &answer);
}

/* How long until the next look-up begins; UINT64_MAX: never. */
static inline uint64_t wait_for_asking(void)
{
    unsigned before = asked_count;
    uint64_t since_ms = loop_now_ms(&loop);
    while (asked_count == before && loop_now_ms(&loop) - since_ms < 120000)
        pretend_uv_pass(100);
    return asked_count == before ? UINT64_MAX : loop_now_ms(&loop) - since_ms;
}

/* What is known, as "name[problem] address address, name …", and " !" where a name has no address. */
static inline void check_known(const char *want)
{
    struct backends backends = {0};
    struct text text = TEXT_INIT;
    resolver_describe(&resolver, &backends);
    for (unsigned i = 0; i < backends.name_count; i++) {
        const struct backends_name *name = &backends.names[i];
        text_appendf(&text, "%s%s", i > 0 ? ", " : "", name->text);
        if (name->problem[0])
            text_appendf(&text, "[%s]", strstr(name->problem, ": ") + 2);
        assert_true(name->since_ns > 0 || !name->problem[0]);
        for (unsigned j = 0; j < backends.count; j++)
            if (backends.addresses[j].name == i)
                text_appendf(&text, " %s", backends.addresses[j].id);
    }
    if (!backends.is_complete)
        text_append_str(&text, " !");
    assert_string_equal(text_str(&text), want);
    text_fini(&text);
    backends_fini(&backends);
}

static inline void check_told(unsigned want_count)
{
    assert_int_equal(change_count, want_count);
    change_count = 0;
}

#endif
