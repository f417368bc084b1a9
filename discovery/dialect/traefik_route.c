#include "discovery/dialect/traefik_route.h"

#include "lb/base/memory.h"

/* Room for what is stripped, besides the conditions of an alternative. */
#define CONDITIONS_MAX (2 * TRAEFIK_RULE_CONDITIONS_MAX + TRAEFIK_STRIPS_MAX + 1)

/* ---- conditions ----------------------------------------------------------------------------- */

static void append_literally(struct text *regex, const char *text)
{
    for (; *text != '\0'; text++) {
        char lower = view_lower_char(*text);
        bool is_plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        text_appendf(regex, is_plain ? "%c" : "\\%c", *text);
    }
}

/* One label and `suffix`, which begins with a dot. */
static struct view keep_one_label(struct claims *claims, const char *suffix)
{
    struct text regex = TEXT_INIT;
    text_append_str(&regex, "^[^.]+");
    append_literally(&regex, suffix);
    text_append_char(&regex, '$');
    struct view kept = claims_keep(claims, text_view(&regex));
    text_fini(&regex);
    return kept;
}

static struct view keep_wildcard(struct claims *claims, const char *suffix)
{
    struct text host = TEXT_INIT;
    text_appendf(&host, "*%s", suffix);
    struct view kept = claims_keep(claims, text_view(&host));
    text_fini(&host);
    return kept;
}

static enum route_kind kind_of(enum traefik_matcher matcher)
{
    switch (matcher) {
    case TRAEFIK_ANY:
    case TRAEFIK_HOST:
        return ROUTE_HOST;
    case TRAEFIK_HOST_WILD:
    case TRAEFIK_HOST_REGEXP:
        return ROUTE_HOST_REGEX;
    case TRAEFIK_PATH:
        return ROUTE_PATH_EXACT;
    case TRAEFIK_PATH_PREFIX:
        return ROUTE_PATH_START;
    case TRAEFIK_PATH_REGEXP:
        return ROUTE_PATH_REGEX;
    case TRAEFIK_METHOD:
        return ROUTE_METHOD;
    case TRAEFIK_HEADER:
        return ROUTE_HEADER;
    case TRAEFIK_HEADER_REGEXP:
        return ROUTE_HEADER_REGEX;
    case TRAEFIK_QUERY:
        return ROUTE_QUERY;
    case TRAEFIK_QUERY_REGEXP:
        return ROUTE_QUERY_REGEX;
    case TRAEFIK_CLIENT_IP:
        return ROUTE_CLIENT;
    case TRAEFIK_ALPN:
        break; /* no request has it */
    }
    return ROUTE_KIND_COUNT;
}

/* A route in the making: its own conditions may still grow. */
struct draft {
    struct route route;
    struct route_condition conditions[CONDITIONS_MAX];
};

static void add_condition(struct draft *draft, const struct route_condition *condition)
{
    if (!route_place(&draft->route, condition) && draft->route.condition_count < CONDITIONS_MAX)
        draft->conditions[draft->route.condition_count++] = *condition;
}

/* A lookup is quick by the wildcard; that it is one label only is looked at then. */
static void add_wildcard(struct claims *claims, struct draft *draft, const char *suffix)
{
    struct route_condition wildcard = {.kind = ROUTE_HOST, .value = keep_wildcard(claims, suffix)};
    route_place(&draft->route, &wildcard);
}

/* False: it never holds. */
static bool add_of_rule(struct claims *claims, const struct traefik_condition *condition,
                        struct draft *draft)
{
    bool is_wild = condition->matcher == TRAEFIK_HOST_WILD;
    if (condition->matcher == TRAEFIK_ANY)
        return !condition->is_negated;
    if (is_wild && !condition->is_negated)
        add_wildcard(claims, draft, condition->value);
    struct route_condition made = {.kind = kind_of(condition->matcher),
                                   .is_not = condition->is_negated,
                                   .name = claims_keep(claims, view_str(condition->name)),
                                   .value = is_wild
                                                ? keep_one_label(claims, condition->value)
                                                : claims_keep(claims, view_str(condition->value))};
    add_condition(draft, &made);
    return true;
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool add_draft(struct claims *claims, const struct draft *draft)
{
    struct route route = draft->route;
    size_t size = route.condition_count * sizeof(draft->conditions[0]);
    if (size > 0) {
        void *kept = claims_room(claims, size);
        memcpy(kept, draft->conditions, size);
        route.conditions = kept;
    }
    return claims_add(claims, &route);
}

enum fit { ALL, SOME, NONE };

/* Which of the paths that the route takes begin with the prefix. */
static enum fit find_fit(const struct route *route, struct view prefix)
{
    struct view text = route->path.text;
    bool is_start = route->path.kind == ROUTE_PATH_START || route->path.kind == ROUTE_PATH;
    if (text.len == 0 || (!is_start && route->path.kind != ROUTE_PATH_EXACT))
        return SOME;
    if (view_starts_with(text, prefix))
        return ALL;
    return is_start && view_starts_with(prefix, text) ? SOME : NONE;
}

/* For the paths that begin with the prefix, and with none of the earlier ones. */
static bool add_stripping(struct claims *claims, const struct traefik_treatment *treatment,
                          const struct draft *draft, size_t number)
{
    struct draft own = *draft;
    struct route_condition start = {.kind = ROUTE_PATH_START, .value = treatment->strips[number]};
    for (size_t i = 0; i < number; i++) {
        struct route_condition earlier = {
            .kind = ROUTE_PATH_START, .is_not = true, .value = treatment->strips[i]};
        if (view_starts_with(start.value, earlier.value) ||
            view_starts_with(earlier.value, start.value))
            add_condition(&own, &earlier);
    }
    if (find_fit(&own.route, start.value) == SOME)
        add_condition(&own, &start);
    own.route.strip = start.value;
    return add_draft(claims, &own);
}

static bool add_all(struct claims *claims, const struct traefik_treatment *treatment,
                    const struct draft *draft)
{
    enum fit fit = SOME;
    bool is_good = true;
    for (size_t i = 0; i < treatment->strip_count && fit != ALL; i++) {
        fit = find_fit(&draft->route, treatment->strips[i]);
        if (fit != NONE)
            is_good = add_stripping(claims, treatment, draft, i) && is_good;
    }
    return (fit == ALL || add_draft(claims, draft)) && is_good;
}

static bool add_alternative(struct claims *claims, const struct traefik_alternative *alternative,
                            const struct traefik_treatment *treatment, const struct route *base)
{
    struct draft draft = {.route = *base};
    const struct route_condition scheme = {.kind = ROUTE_SCHEME, .value = treatment->scheme};
    if (scheme.value.len > 0)
        add_condition(&draft, &scheme);
    for (size_t i = 0; i < alternative->count; i++)
        if (!add_of_rule(claims, &alternative->conditions[i], &draft))
            return true;
    return treatment->refused_status > 0 ? add_draft(claims, &draft)
                                         : add_all(claims, treatment, &draft);
}

void traefik_route_add(struct claims *claims, const struct traefik_rule *rule,
                       const struct traefik_treatment *treatment, const struct route *base)
{
    size_t count_before = claims->route_count;
    bool is_good = true;
    for (size_t i = 0; i < rule->count && is_good; i++)
        is_good = add_alternative(claims, &rule->alternatives[i], treatment, base);
    if (!is_good)
        claims->route_count = count_before;
}
