#include "lb/route/condition.h"

#include "lb/contract/url_path.h"

/* ---- making one ------------------------------------------------------------------------------ */

static void take_host(struct condition *out, struct view value, struct arena *arena)
{
    struct host_pattern pattern = {.form = HOST_ANY};
    struct text ignored = TEXT_INIT;
    host_name_parse(value, &pattern, &ignored);
    out->host_form = pattern.form;
    out->value = arena_copy(arena, view_of(pattern.text, pattern.len));
    text_fini(&ignored);
}

static struct view normal_path(struct view path, struct arena *arena)
{
    struct text normal = TEXT_INIT, ignored = TEXT_INIT;
    url_path_parse(path, &normal, &ignored);
    struct view copy = arena_copy(arena, text_view(&normal));
    text_fini(&normal);
    text_fini(&ignored);
    return copy;
}

bool condition_compile(const struct route_condition *from, const struct compiling *compiling,
                       struct condition *out)
{
    *out = (struct condition){.kind = from->kind, .is_not = from->is_not};
    out->name = arena_copy(compiling->arena, from->name);
    if (from->kind == ROUTE_HOST)
        take_host(out, from->value, compiling->arena);
    else if (route_kind_is_path(from->kind) && !route_kind_is_regex(from->kind))
        out->value = normal_path(from->value, compiling->arena);
    else
        out->value = arena_copy(compiling->arena, from->value);
    if (from->kind == ROUTE_CLIENT)
        return cidr_parse(from->value, &out->range);
    if (!route_kind_is_regex(from->kind))
        return true;
    out->pattern = regexes_get(compiling->regexes, compiling->regexes_before, from->value);
    return out->pattern != NULL;
}

/* ---- host and path --------------------------------------------------------------------------- */

bool condition_host_fits(enum host_form form, struct view text, struct view host)
{
    if (form == HOST_EXACT)
        return view_eq(host, text);
    if (host.len <= text.len)
        return false;
    return form == HOST_PREFIX ? view_starts_with(host, text)
                               : view_eq(view_skip(host, host.len - text.len), text);
}

bool condition_path_fits(struct view prefix, struct view path)
{
    return view_starts_with(path, prefix) &&
           (path.len == prefix.len || prefix.ptr[prefix.len - 1] == '/' ||
            path.ptr[prefix.len] == '/');
}

/* ---- header fields --------------------------------------------------------------------------- */

static enum truth fits(const struct condition *condition, struct view value,
                       struct pattern_scratch *scratch)
{
    return condition->pattern ? pattern_matches(condition->pattern, value, scratch)
                              : truth_of(view_eq(condition->value, value));
}

/* Of several values one is enough. */
static enum truth either(enum truth one, enum truth other)
{
    return truth_not(truth_and(truth_not(one), truth_not(other)));
}

static enum truth has_field(const struct condition *condition, const struct question *question)
{
    enum truth has = TRUTH_NO;
    unsigned seen = 0;
    struct view value;
    while (has != TRUTH_YES && question->next_field &&
           (value = question->next_field(question->message, condition->name, &seen)).ptr)
        has = either(has, fits(condition, value, question->scratch));
    return has;
}

/* ---- the query ------------------------------------------------------------------------------- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = view_lower_char(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes one character of application/x-www-form-urlencoded. */
static char take_char(struct view *text)
{
    char c = text->ptr[0];
    size_t len = 1;
    if (c == '+') {
        c = ' ';
    } else if (c == '%' && text->len >= 3 && digit_of(text->ptr[1]) >= 0 &&
               digit_of(text->ptr[2]) >= 0) {
        c = (char)(digit_of(text->ptr[1]) * 16 + digit_of(text->ptr[2]));
        len = 3;
    }
    *text = view_skip(*text, len);
    return c;
}

static bool decodes_to(struct view text, struct view plain)
{
    size_t at = 0;
    while (text.len > 0 && at < plain.len)
        if (take_char(&text) != plain.ptr[at++])
            return false;
    return text.len == 0 && at == plain.len;
}

static enum truth value_fits(const struct condition *condition, struct view value,
                             struct pattern_scratch *scratch)
{
    char room[CONDITION_QUERY_BYTES_MAX];
    size_t len = 0;
    if (!condition->pattern)
        return truth_of(decodes_to(value, condition->value));
    for (; value.len > 0; len++) {
        if (len == sizeof(room))
            return pattern_scratch_give_up(scratch);
        room[len] = take_char(&value);
    }
    return pattern_matches(condition->pattern, view_of(room, len), scratch);
}

static enum truth has_parameter(const struct condition *condition, const struct question *question)
{
    enum truth has = TRUTH_NO;
    for (struct view rest = question->query; rest.ptr && has != TRUTH_YES;) {
        struct view value = view_cut(&rest, '&');
        bool is_empty = value.len == 0;
        struct view name = view_cut(&value, '=');
        if (!is_empty && decodes_to(name, condition->name))
            has = either(has, value_fits(condition, value, question->scratch));
    }
    return has;
}

/* ---- who asks --------------------------------------------------------------------------------- */

static bool is_in_range(const struct condition *condition, const struct question *question)
{
    struct address found;
    if (question->client)
        return cidr_contains(&condition->range, question->client);
    if (!question->find_client)
        return false;
    question->find_client(question->asker, &found);
    return cidr_contains(&condition->range, &found);
}

bool condition_is_secure(struct view scheme)
{
    scheme = view_trim(view_cut(&scheme, ','));
    return view_eq_nocase(scheme, VIEW("https")) || view_eq_nocase(scheme, VIEW("wss"));
}

static bool has_scheme(const struct condition *condition, const struct question *question)
{
    return condition_is_secure(condition->value) == condition_is_secure(question->scheme);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static enum truth fits_kind(const struct condition *condition, const struct question *question)
{
    switch (condition->kind) {
    case ROUTE_HOST:
        return truth_of(
            condition->host_form == HOST_ANY ||
            condition_host_fits(condition->host_form, condition->value, question->host));
    case ROUTE_HOST_REGEX:
        return fits(condition, question->host, question->scratch);
    case ROUTE_PATH:
        return truth_of(condition_path_fits(condition->value, question->path));
    case ROUTE_PATH_START:
        return truth_of(view_starts_with(question->path, condition->value));
    case ROUTE_PATH_EXACT:
    case ROUTE_PATH_REGEX:
        return fits(condition, question->path, question->scratch);
    case ROUTE_METHOD:
        return truth_of(view_eq(condition->value, question->method));
    case ROUTE_HEADER:
    case ROUTE_HEADER_REGEX:
        return has_field(condition, question);
    case ROUTE_QUERY:
    case ROUTE_QUERY_REGEX:
        return has_parameter(condition, question);
    case ROUTE_CLIENT:
        return truth_of(is_in_range(condition, question));
    case ROUTE_SCHEME:
        return truth_of(has_scheme(condition, question));
    default:
        return TRUTH_NO;
    }
}

enum truth condition_holds(const struct condition *condition, const struct question *question)
{
    enum truth fits = fits_kind(condition, question);
    return condition->is_not ? truth_not(fits) : fits;
}
