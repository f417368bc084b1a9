#include "lb/contract/route_check.h"

#include "lb/base/cidr.h"
#include "lb/base/shown.h"
#include "lb/contract/host_name.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/pattern.h"
#include "lb/contract/url_path.h"
#include "lb/contract/words.h"

#define SHOWN_BYTES_MAX 100u /* of a value that cannot be used */

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

static bool check_method(struct view value, struct text *problem)
{
    bool is_good = words_is_token(value) && value.len <= ROUTE_METHOD_BYTES_MAX;
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

static bool check_scheme(struct view value, struct text *problem)
{
    bool is_good = view_eq(value, VIEW("http")) || view_eq(value, VIEW("https"));
    if (!is_good)
        text_append_str(problem, "is no scheme; write http or https");
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
    else if (condition->kind <= ROUTE_HEADER_REGEX && !words_is_token(name))
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
    case ROUTE_SCHEME:
        return check_scheme(value, problem);
    case ROUTE_HEADER:
    case ROUTE_QUERY:
        return check_value(value, problem);
    default:
        return check_regex(value, problem);
    }
}

/* Its beginning: what is wrong with it stands behind, and has to be read as well. */
static void append_shown(struct text *out, struct view text)
{
    size_t len = text.len < SHOWN_BYTES_MAX ? text.len : SHOWN_BYTES_MAX;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--; /* between two characters of UTF-8 */
    shown_append(out, view_of(text.ptr, len));
    text_append_str(out, len < text.len ? "..." : "");
}

/* `header "X-K: v" ` */
static void append_subject(struct text *out, const struct route_condition *condition)
{
    text_appendf(out, "%s \"", route_kind_word(condition->kind));
    if (condition->name.len > 0) {
        append_shown(out, condition->name);
        text_append_str(out, ": ");
    }
    append_shown(out, condition->value);
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
        append_shown(problem, path);
        text_appendf(problem, "\" %s", text_str(&fault));
    }
    text_fini(&fault);
    return is_good;
}

static bool check_target(const struct route *route, struct text *problem)
{
    const char *fault = NULL;
    unsigned answer = route->answer_status;
    if (answer != 0 && answer != 403 && answer != 404 && answer != 503)
        fault = "answer: want 403, 404 or 503";
    else if (route->service.len == 0 && answer == 0)
        fault = "service: want a name";
    else if (route->service.len > LIMITS_NAME_BYTES_MAX)
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

static bool check_shares(const struct route *route, struct text *problem)
{
    const char *fault = route->share_count > ROUTE_SHARES_MAX ? "more than 16" : NULL;
    for (unsigned i = 0; i < route->share_count && !fault; i++) {
        const struct route_share *share = &route->shares[i];
        if (share->service.len == 0 || share->service.len > LIMITS_NAME_BYTES_MAX)
            fault = "want the name of a service in each";
        else if (share->weight > ROUTE_WEIGHT_MAX)
            fault = "a weight is from 0 to 1000000";
    }
    if (fault)
        text_appendf(problem, "shares: %s", fault);
    return !fault;
}

static bool check_options(const struct route *route, struct text *problem)
{
    for (unsigned i = 0; i < route->option_count; i++)
        if (!route_option_check(&route->options[i], problem))
            return false;
    return true;
}

bool route_check(const struct route *route, struct text *problem)
{
    return check_pattern(&route->host, problem) && check_pattern(&route->path, problem) &&
           check_conditions(route, problem) && check_edit(KEY_STRIP, route->strip, problem) &&
           check_edit(KEY_ADD, route->add, problem) && check_target(route, problem) &&
           check_shares(route, problem) && check_options(route, problem);
}
