#include "lb/contract/route.h"

#include "lb/base/cidr.h"
#include "lb/base/shown.h"
#include "lb/contract/host_name.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/pattern.h"
#include "lb/contract/words.h"
#include "lb/contract/url_path.h"

#define SHOWN_BYTES_MAX 100u /* of a value that cannot be used */

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
    text_appendf(out, "%s \"", words[condition->kind]);
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

/* ---- what people call it --------------------------------------------------------------------- */

static void append_pattern_name(const struct route_pattern *pattern, struct text *out)
{
    if (pattern->text.len > 0 && route_kind_is_regex(pattern->kind))
        text_append_char(out, '~');
    text_append(out, pattern->text);
}

void route_append_name(const struct route *route, struct text *out)
{
    if (route->host.text.len == 0)
        text_append_char(out, '*');
    append_pattern_name(&route->host, out);
    append_pattern_name(&route->path, out);
}

/* ---- likeness -------------------------------------------------------------------------------- */

/* With its length before it, so that nothing runs together. */
static void append_sized(struct view bytes, struct text *out)
{
    text_appendf(out, "%zu:", bytes.len);
    text_append(out, bytes);
}

static void append_condition(const struct route_condition *condition, struct text *out)
{
    text_appendf(out, "%s%s ", condition->is_not ? "!" : "", words[condition->kind]);
    append_sized(condition->name, out);
    append_sized(condition->value, out);
}

static void append_pattern(const struct route_pattern *pattern, struct text *out)
{
    if (pattern->text.len > 0)
        append_condition(&(struct route_condition){.kind = pattern->kind, .value = pattern->text},
                         out);
    text_append_char(out, '|');
}

void route_append_likeness(const struct route *route, struct text *out)
{
    append_pattern(&route->host, out);
    append_pattern(&route->path, out);
    for (unsigned i = 0; i < route->condition_count; i++)
        append_condition(&route->conditions[i], out);
}

bool route_is_alike(const struct route *a, const struct route *b)
{
    struct text one = TEXT_INIT, other = TEXT_INIT;
    route_append_likeness(a, &one);
    route_append_likeness(b, &other);
    bool is_alike = view_eq(text_view(&one), text_view(&other));
    text_fini(&one);
    text_fini(&other);
    return is_alike;
}

/* ---- copies ---------------------------------------------------------------------------------- */

static const struct route_condition *copy_conditions(const struct route *route, struct arena *arena)
{
    size_t size = route->condition_count * sizeof(struct route_condition);
    struct route_condition *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->condition_count; i++) {
        copies[i] = route->conditions[i];
        copies[i].name = arena_copy(arena, copies[i].name);
        copies[i].value = arena_copy(arena, copies[i].value);
    }
    return copies;
}

int route_compare_priority(const struct route *a, const struct route *b)
{
    if (a->is_ranked && b->is_ranked && a->rank != b->rank)
        return a->rank < b->rank ? 1 : -1;
    return (a->priority < b->priority) - (a->priority > b->priority);
}

static bool are_options_alike(const struct route *a, const struct route *b)
{
    bool are_alike = a->option_count == b->option_count;
    for (unsigned i = 0; i < a->option_count && are_alike; i++)
        are_alike = a->options[i].kind == b->options[i].kind &&
                    view_eq(a->options[i].value, b->options[i].value);
    return are_alike;
}

static bool are_shares_alike(const struct route *a, const struct route *b)
{
    bool are_alike = a->share_count == b->share_count;
    for (unsigned i = 0; i < a->share_count && are_alike; i++)
        are_alike = a->shares[i].weight == b->shares[i].weight &&
                    view_eq(a->shares[i].service, b->shares[i].service);
    return are_alike;
}

bool route_does_the_same(const struct route *a, const struct route *b)
{
    return a->answer_status == b->answer_status && view_eq(a->service, b->service) &&
           view_eq(a->strip, b->strip) && view_eq(a->add, b->add) && are_options_alike(a, b) &&
           are_shares_alike(a, b);
}

static const struct route_option *copy_options(const struct route *route, struct arena *arena)
{
    size_t size = route->option_count * sizeof(struct route_option);
    struct route_option *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->option_count; i++)
        copies[i] = (struct route_option){route->options[i].kind,
                                          arena_copy(arena, route->options[i].value)};
    return copies;
}

static const struct route_share *copy_shares(const struct route *route, struct arena *arena)
{
    size_t size = route->share_count * sizeof(struct route_share);
    struct route_share *copies = size > 0 ? arena_new(arena, size) : NULL;
    for (unsigned i = 0; i < route->share_count; i++)
        copies[i] = (struct route_share){arena_copy(arena, route->shares[i].service),
                                         route->shares[i].weight};
    return copies;
}

struct route route_copy(const struct route *route, struct arena *arena)
{
    struct route copy = *route;
    struct view *texts[] = {&copy.host.text, &copy.path.text, &copy.service, &copy.strip,
                            &copy.add,       &copy.dialect,   &copy.label,   &copy.container,
                            &copy.name,      &copy.why};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_copy(arena, *texts[i]);
    copy.conditions = copy_conditions(route, arena);
    copy.options = copy_options(route, arena);
    copy.shares = copy_shares(route, arena);
    return copy;
}
