/* Claims, written so that tests can compare them: "host=a.test path=/b > a.test/b:80". */
#ifndef TESTS_UNIT_DISCOVERY_DIALECT_CLAIMS_TEXT_H
#define TESTS_UNIT_DISCOVERY_DIALECT_CLAIMS_TEXT_H

#include <stdlib.h>

#include "discovery/dialect/statement.h"
#include "lb/base/memory.h"

#include "tests/unit/discovery/fixture.h"

static inline void claims_text_pair(struct text *out, const char *word, struct view value)
{
    if (value.len > 0)
        text_appendf(out, "%s=%.*s ", word, (int)value.len, value.ptr);
}

/* What every route of nginx-proxy has, whatever its words are. */
static inline bool claims_text_is_usual(const struct route *route, unsigned at)
{
    const struct route_option *option = &route->options[at];
    return view_eq(route->dialect, VIEW("nginx-proxy")) &&
           ((option->kind == ROUTE_OPTION_HTTPS_STATUS && view_eq(option->value, VIEW("301"))) ||
            (option->kind == ROUTE_OPTION_HSTS &&
             view_eq(option->value, VIEW("max-age=31536000"))));
}

static inline void claims_text_route(struct text *out, const struct route *route)
{
    claims_text_pair(out, route_kind_word(route->host.kind), route->host.text);
    if (route->path.text.len > 0)
        claims_text_pair(out, route_kind_word(route->path.kind), route->path.text);
    for (unsigned i = 0; i < route->condition_count; i++) {
        const struct route_condition *condition = &route->conditions[i];
        text_append_str(out, condition->is_not ? "not " : "");
        if (condition->name.len > 0)
            text_appendf(out, "%.*s:", (int)condition->name.len, condition->name.ptr);
        text_appendf(out, "%s=%.*s ", route_kind_word(condition->kind), (int)condition->value.len,
                     condition->value.ptr);
    }
    if (route->priority != 0)
        text_appendf(out, "priority=%d ", route->priority);
    if (route->is_ranked)
        text_appendf(out, "rank=%d ", route->rank);
    claims_text_pair(out, "strip", route->strip);
    claims_text_pair(out, "add", route->add);
    for (unsigned i = 0; i < route->option_count; i++)
        if (!claims_text_is_usual(route, i))
            claims_text_pair(out, route_option_word(route->options[i].kind),
                             route->options[i].value);
}

static inline void claims_text_servers(struct text *out, const struct claims *claims,
                                       struct view service)
{
    for (size_t i = 0; i < claims->server_count; i++) {
        const struct claim_server *server = &claims->servers[i];
        if (view_eq(server->service, service))
            text_appendf(out, ":%u%s%s", server->port, strcmp(server->protocol, "http") ? " " : "",
                         strcmp(server->protocol, "http") ? server->protocol : "");
    }
}

/* What is asked of a service as a whole: " balance=hash path". */
static inline void claims_text_wishes(struct text *out, const struct claims *claims,
                                      struct view service)
{
    for (size_t i = 0; i < claims->wish_count; i++) {
        if (claims->wishes[i].has_weight && view_eq(claims->wishes[i].service, service))
            text_appendf(out, " weight=%u", claims->wishes[i].weight);
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = claims->wishes[i].options.values[kind];
            if (view_eq(claims->wishes[i].service, service) && value.len > 0)
                text_appendf(out, " %s=%.*s", service_option_word((enum service_option_kind)kind),
                             (int)value.len, value.ptr);
        }
    }
}

/* Gives: free it. */
static inline char *claims_text(const struct claims *claims)
{
    struct text out = TEXT_INIT;
    for (size_t i = 0; i < claims->route_count; i++) {
        const struct route *route = &claims->routes[i];
        text_append_str(&out, i > 0 ? "\n" : "");
        claims_text_route(&out, route);
        if (route->answer_status > 0) {
            text_appendf(&out, "> %u", route->answer_status);
            continue;
        }
        text_appendf(&out, "> %.*s", (int)route->service.len, route->service.ptr);
        claims_text_servers(&out, claims, route->service);
        claims_text_wishes(&out, claims, route->service);
    }
    char *copy = memory_copy(text_str(&out), out.len);
    text_fini(&out);
    return copy;
}

#endif
