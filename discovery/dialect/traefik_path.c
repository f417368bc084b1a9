#include "discovery/dialect/traefik_path.h"

#include "discovery/dialect/traefik_regex.h"

static void ask(struct traefik_treatment *treatment, const struct traefik_item *item,
                const struct text *path)
{
    traefik_treatment_ask(treatment, item, ROUTE_OPTION_REPLACE_PATH, text_view(path));
}

/* The path that all others were replaced by: what changes it further is known beforehand. Empty: there
 * is none. */
static struct view fixed_path(const struct traefik_treatment *treatment)
{
    struct view value = treatment->wishes.values[ROUTE_OPTION_REPLACE_PATH];
    return view_starts_with(value, VIEW("/")) ? value : view_of("", 0);
}

static bool is_replaced(const struct traefik_treatment *treatment)
{
    return traefik_treatment_asks(treatment, ROUTE_OPTION_REPLACE_PATH);
}

bool traefik_path_is_changed(const struct traefik_treatment *treatment)
{
    return treatment->strip_count > 0 || treatment->add.len > 0 || is_replaced(treatment);
}

/* With a slash at its beginning. */
static void append_path(struct text *out, struct view path)
{
    text_append_str(out, view_starts_with(path, VIEW("/")) ? "" : "/");
    text_append(out, path);
}

/* ---- prefixes ------------------------------------------------------------------------------- */

/* The first one that the path begins with goes. */
static void strip_fixed(struct traefik_treatment *treatment, const struct traefik_item *item,
                        const struct view *prefixes, size_t count)
{
    struct view path = fixed_path(treatment);
    struct text rest = TEXT_INIT;
    size_t i = 0;
    while (i < count && !view_starts_with(path, prefixes[i]))
        i++;
    if (i == count)
        return;
    path = view_skip(path, prefixes[i].len);
    append_path(&rest, path);
    ask(treatment, item, &rest);
    text_fini(&rest);
}

void traefik_path_strip(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view prefixes[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, "stripprefix.prefixes", prefixes);
    if (treatment->strip_count > 0 || treatment->add.len > 0 || count == 0 ||
        count > TRAEFIK_STRIPS_MAX)
        traefik_treatment_refuse(
            treatment, TRAEFIK_ERROR_STATUS,
            "the middleware %s: one stripPrefix, with up to %u prefixes and before addPrefix, is "
            "supported",
            item->name, TRAEFIK_STRIPS_MAX);
    else if (fixed_path(treatment).len > 0)
        strip_fixed(treatment, item, prefixes, count);
    else if (is_replaced(treatment))
        traefik_treatment_refuse(
            treatment, CLAIMS_DENIED_STATUS,
            "the middleware %s: stripPrefix behind one that replaces paths by a regex is not "
            "supported",
            item->name);
    else
        for (size_t i = 0; i < count; i++)
            treatment->strips[treatment->strip_count++] =
                claims_keep(treatment->claims, prefixes[i]);
}

/* The same, with none at its end. */
static void append_prefix(struct text *path, struct view prefix)
{
    append_path(path, prefix);
    while (path->len > 0 && path->bytes[path->len - 1] == '/')
        path->len--;
}

void traefik_path_add(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view prefix = view_str(traefik_item_get(item, "addprefix.prefix"));
    struct text path = TEXT_INIT;
    if (prefix.len == 0)
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS, "the middleware %s has no prefix",
                                 item->name);
    append_prefix(&path, prefix);
    if (fixed_path(treatment).len > 0) {
        text_append(&path, fixed_path(treatment));
        ask(treatment, item, &path);
    } else {
        text_append(&path, treatment->add);
        treatment->add = claims_keep(treatment->claims, text_view(&path));
    }
    text_fini(&path);
}

/* ---- whole paths ---------------------------------------------------------------------------- */

/* Whatever was done to the path before is of no consequence. */
void traefik_path_replace(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view path = view_str(traefik_item_get(item, "replacepath.path"));
    struct text fixed = TEXT_INIT;
    if (path.len == 0)
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS, "the middleware %s has no path",
                                 item->name);
    append_path(&fixed, path);
    treatment->strip_count = 0;
    treatment->add = view_of("", 0);
    ask(treatment, item, &fixed);
    text_fini(&fixed);
}

/* False: lb replaces first, and once. */
static bool may_replace(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    if (traefik_path_is_changed(treatment))
        traefik_treatment_refuse(
            treatment, CLAIMS_DENIED_STATUS,
            "the middleware %s: a regex for paths is supported as the first of those that change "
            "them",
            item->name);
    return !traefik_path_is_changed(treatment);
}

void traefik_path_replace_regex(struct traefik_treatment *treatment,
                                const struct traefik_item *item)
{
    struct view regex = view_str(traefik_item_get(item, "replacepathregex.regex"));
    struct view replacement = view_str(traefik_item_get(item, "replacepathregex.replacement"));
    struct text value = TEXT_INIT;
    if (traefik_treatment_append_swap(treatment, item, regex, replacement, &value) &&
        may_replace(treatment, item))
        ask(treatment, item, &value);
    traefik_treatment_tell_once(treatment, item, regex);
    text_fini(&value);
}

/* As one regex with all that is left in its last parentheses; a slash before that is there once. */
void traefik_path_strip_regex(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct view regexes[TRAEFIK_LIST_MAX];
    size_t count = traefik_item_list(item, "stripprefixregex.regex", regexes);
    struct text value = TEXT_INIT;
    unsigned group_count = 0;
    text_append_str(&value, "~^(?:");
    for (size_t i = 0; i < count; i++) {
        text_appendf(&value, "%s(?:%.*s)", i == 0 ? "" : "|", (int)regexes[i].len, regexes[i].ptr);
        group_count += traefik_regex_count_groups(regexes[i]);
    }
    text_appendf(&value, ")/?(.*)$ /${%u}", group_count + 1);
    if (count == 0 || group_count >= TRAEFIK_GROUPS_MAX)
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS,
                                 "the middleware %s: a list of regexes with up to 8 parentheses is "
                                 "accepted",
                                 item->name);
    else if (may_replace(treatment, item))
        ask(treatment, item, &value);
    text_fini(&value);
}
