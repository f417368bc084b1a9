#include "discovery/dialect/traefik_template.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/yes_no.h"
#include "discovery/dialect/traefik_rule.h"
#include "discovery/field.h"
#include "lb/base/memory.h"

struct template
{
    const char *name;
    const json_t *labels;
};

static bool is_letter(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

void traefik_template_normalize(struct view name, struct text *out)
{
    bool is_first = true, is_gap = false;
    for (size_t i = 0; i < name.len; i++) {
        if (!is_letter(name.ptr[i])) {
            is_gap = true;
            continue;
        }
        if (is_gap && !is_first)
            text_append_char(out, '-');
        text_append_char(out, name.ptr[i]);
        is_first = is_gap = false;
    }
}

/* Cuts off `word` and what is blank behind it. */
static bool skip_word(struct view *rest, struct view word)
{
    if (!view_starts_with(*rest, word))
        return false;
    *rest = yes_no_trim(view_skip(*rest, word.len));
    return true;
}

/* "key" or `key`, and nothing behind it. */
static bool append_label(const struct template *template, struct view key, struct text *out)
{
    if (key.len < 2 || (key.ptr[0] != '"' && key.ptr[0] != '`') ||
        view_find(view_skip(key, 1), key.ptr[0]) != (ptrdiff_t)key.len - 2)
        return false;
    char *copy = memory_copy(key.ptr + 1, key.len - 2);
    text_append_str(out, field_str(template->labels, copy));
    free(copy);
    return true;
}

static void append_lower(struct view text, struct text *out)
{
    for (size_t i = 0; i < text.len; i++)
        text_append_char(out, view_lower_char(text.ptr[i]));
}

/* What stands between {{ and }}. */
static bool evaluate(const struct template *template, struct view action, struct text *out)
{
    struct text value = TEXT_INIT;
    bool is_known = true;
    action = yes_no_trim(action);
    if (skip_word(&action, VIEW("normalize "))) {
        is_known = evaluate(template, action, &value);
        traefik_template_normalize(text_view(&value), out);
    } else if (skip_word(&action, VIEW("lower "))) {
        is_known = evaluate(template, action, &value);
        append_lower(text_view(&value), out);
    } else if (skip_word(&action, VIEW("index .Labels "))) {
        is_known = append_label(template, action, out);
    } else if (view_eq(action, VIEW(".Name")) || view_eq(action, VIEW(".ContainerName"))) {
        text_append_str(out, template->name);
    } else if (action.len > 2 && action.ptr[0] == '(' && action.ptr[action.len - 1] == ')') {
        is_known = evaluate(template, view_of(action.ptr + 1, action.len - 2), out);
    } else {
        is_known = false;
    }
    text_fini(&value);
    return is_known;
}

static ptrdiff_t find_pair(struct view text, char c)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] == c && text.ptr[i + 1] == c)
            return (ptrdiff_t)i;
    return -1;
}

bool traefik_template_expand(struct view rule, const char *name, const json_t *labels,
                             struct text *out, const char **problem)
{
    struct template template = {name, labels};
    if (rule.len > 4096) {
        *problem = "it is too long";
        return false;
    }
    for (ptrdiff_t at; (at = find_pair(rule, '{')) >= 0;) {
        text_append(out, view_of(rule.ptr, (size_t)at));
        rule = view_skip(rule, (size_t)at + 2);
        ptrdiff_t end = find_pair(rule, '}');
        if (end < 0 || !evaluate(&template, view_of(rule.ptr, (size_t)end), out)) {
            *problem = "of templates .Name, normalize, lower and index .Labels are supported";
            return false;
        }
        rule = view_skip(rule, (size_t)end + 2);
    }
    text_append(out, rule);
    return true;
}

static bool check_rule(struct view text, struct text *problem)
{
    struct traefik_rule rule;
    struct traefik_rule_error error = {0};
    bool is_rule = traefik_rule_parse(text, &rule, &error);
    if (is_rule)
        traefik_rule_fini(&rule);
    else
        text_append_str(problem, error.sentence);
    return is_rule;
}

bool traefik_template_check(struct view rule, struct text *problem)
{
    struct text expanded = TEXT_INIT;
    const char *sentence = NULL;
    bool is_good = traefik_template_expand(rule, "name", NULL, &expanded, &sentence);
    if (!is_good)
        text_append_str(problem, sentence);
    else if (!memmem(rule.ptr, rule.len, ".Labels", 7))
        is_good = check_rule(text_view(&expanded), problem);
    text_fini(&expanded);
    return is_good;
}
