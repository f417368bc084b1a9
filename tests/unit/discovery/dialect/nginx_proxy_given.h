/* Words of nginx-proxy, and what is claimed by them. Includes cmocka. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_NGINX_PROXY_GIVEN_H
#define TESTS_UNIT_DISCOVERY_DIALECT_NGINX_PROXY_GIVEN_H

#include "discovery/dialect/nginx_proxy.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/dialect/claims_text.h"

struct words {
    const char *environment; /* variables, with ';' between them */
    const char *labels, *exposed;
    struct nginx_proxy_settings settings;
};

static inline json_t *variables_of(const char *words)
{
    json_t *array = json_array();
    struct view rest = view_str(words);
    while (rest.ptr) {
        struct view line = view_cut(&rest, ';');
        json_array_append_new(array, json_stringn(line.ptr, line.len));
    }
    return array;
}

static inline void read_words(const struct words *words, struct statement *said)
{
    json_t *environment = variables_of(words->environment);
    json_t *labels = words->labels ? json_loads(words->labels, 0, NULL) : NULL;
    json_t *exposed = json_loads(words->exposed ? words->exposed : "{\"80/tcp\":{}}", 0, NULL);
    statement_init(said);
    nginx_proxy_read(&(struct statement_source){.nginx_proxy = &words->settings,
                                                .labels = labels,
                                                .environment = environment,
                                                .exposed = exposed},
                     said);
    json_decref(environment);
    json_decref(labels);
    json_decref(exposed);
}

/* `remark`: words in what is told; NULL: nothing is. */
static inline void check(struct words words, const char *expected, const char *remark)
{
    struct statement said;
    read_words(&words, &said);
    char *got = claims_text(&said.claims), *told = claims_take_remark(&said.claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", words.environment, got, expected,
                 told ? told : "nothing");
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", words.environment, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    statement_fini(&said);
}

#define ROUTES(environment, expected) check((struct words){environment, 0, 0, {0}}, expected, NULL)
#define TOLD(environment, expected, remark)                                                        \
    check((struct words){environment, 0, 0, {0}}, expected, remark)
#define EXPOSED(environment, exposed, expected)                                                    \
    check((struct words){environment, NULL, exposed, {0}}, expected, NULL)

#define EXPOSES(...) "{" #__VA_ARGS__ "}"

#endif
