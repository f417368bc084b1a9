#include "lb/contract/sticky_rule.h"

#include "lb/contract/check.h"
#include "lb/contract/words.h"

static const char *const site_words[] = {
    [STICKY_LAX] = "lax", [STICKY_STRICT] = "strict", [STICKY_NONE] = "none"};

/* ---- attributes ------------------------------------------------------------------------------ */

static bool set_name(struct sticky_rule *rule, struct view value)
{
    rule->is_secure |=
        view_starts_with(value, VIEW("__Secure-")) || view_starts_with(value, VIEW("__Host-"));
    return words_is_token(value) && words_keep(value, rule->name, sizeof(rule->name));
}

static bool set_site(struct sticky_rule *rule, struct view value)
{
    for (unsigned i = STICKY_LAX; i <= STICKY_NONE; i++) {
        if (view_eq_nocase(value, view_str(site_words[i]))) {
            rule->site = (enum sticky_site)i;
            rule->is_secure |= rule->site == STICKY_NONE;
            return true;
        }
    }
    return false;
}

static bool set_age(struct sticky_rule *rule, struct view value)
{
    unsigned ms;
    if (!check_parse_time_within(value, 1000, STICKY_RULE_AGE_MAX_MS, &ms))
        return false;
    rule->max_age_s = ms / 1000;
    return true;
}

static bool is_domain_char(char c)
{
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool set_domain(struct sticky_rule *rule, struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if (!is_domain_char(value.ptr[i]))
            return false;
    return words_keep(value, rule->domain, sizeof(rule->domain));
}

/* A semicolon would begin another attribute. */
static bool set_path(struct sticky_rule *rule, struct view value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] >= 0x7F || value.ptr[i] == ';')
            return false;
    return view_starts_with(value, VIEW("/")) && words_keep(value, rule->path, sizeof(rule->path));
}

static bool set_secure(struct sticky_rule *rule, struct view value)
{
    (void)value;
    rule->is_secure = 1;
    return true;
}

static const struct attribute {
    struct view word;
    bool (*set)(struct sticky_rule *rule, struct view value);
    bool has_value;
} attributes[] = {
    {VIEW("name"), set_name, true},     {VIEW("secure"), set_secure, false},
    {VIEW("samesite"), set_site, true}, {VIEW("max-age"), set_age, true},
    {VIEW("domain"), set_domain, true}, {VIEW("path"), set_path, true},
};

/* ---- all ------------------------------------------------------------------------------------- */

static bool read_word(struct sticky_rule *rule, struct view value, unsigned *seen)
{
    struct view word = view_cut(&value, '=');
    for (unsigned i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (!view_eq_nocase(word, attributes[i].word))
            continue;
        bool is_first = !(*seen & 1u << i);
        *seen |= 1u << i;
        return is_first && attributes[i].has_value == (value.ptr != NULL) &&
               attributes[i].set(rule, value);
    }
    return false;
}

bool sticky_rule_parse(struct view text, struct sticky_rule *rule)
{
    struct sticky_rule read;
    unsigned seen = 0;
    memset(&read, 0, sizeof(read));
    for (struct view word = words_next(&text); word.len > 0; word = words_next(&text))
        if (!read_word(&read, word, &seen))
            return false;
    if (seen == 0)
        return false;
    memcpy(rule, &read, sizeof(read));
    return true;
}

static void format_word(struct text *out, const char *word, const char *value)
{
    if (out->len > 0)
        text_append_char(out, ' ');
    text_appendf(out, "%s%s", word, value);
}

void sticky_rule_format(const struct sticky_rule *rule, struct text *out)
{
    struct text text = TEXT_INIT;
    if (rule->name[0])
        format_word(&text, "name=", rule->name);
    if (rule->is_secure)
        format_word(&text, "secure", "");
    if (rule->site != STICKY_LAX)
        format_word(&text, "samesite=", site_words[rule->site]);
    if (rule->max_age_s > 0) {
        format_word(&text, "max-age=", "");
        text_appendf(&text, "%us", rule->max_age_s);
    }
    if (rule->domain[0])
        format_word(&text, "domain=", rule->domain);
    if (rule->path[0])
        format_word(&text, "path=", rule->path);
    text_append(out, text_view(&text));
    text_fini(&text);
}
