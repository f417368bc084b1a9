/* Whether a request is one that a rule asks for, the slow and plain way. */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_RULE_ORACLE_H
#define TESTS_UNIT_DISCOVERY_DIALECT_RULE_ORACLE_H

#include <regex.h>

#include "discovery/dialect/traefik_rule.h"
#include "lb/base/cidr.h"
#include "lb/contract/url_path.h"

#include "tests/unit/discovery/cmocka_all.h"

/* Whether the path of a rule and that of a request are the same, or the one begins the other. */
static inline bool oracle_is_path(const char *written, const char *path, bool is_whole)
{
    char room[256];
    struct view normal, kept;
    struct text parsed = TEXT_INIT, problem = TEXT_INIT;
    assert_true(url_path_parse(view_str(written), &parsed, &problem));
    url_path_normalise(view_str(path), room, &normal);
    kept = text_view(&parsed);
    bool is_it = is_whole ? view_eq(normal, kept) : view_starts_with(normal, kept);
    text_fini(&parsed);
    return is_it;
}

/* As routing sees it: the host in small letters without port and trailing dot. */
struct oracle_request {
    const char *host, *path, *method;
    const char *field, *field_value;
    const char *parameter, *parameter_value;
    const char *peer;
};

static inline bool oracle_searches(const char *expression, const char *text)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0);
    bool is_found = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_found;
}

static inline bool oracle_is_in(const char *range, const char *peer)
{
    struct cidr cidr;
    struct address address;
    assert_true(cidr_parse(view_str(range), &cidr));
    assert_true(address_parse_ip(view_str(peer), 0, &address));
    return cidr_contains(&cidr, &address);
}

static inline bool oracle_holds(const struct traefik_condition *condition,
                                const struct oracle_request *request)
{
    const char *value = condition->value, *dot = strchr(request->host, '.');
    switch (condition->matcher) {
    case TRAEFIK_ANY:
        return true;
    case TRAEFIK_HOST:
        return strcmp(request->host, value) == 0;
    case TRAEFIK_HOST_WILD:
        return dot && dot > request->host && strcmp(dot, value) == 0;
    case TRAEFIK_HOST_REGEXP:
        return oracle_searches(value, request->host);
    case TRAEFIK_PATH:
        return oracle_is_path(value, request->path, true);
    case TRAEFIK_PATH_PREFIX:
        return oracle_is_path(value, request->path, false);
    case TRAEFIK_PATH_REGEXP:
        return oracle_searches(value, request->path);
    case TRAEFIK_METHOD:
        return strcmp(request->method, value) == 0;
    case TRAEFIK_HEADER:
        return request->field && strcasecmp(request->field, condition->name) == 0 &&
               strcmp(request->field_value, value) == 0;
    case TRAEFIK_HEADER_REGEXP:
        return request->field && strcasecmp(request->field, condition->name) == 0 &&
               oracle_searches(value, request->field_value);
    case TRAEFIK_QUERY:
        return request->parameter && strcmp(request->parameter, condition->name) == 0 &&
               strcmp(request->parameter_value, value) == 0;
    case TRAEFIK_QUERY_REGEXP:
        return request->parameter && strcmp(request->parameter, condition->name) == 0 &&
               oracle_searches(value, request->parameter_value);
    case TRAEFIK_CLIENT_IP:
        return oracle_is_in(value, request->peer);
    case TRAEFIK_ALPN:
        break; /* of connections alone */
    }
    return false;
}

static inline bool oracle_matches(const struct traefik_rule *rule,
                                  const struct oracle_request *request)
{
    bool is_found = false;
    for (size_t i = 0; i < rule->count && !is_found; i++) {
        const struct traefik_alternative *all = &rule->alternatives[i];
        is_found = true;
        for (size_t j = 0; j < all->count; j++)
            if (oracle_holds(&all->conditions[j], request) == all->conditions[j].is_negated)
                is_found = false;
    }
    return is_found;
}

#endif
