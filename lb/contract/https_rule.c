#include "lb/contract/https_rule.h"

#include "lb/contract/file_name.h"

static bool fail(struct text *problem, const char *fault)
{
    text_append_str(problem, fault);
    return false;
}

/* The place of the word; `count` for others. */
static unsigned find(struct view value, const char *const *words, unsigned count)
{
    unsigned place = 0;
    while (place < count && !(words[place] && view_eq(value, view_str(words[place]))))
        place++;
    return place;
}

/* ---- who comes how --------------------------------------------------------------------------- */

static const char *const methods[] = {
    [HTTPS_REDIRECT] = "redirect",
    [HTTPS_NOREDIRECT] = "noredirect",
    [HTTPS_NOHTTP] = "nohttp",
    [HTTPS_NOHTTPS] = "nohttps",
};
#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

bool https_rule_take_method(struct view value, struct https_rule *rule, struct text *problem)
{
    unsigned place = find(value, methods, METHOD_COUNT);
    if (place == METHOD_COUNT)
        return fail(problem, "is none of these");
    rule->method = (enum https_method)place;
    return true;
}

const char *https_rule_method_word(enum https_method method)
{
    return methods[method];
}

static const char *const clients[] = {
    [HTTPS_CLIENT_ON] = "on",
    [HTTPS_CLIENT_OPTIONAL] = "optional",
    [HTTPS_CLIENT_OPTIONAL_NO_CA] = "optional_no_ca",
    [HTTPS_CLIENT_OFF] = "off",
};
#define CLIENT_COUNT (sizeof(clients) / sizeof(clients[0]))

bool https_rule_take_client(struct view value, struct https_rule *rule, struct text *problem)
{
    unsigned place = find(value, clients, CLIENT_COUNT);
    if (place == CLIENT_COUNT)
        return fail(problem, "is none of these");
    rule->client = (enum https_client)place;
    return true;
}

/* ---- redirects ------------------------------------------------------------------------------- */

/* 0: it is none. */
static unsigned status_of(struct view word)
{
    static const char *const words[] = {"301", "302", "307", "308"};
    static const unsigned statuses[] = {301, 302, 307, 308, 0};
    return statuses[find(word, words, 4)];
}

bool https_rule_take_status(struct view value, struct https_rule *rule, struct text *problem)
{
    struct view rest = value, first = view_cut(&rest, ' ');
    struct view second = rest.ptr ? view_trim(rest) : first;
    rule->status = status_of(first);
    rule->other_status = status_of(second);
    return (rule->status > 0 && rule->other_status > 0) ||
           fail(problem, "has a status that is none of 301, 302, 307 and 308");
}

unsigned https_rule_status(const struct https_rule *rule, struct view method)
{
    if (rule->status == 0)
        return HTTPS_RULE_USUAL_STATUS;
    bool is_safe = view_eq(method, VIEW("GET")) || view_eq(method, VIEW("HEAD"));
    return is_safe ? rule->status : rule->other_status;
}

bool https_rule_take_port(struct view value, struct https_rule *rule, struct text *problem)
{
    uint64_t port;
    if (!view_parse_u64(value, UINT16_MAX, &port) || port == 0)
        return fail(problem, "is no port");
    rule->port = (unsigned)port;
    return true;
}

/* ---- HSTS ------------------------------------------------------------------------------------ */

/* RFC 6797 § 6.1 as far as it is worth it: max-age=SECONDS is there, and nothing that is no directive. */
bool https_rule_take_hsts(struct view value, struct https_rule *rule, struct text *problem)
{
    bool has_age = false;
    rule->hsts = view_eq(value, VIEW("off")) ? VIEW("") : value;
    if (rule->hsts.len == 0)
        return true;
    if (value.len > HTTPS_RULE_HSTS_BYTES_MAX)
        return fail(problem, "is too long");
    for (struct view rest = value; rest.ptr;) {
        struct view seconds = view_trim(view_cut(&rest, ';')), name = view_cut(&seconds, '=');
        uint64_t ignored;
        if (view_eq_nocase(view_trim(name), VIEW("max-age")))
            has_age = view_parse_u64(view_trim(seconds), UINT32_MAX, &ignored);
    }
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < ' ' || value.ptr[i] > '~')
            return fail(problem, "has a character that no header field has");
    return has_age || fail(problem, "has no max-age=SECONDS");
}

/* ---- certificates ---------------------------------------------------------------------------- */

bool https_rule_take_certificate(struct view value, struct https_rule *rule, struct text *problem)
{
    rule->certificate = value;
    return file_name_check(value, problem);
}

static bool take_either(struct view value, const char *usual, const char *other, bool *is_other,
                        struct text *problem)
{
    *is_other = view_eq(value, view_str(other));
    return *is_other || view_eq(value, view_str(usual)) || fail(problem, "is neither");
}

bool https_rule_take_default(struct view value, struct https_rule *rule, struct text *problem)
{
    return take_either(value, "yes", "no", &rule->distrusts_default, problem);
}

bool https_rule_take_missing(struct view value, struct https_rule *rule, struct text *problem)
{
    return take_either(value, "serve", "refuse", &rule->refuses_missing, problem);
}

/* ---- both ------------------------------------------------------------------------------------ */

struct https_rule https_rule_over(const struct https_rule *route, const struct https_rule *defaults)
{
    struct https_rule rule = route ? *route : (struct https_rule){0};
    if (rule.method == HTTPS_UNSAID)
        rule.method = defaults->method;
    if (rule.status == 0) {
        rule.status = defaults->status;
        rule.other_status = defaults->other_status;
    }
    if (rule.port == 0)
        rule.port = defaults->port;
    if (!rule.hsts.ptr)
        rule.hsts = defaults->hsts;
    return rule;
}
