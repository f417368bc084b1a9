#include "discovery/dialect/traefik_matcher.h"

#include <stdlib.h>

#include "discovery/clean.h"
#include "lb/base/cidr.h"
#include "lb/base/edits.h"
#include "lb/base/memory.h"

/* ---- values --------------------------------------------------------------------------------- */

static char *copy(struct view value)
{
    return memory_copy(value.ptr, value.len);
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        *text = view_lower_char(*text);
}

static bool is_ascii(struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] >= 0x80)
            return false;
    return true;
}

/* Version 2 wrote `{name:regexp}` in hosts and paths; as version 3 reads it, it matches nothing. */
static const char *find_old_braces(struct view value)
{
    for (ptrdiff_t at; (at = view_find(value, '{')) >= 0;) {
        value = view_skip(value, (size_t)at + 1);
        if (value.len > 0 &&
            (value.ptr[0] == '_' ||
             (view_lower_char(value.ptr[0]) >= 'a' && view_lower_char(value.ptr[0]) <= 'z')) &&
            (view_find(value, ':') >= 0 || view_find(value, '}') >= 0))
            return "{name:regexp} is how Traefik 2 wrote it; since Traefik 3 it is a regular "
                   "expression alone, for example HostRegexp(`^[a-z]+\\.example\\.com$`)";
    }
    return NULL;
}

/* Each of these fills the condition, or gives what is wrong with the value. */
typedef const char *make_value(struct view value, struct traefik_condition *out);

static const char *make_host(struct view value, struct traefik_condition *out)
{
    if (!is_ascii(value))
        return "a host is written in ASCII (xn--… for others)";
    if (view_eq(value, VIEW("*"))) {
        out->matcher = TRAEFIK_ANY;
        return NULL;
    }
    if (value.len > 1 && value.ptr[value.len - 1] == '.')
        value.len--;
    if (view_starts_with(value, VIEW("*."))) {
        out->matcher = TRAEFIK_HOST_WILD;
        value = view_skip(value, 1);
    }
    if (value.len == 0 || view_eq(value, VIEW(".")))
        return "there is no host in it";
    if (view_find(value, '*') >= 0 || view_find(value, ' ') >= 0 || view_find(value, '/') >= 0)
        return "a host is a name, or *. and a name";
    out->value = copy(value);
    lower(out->value);
    return NULL;
}

static const char *make_regexp(struct view value, struct traefik_condition *out)
{
    const char *problem = find_old_braces(value);
    if (!problem)
        out->value = copy(value);
    return problem;
}

static const char *make_host_regexp(struct view value, struct traefik_condition *out)
{
    return is_ascii(value) ? make_regexp(value, out)
                           : "a host is written in ASCII (xn--… for others)";
}

static const char *make_path(struct view value, struct traefik_condition *out)
{
    if (value.len == 0 || value.ptr[0] != '/')
        return "a path begins with /";
    const char *problem = find_old_braces(value);
    if (!problem)
        out->value = copy(value);
    return problem;
}

static bool is_token(struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] >= 0x7F ||
            strchr("\"(),/:;<=>?@[\\]{}", value.ptr[i]))
            return false;
    return value.len > 0;
}

static const char *make_method(struct view value, struct traefik_condition *out)
{
    if (!is_token(value))
        return "this is no method";
    out->value = copy(value);
    for (char *c = out->value; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return NULL;
}

static const char *make_exact(struct view value, struct traefik_condition *out)
{
    out->value = copy(value);
    return NULL;
}

/* Bits behind the prefix are passed over, as Go does. */
static const char *make_range(struct view value, struct traefik_condition *out)
{
    static const char problem[] = "an address, or a range like 10.0.0.0/8, is taken";
    char buffer[CIDR_TEXT_BYTES];
    struct cidr cidr;
    if (!cidr_parse_masking(value, &cidr))
        return problem;
    out->value = copy(view_str(cidr_format(&cidr, buffer)));
    return NULL;
}

/* ---- matchers ------------------------------------------------------------------------------- */

static const struct matcher {
    const char *word;
    enum traefik_matcher matcher;
    bool takes_name, takes_name_alone;
    make_value *make;
} matchers[] = {
    {"Host", TRAEFIK_HOST, false, false, make_host},
    {"HostRegexp", TRAEFIK_HOST_REGEXP, false, false, make_host_regexp},
    {"Path", TRAEFIK_PATH, false, false, make_path},
    {"PathPrefix", TRAEFIK_PATH_PREFIX, false, false, make_path},
    {"PathRegexp", TRAEFIK_PATH_REGEXP, false, false, make_regexp},
    {"Method", TRAEFIK_METHOD, false, false, make_method},
    {"Header", TRAEFIK_HEADER, true, false, make_exact},
    {"HeaderRegexp", TRAEFIK_HEADER_REGEXP, true, false, make_exact},
    {"Query", TRAEFIK_QUERY, true, true, make_exact},
    {"QueryRegexp", TRAEFIK_QUERY_REGEXP, true, true, make_exact},
    {"ClientIP", TRAEFIK_CLIENT_IP, false, false, make_range},
};

/* Whether `word` is `name` in small letters, in capitals, or with one capital in front. */
static bool is_spelt(struct view word, struct view name)
{
    bool is_lower = true, is_upper = true, is_title = true;
    if (view_eq(word, name))
        return true;
    if (!view_eq_nocase(word, name))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        bool is_capital = word.ptr[i] >= 'A' && word.ptr[i] <= 'Z';
        is_lower = is_lower && !is_capital;
        is_upper = is_upper && is_capital;
        is_title = is_title && is_capital == (i == 0);
    }
    return is_lower || is_upper || is_title;
}

