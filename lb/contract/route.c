#include "lb/contract/route.h"

#include "lb/base/cidr.h"
#include "lb/base/shown.h"
#include "lb/contract/host_name.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/pattern.h"
#include "lb/contract/url_path.h"

static const char *const words[ROUTE_KIND_COUNT] = {
#define XX(name, word) word,
    ROUTE_KIND_MAP(XX)
#undef XX
};

/* ---- kinds ----------------------------------------------------------------------------------- */

const char *route_kind_word(enum route_kind kind)
{
    return words[kind];
}

enum route_kind route_kind_parse(struct view word)
{
    unsigned kind = 0;
    while (kind < ROUTE_KIND_COUNT && !view_eq(word, view_str(words[kind])))
        kind++;
    return (enum route_kind)kind;
}

bool route_kind_has_name(enum route_kind kind)
{
    return kind >= ROUTE_HEADER && kind <= ROUTE_QUERY_REGEX;
}

bool route_kind_is_host(enum route_kind kind)
{
    return kind == ROUTE_HOST || kind == ROUTE_HOST_REGEX;
}

bool route_kind_is_path(enum route_kind kind)
{
    return kind >= ROUTE_PATH && kind <= ROUTE_PATH_REGEX;
}

bool route_kind_is_regex(enum route_kind kind)
{
    return kind == ROUTE_HOST_REGEX || kind == ROUTE_PATH_REGEX || kind == ROUTE_HEADER_REGEX ||
           kind == ROUTE_QUERY_REGEX;
}

bool route_place(struct route *route, const struct route_condition *condition)
{
    struct route_pattern *at = route_kind_is_host(condition->kind)   ? &route->host
                               : route_kind_is_path(condition->kind) ? &route->path
                                                                     : NULL;
    if (!at || condition->is_not || at->text.len > 0)
        return false;
    *at = (struct route_pattern){condition->kind, condition->value};
    return true;
}

/* ---- one condition --------------------------------------------------------------------------- */

static bool check_regex(struct view value, struct text *problem)
{
    if (value.len > ROUTE_REGEX_BYTES_MAX) {
        text_appendf(problem, "is longer than %u bytes", ROUTE_REGEX_BYTES_MAX);
        return false;
    }
    struct pattern *pattern = pattern_new(value, problem);
    pattern_free(pattern);
    return pattern != NULL;
}

static bool check_host(struct view value, struct text *problem)
{
    struct host_pattern ignored;
    return host_name_parse(value, &ignored, problem);
}

static bool check_path(struct view value, struct text *problem)
{
    struct text ignored = TEXT_INIT;
    bool is_good = url_path_parse(value, &ignored, problem);
    if (is_good && ignored.len > ROUTE_PATH_BYTES_MAX) {
        text_appendf(problem, "is longer than %u bytes", ROUTE_PATH_BYTES_MAX);
        is_good = false;
    }
    text_fini(&ignored);
    return is_good;
}

static bool is_token(struct view word)
{
    static const char others[] = "!#$%&'*+-.^_`|~"; /* RFC 9110 § 5.6.2 */
    for (size_t i = 0; i < word.len; i++) {
        char c = view_lower_char(word.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            !memchr(others, c, sizeof(others) - 1))
            return false;
    }
    return word.len > 0;
}

static bool check_method(struct view value, struct text *problem)
{
    bool is_good = is_token(value) && value.len <= ROUTE_METHOD_BYTES_MAX;
    if (!is_good)
        text_append_str(problem, "is no method; write for example POST");
    return is_good;
}

static bool check_client(struct view value, struct text *problem)
{
    struct cidr ignored;
    bool is_good = cidr_parse(value, &ignored);
    if (!is_good)
        text_append_str(problem, "is no address and no range; write for example 10.0.0.0/8");
    return is_good;
}

static bool check_value(struct view value, struct text *problem)
{
    if (value.len > ROUTE_VALUE_BYTES_MAX)
        text_appendf(problem, "is longer than %u bytes", ROUTE_VALUE_BYTES_MAX);
    return value.len <= ROUTE_VALUE_BYTES_MAX;
}

