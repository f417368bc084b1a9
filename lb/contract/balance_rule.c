#include "lb/contract/balance_rule.h"

#include "lb/contract/words.h"

static const char *const algorithm_words[] = {
    [BALANCE_ROUND_ROBIN] = "round-robin",         [BALANCE_LEAST_REQUESTS] = "least-requests",
    [BALANCE_HASH_CLIENT] = "hash client",         [BALANCE_HASH_HEADER] = "hash header ",
    [BALANCE_HASH_COOKIE] = "hash cookie ",        [BALANCE_HASH_PATH] = "hash path",
    [BALANCE_HASH_CONNECTION] = "hash connection",
};

static bool set_name(struct balance_rule *rule, struct view name)
{
    return words_is_token(name) && words_keep(name, rule->name, sizeof(rule->name));
}

static bool read_key(struct view *rest, struct balance_rule *rule)
{
    struct view word = words_next(rest);
    if (view_eq_nocase(word, VIEW("client")))
        rule->algorithm = BALANCE_HASH_CLIENT;
    else if (view_eq_nocase(word, VIEW("path")))
        rule->algorithm = BALANCE_HASH_PATH;
    else if (view_eq_nocase(word, VIEW("connection")))
        rule->algorithm = BALANCE_HASH_CONNECTION;
    else if (view_eq_nocase(word, VIEW("header")))
        rule->algorithm = BALANCE_HASH_HEADER;
    else if (view_eq_nocase(word, VIEW("cookie")))
        rule->algorithm = BALANCE_HASH_COOKIE;
    else
        return false;
    bool is_named =
        rule->algorithm == BALANCE_HASH_HEADER || rule->algorithm == BALANCE_HASH_COOKIE;
    return !is_named || set_name(rule, words_next(rest));
}

/* An empty word is round robin: "sticky" alone says no more. */
static bool read_algorithm(struct view word, struct view *rest, struct balance_rule *rule)
{
    if (word.len == 0)
        return rule->is_sticky;
    if (view_eq_nocase(word, VIEW("hash")))
        return read_key(rest, rule);
    if (view_eq_nocase(word, VIEW("least-requests")) ||
        view_eq_nocase(word, VIEW("least-connections")))
        rule->algorithm = BALANCE_LEAST_REQUESTS;
    else
        return view_eq_nocase(word, VIEW("round-robin"));
    return true;
}

bool balance_rule_parse(struct view text, struct balance_rule *rule)
{
    struct balance_rule read;
    memset(&read, 0, sizeof(read));
    struct view word = words_next(&text);
    if (view_eq_nocase(word, VIEW("sticky"))) {
        read.is_sticky = 1;
        word = words_next(&text);
    }
    if (!read_algorithm(word, &text, &read) || words_next(&text).len > 0)
        return false;
    memcpy(rule, &read, sizeof(read));
    return true;
}

void balance_rule_format(const struct balance_rule *rule, struct text *out)
{
    text_append_str(out, rule->is_sticky ? "sticky " : "");
    text_append_str(out, algorithm_words[rule->algorithm]);
    text_append_str(out, rule->name);
}

bool balance_rule_needs_http(const struct balance_rule *rule)
{
    return rule->is_sticky || rule->name[0] != '\0' || rule->algorithm == BALANCE_HASH_PATH;
}