static const struct matcher *find(struct view word)
{
    for (size_t i = 0; i < sizeof(matchers) / sizeof(matchers[0]); i++)
        if (is_spelt(word, view_str(matchers[i].word)))
            return &matchers[i];
    return NULL;
}

static const char *find_near(struct view word)
{
    const char *nearest = NULL;
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < sizeof(matchers) / sizeof(matchers[0]); i++) {
        struct view name = view_str(matchers[i].word);
        size_t edits = view_eq_nocase(word, name) ? 0 : edits_between(word, name);
        if (edits < fewest && (edits == 0 || edits_are_near(edits, word))) {
            fewest = edits;
            nearest = matchers[i].word;
        }
    }
    return nearest;
}

const char *traefik_matcher_word(enum traefik_matcher matcher)
{
    for (size_t i = 0; i < sizeof(matchers) / sizeof(matchers[0]); i++)
        if (matchers[i].matcher == matcher)
            return matchers[i].word;
    return "Host"; /* what has a form of its own for some hosts */
}

bool traefik_matcher_is_known(struct view word, struct text *sentence)
{
    if (find(word))
        return true;
    char *shown = clean_copy(word, 32);
    const char *near = find_near(word);
    text_appendf(sentence, "there is no matcher %s", shown);
    if (near)
        text_appendf(sentence, " (did you mean %s?)", near);
    free(shown);
    return false;
}

static bool takes(const struct matcher *matcher, size_t count, struct text *sentence)
{
    size_t wanted = matcher->takes_name ? 2 : 1;
    if (count == wanted || (count == 1 && matcher->takes_name_alone))
        return true;
    if (matcher->takes_name)
        text_appendf(sentence, "%s takes %sa name and a value", matcher->word,
                     matcher->takes_name_alone ? "a name, or " : "");
    else if (count == 0)
        text_appendf(sentence, "%s takes a value", matcher->word);
    else
        text_appendf(sentence, "%s takes one value since Traefik 3; write %s(`a`) || %s(`b`)",
                     matcher->word, matcher->word, matcher->word);
    return false;
}

static const char *make_name(const struct matcher *matcher, struct view name,
                             struct traefik_condition *out)
{
    bool is_field = matcher->matcher == TRAEFIK_HEADER || matcher->matcher == TRAEFIK_HEADER_REGEXP;
    if (is_field && !is_token(name))
        return "this is no name of a header field";
    out->name = copy(name);
    return NULL;
}

static const char *make(const struct matcher *matcher, const struct view *values, size_t count,
                        struct traefik_condition *out)
{
    const char *problem = NULL;
    out->matcher = matcher->matcher;
    for (size_t i = 0; i < count; i++)
        if (values[i].len > TRAEFIK_VALUE_BYTES_MAX || memchr(values[i].ptr, '\0', values[i].len))
            return "a value has at most 1024 bytes, and no NUL";
    if (matcher->takes_name)
        problem = make_name(matcher, values[0], out);
    if (problem)
        return problem;
    if (matcher->takes_name && count == 1) {
        out->matcher = TRAEFIK_QUERY;
        return make_exact(VIEW(""), out);
    }
    return matcher->make(values[count - 1], out);
}

bool traefik_matcher_make(struct view word, const struct view *values, size_t count,
                          struct traefik_condition *out, struct text *sentence)
{
    const struct matcher *matcher = find(word);
    *out = (struct traefik_condition){0};
    if (!takes(matcher, count, sentence))
        return false;
    const char *problem = make(matcher, values, count, out);
    if (problem) {
        text_append_str(sentence, problem);
        traefik_matcher_fini(out);
    }
    return problem == NULL;
}

void traefik_matcher_fini(struct traefik_condition *condition)
{
    free(condition->name);
    free(condition->value);
    *condition = (struct traefik_condition){0};
}
