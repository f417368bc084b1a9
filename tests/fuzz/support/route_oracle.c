#include "tests/fuzz/support/route_oracle.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/cidr.h"
#include "tests/fuzz/support/plain_request.h"

/* ---- does it hold? --------------------------------------------------------------------------- */

static bool regex_holds(struct view regex, struct view subject, struct pattern_scratch *scratch)
{
    struct text ignored = TEXT_INIT;
    struct pattern *pattern = pattern_new(regex, &ignored);
    bool is_match = pattern && pattern_matches(pattern, subject, scratch) == TRUTH_YES;
    pattern_free(pattern);
    text_fini(&ignored);
    return is_match;
}

static bool ends_with(struct view text, struct view end)
{
    return text.len >= end.len && view_eq(view_skip(text, text.len - end.len), end);
}

/* As a label says it. */
struct plain_host {
    enum { ANY, PREFIX, SUFFIX, EXACT } form;
    struct text text; /* with the dot where the star was */
};

static void read_host(struct view said, struct plain_host *out)
{
    struct text brackets = TEXT_INIT;
    bool is_any = said.len == 0 || view_eq(said, VIEW("*"));
    out->form = is_any                               ? ANY
                : view_starts_with(said, VIEW("*.")) ? SUFFIX
                : ends_with(said, VIEW(".*"))        ? PREFIX
                                                     : EXACT;
    if (out->form == PREFIX) {
        plain_request_host(view_of(said.ptr, said.len - 2), &out->text);
        text_append_char(&out->text, '.');
    } else if (out->form == EXACT && view_find(said, ':') >= 0 && said.ptr[0] != '[') {
        text_appendf(&brackets, "[%.*s]", (int)said.len, said.ptr);
        plain_request_host(text_view(&brackets), &out->text);
    } else if (!is_any) {
        plain_request_host(view_skip(said, out->form == SUFFIX), &out->text);
    }
    text_fini(&brackets);
}

static bool host_holds(struct view said, struct view host)
{
    struct plain_host plain = {.text = TEXT_INIT};
    read_host(said, &plain);
    struct view text = text_view(&plain.text);
    bool is_longer = host.len > text.len;
    bool holds = plain.form == ANY      ? true
                 : plain.form == EXACT  ? view_eq(text, host)
                 : plain.form == SUFFIX ? is_longer && ends_with(host, text)
                                        : is_longer && view_starts_with(host, text);
    text_fini(&plain.text);
    return holds;
}

/* As a label says it, where a blank is one. */
static void read_path(struct view said, struct text *out)
{
    struct text escaped = TEXT_INIT;
    for (size_t i = 0; i < said.len; i++)
        text_appendf(&escaped, said.ptr[i] == ' ' ? "%%20" : "%c", said.ptr[i]);
    plain_request_path(text_view(&escaped), out);
    text_fini(&escaped);
}

/* Segment by segment. */
static bool segments_hold(struct view said, struct view path)
{
    while (said.ptr) {
        struct view wanted = view_cut(&said, '/');
        if (wanted.len == 0 && !said.ptr) /* "/a/" ends here, and "/a" is none of its */
            return path.ptr != NULL;
        if (!path.ptr || !view_eq(wanted, view_cut(&path, '/')))
            return false;
    }
    return true;
}

static bool path_holds(enum route_kind kind, struct view said, struct view path)
{
    struct text normal = TEXT_INIT;
    read_path(said, &normal);
    bool holds = kind == ROUTE_PATH         ? segments_hold(text_view(&normal), path)
                 : kind == ROUTE_PATH_EXACT ? view_eq(text_view(&normal), path)
                                            : view_starts_with(path, text_view(&normal));
    text_fini(&normal);
    return holds;
}

static bool field_holds(const struct route_condition *condition, const struct question *question)
{
    struct view value;
    for (unsigned seen = 0;
         (value = question->next_field(question->message, condition->name, &seen)).ptr;)
        if (condition->kind == ROUTE_HEADER
                ? view_eq(value, condition->value)
                : regex_holds(condition->value, value, question->scratch))
            return true;
    return false;
}

/* Gives a text that the caller frees. */
static struct view decoded(struct view text)
{
    char *out = malloc(text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned octet;
        char digits[3] = "";
        if (text.ptr[i] == '%' && i + 2 < text.len)
            memcpy(digits, text.ptr + i + 1, 2);
        if (strlen(digits) == 2 && strspn(digits, "0123456789abcdefABCDEF") == 2 &&
            sscanf(digits, "%2x", &octet) == 1) {
            out[len++] = (char)octet;
            i += 2;
        } else {
            out[len++] = text.ptr[i];
            if (text.ptr[i] == '+')
                out[len - 1] = ' ';
        }
    }
    return view_of(out, len);
}

static bool parameter_holds(const struct route_condition *condition,
                            const struct question *question)
{
    bool holds = false;
    for (struct view rest = question->query; rest.ptr && !holds;) {
        struct view part = view_cut(&rest, '&'), value = part, name = view_cut(&value, '=');
        struct view plain_name = decoded(name), plain = decoded(value);
        if (part.len > 0 && view_eq(plain_name, condition->name))
            holds = condition->kind == ROUTE_QUERY
                        ? view_eq(plain, condition->value)
                        : regex_holds(condition->value, plain, question->scratch);
        free((char *)(uintptr_t)plain_name.ptr);
        free((char *)(uintptr_t)plain.ptr);
    }
    return holds;
}