static bool check_name(const struct route_condition *condition, struct text *problem)
{
    struct view name = condition->name;
    const char *fault = NULL;
    if (!route_kind_has_name(condition->kind))
        fault = name.len > 0 ? "takes no name" : NULL;
    else if (name.len == 0)
        fault = "has no name";
    else if (name.len > ROUTE_VALUE_BYTES_MAX)
        fault = "has a name that is too long";
    else if (condition->kind <= ROUTE_HEADER_REGEX && !is_token(name))
        fault = "has a name that no header field has";
    if (fault)
        text_append_str(problem, fault);
    return !fault;
}

static bool check_kind(const struct route_condition *condition, struct text *problem)
{
    struct view value = condition->value;
    switch (condition->kind) {
    case ROUTE_HOST:
        return check_host(value, problem);
    case ROUTE_PATH:
    case ROUTE_PATH_EXACT:
    case ROUTE_PATH_START:
        return check_path(value, problem);
    case ROUTE_METHOD:
        return check_method(value, problem);
    case ROUTE_CLIENT:
        return check_client(value, problem);
    case ROUTE_HEADER:
    case ROUTE_QUERY:
        return check_value(value, problem);
    default:
        return check_regex(value, problem);
    }
}

/* `header "X-K: v" ` */
static void append_subject(struct text *out, const struct route_condition *condition)
{
    text_appendf(out, "%s \"", words[condition->kind]);
    if (condition->name.len > 0) {
        shown_append(out, condition->name);
        text_append_str(out, ": ");
    }
    shown_append(out, condition->value);
    text_append_str(out, "\" ");
}

bool route_check_condition(const struct route_condition *condition, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_good = check_name(condition, &fault) && check_kind(condition, &fault);
    if (!is_good) {
        append_subject(problem, condition);
        text_append(problem, text_view(&fault));
    }
    text_fini(&fault);
    return is_good;
}

/* ---- a route --------------------------------------------------------------------------------- */

static bool check_pattern(const struct route_pattern *pattern, struct text *problem)
{
    struct route_condition condition = {.kind = pattern->kind, .value = pattern->text};
    return pattern->text.len == 0 || route_check_condition(&condition, problem);
}

static bool check_edit(const char *word, struct view path, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_good = path.len == 0 || check_path(path, &fault);
    if (!is_good) {
        text_appendf(problem, "%s \"", word);
        shown_append(problem, path);
        text_appendf(problem, "\" %s", text_str(&fault));
    }
    text_fini(&fault);
    return is_good;
}

static bool check_target(const struct route *route, struct text *problem)
{
    const char *fault = NULL;
    if (route->answer_status != 0 && route->answer_status != 404 && route->answer_status != 503)
        fault = "answer: want 404 or 503";
    else if (route->service.len == 0 && route->answer_status == 0)
        fault = "service: want a name";
    else if (route->service.len >= LIMITS_NAME_BYTES_MAX)
        fault = "service: the name is too long";
    if (fault)
        text_append_str(problem, fault);
    return !fault;
}

static bool check_conditions(const struct route *route, struct text *problem)
{
    if (route->condition_count > ROUTE_CONDITIONS_MAX) {
        text_appendf(problem, "more than %u conditions", ROUTE_CONDITIONS_MAX);
        return false;
    }
    for (unsigned i = 0; i < route->condition_count; i++)
        if (!route_check_condition(&route->conditions[i], problem))
            return false;
    return true;
}

bool route_check(const struct route *route, struct text *problem)
{
    return check_pattern(&route->host, problem) && check_pattern(&route->path, problem) &&
           check_conditions(route, problem) && check_edit(KEY_STRIP, route->strip, problem) &&
           check_edit(KEY_ADD, route->add, problem) && check_target(route, problem);
}

static bool is_same_pattern(const struct route_pattern *a, const struct route_pattern *b)
{
    return view_eq(a->text, b->text) && (a->text.len == 0 || a->kind == b->kind);
}

bool route_is_alike(const struct route *a, const struct route *b)
{
    if (!is_same_pattern(&a->host, &b->host) || !is_same_pattern(&a->path, &b->path) ||
        a->condition_count != b->condition_count)
        return false;
    for (unsigned i = 0; i < a->condition_count; i++) {
        const struct route_condition *one = &a->conditions[i], *other = &b->conditions[i];
        if (one->kind != other->kind || one->is_not != other->is_not ||
            !view_eq(one->name, other->name) || !view_eq(one->value, other->value))
            return false;
    }
    return true;
}