static bool client_holds(struct view said, const struct address *client)
{
    struct cidr range;
    return client && cidr_parse(said, &range) && cidr_contains(&range, client);
}

bool route_oracle_holds(const struct route_condition *condition, const struct question *question)
{
    switch (condition->kind) {
    case ROUTE_HOST:
        return host_holds(condition->value, question->host);
    case ROUTE_HOST_REGEX:
        return regex_holds(condition->value, question->host, question->scratch);
    case ROUTE_PATH_REGEX:
        return regex_holds(condition->value, question->path, question->scratch);
    case ROUTE_METHOD:
        return view_eq(condition->value, question->method);
    case ROUTE_HEADER:
    case ROUTE_HEADER_REGEX:
        return field_holds(condition, question);
    case ROUTE_QUERY:
    case ROUTE_QUERY_REGEX:
        return parameter_holds(condition, question);
    case ROUTE_CLIENT:
        return client_holds(condition->value, question->client);
    case ROUTE_SCHEME:
        return view_eq(condition->value, VIEW("https")) == view_eq(question->scheme, VIEW("https"));
    default:
        return path_holds(condition->kind, condition->value, question->path);
    }
}

static bool pattern_holds(const struct route_pattern *pattern, const struct question *question)
{
    struct route_condition condition = {.kind = pattern->kind, .value = pattern->text};
    return pattern->text.len == 0 || route_oracle_holds(&condition, question);
}

static bool holds(const struct route *route, const struct question *question)
{
    if (!pattern_holds(&route->host, question) || !pattern_holds(&route->path, question))
        return false;
    for (unsigned i = 0; i < route->condition_count; i++)
        if (route_oracle_holds(&route->conditions[i], question) == route->conditions[i].is_not)
            return false;
    return true;
}

/* ---- which is better? ------------------------------------------------------------------------ */

/* More is better; of a text, less. */
struct worth {
    long long numbers[8];
    struct view host_text, path_text;
};

static void weigh_host(const struct route *route, struct worth *worth)
{
    struct plain_host plain = {.text = TEXT_INIT};
    bool is_regex = route->host.text.len > 0 && route->host.kind == ROUTE_HOST_REGEX;
    if (is_regex)
        worth->host_text = route->host.text;
    else
        read_host(route->host.text, &plain);
    worth->numbers[1] = is_regex ? 1 : plain.form == ANY ? 0 : plain.form + 1;
    worth->numbers[2] = (long long)plain.text.len;
    text_fini(&plain.text);
}

static void weigh_path(const struct route *route, struct worth *worth)
{
    struct text normal = TEXT_INIT;
    bool is_any = route->path.text.len == 0;
    bool is_regex = !is_any && route->path.kind == ROUTE_PATH_REGEX;
    if (is_regex)
        worth->path_text = route->path.text;
    else if (!is_any)
        read_path(route->path.text, &normal);
    worth->numbers[3] = is_any ? 0 : is_regex ? 1 : route->path.kind == ROUTE_PATH_EXACT ? 3 : 2;
    worth->numbers[4] = (long long)normal.len;
    worth->numbers[5] = !is_any && route->path.kind != ROUTE_PATH_START;
    text_fini(&normal);
}

static void weigh(const struct route *route, struct worth *worth)
{
    *worth = (struct worth){0};
    worth->numbers[0] = route->priority;
    weigh_host(route, worth);
    weigh_path(route, worth);
    worth->numbers[6] = route->condition_count;
    worth->numbers[7] = -(long long)route->created_ns;
}

static int compare_texts(struct view a, struct view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool is_better(const struct route *route, const struct route *best)
{
    struct worth one, other;
    weigh(route, &one);
    weigh(best, &other);
    for (unsigned i = 0; i < 8; i++) {
        int by_text = i == 3   ? compare_texts(one.host_text, other.host_text)
                      : i == 5 ? compare_texts(one.path_text, other.path_text)
                               : 0;
        if (by_text != 0)
            return by_text < 0;
        if (one.numbers[i] != other.numbers[i])
            return one.numbers[i] > other.numbers[i];
    }
    return false;
}

static bool is_better_ranked(const struct route *route, const struct route *best)
{
    return route->rank != best->rank ? route->rank > best->rank : is_better(route, best);
}

uint32_t route_oracle_find(const struct route *routes, uint32_t count, uint32_t without,
                           const struct question *question)
{
    uint32_t ranked = ROUTE_ORACLE_NONE, other = ROUTE_ORACLE_NONE;
    pattern_scratch_begin(question->scratch);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *best = routes[i].is_ranked ? &ranked : &other;
        if (i != without && holds(&routes[i], question) &&
            (*best == ROUTE_ORACLE_NONE ||
             (routes[i].is_ranked ? is_better_ranked(&routes[i], &routes[*best])
                                  : is_better(&routes[i], &routes[*best]))))
            *best = i;
    }
    if (ranked == ROUTE_ORACLE_NONE || other == ROUTE_ORACLE_NONE)
        return ranked == ROUTE_ORACLE_NONE ? other : ranked;
    bool is_ranked_better = ranked < other ? !is_better(&routes[other], &routes[ranked])
                                           : is_better(&routes[ranked], &routes[other]);
    return is_ranked_better ? ranked : other;
}
