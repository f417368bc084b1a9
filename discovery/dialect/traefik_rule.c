#include "discovery/dialect/traefik_rule.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/dialect/traefik_lexer.h"
#include "lb/base/memory.h"

enum node_kind { LEAF, NOT, AND, OR };

struct node {
    enum node_kind kind;
    unsigned short left, right; /* nodes; of a leaf, `left` is the number of its condition */
};

#define NODES_MAX (4 * TRAEFIK_RULE_MATCHERS_MAX)

struct parser {
    const struct traefik_matchers *matchers;
    struct view rule;
    struct traefik_token token; /* the next one */
    struct traefik_rule_error *error;
    unsigned depth;
    unsigned short node_count, leaf_count;
    struct node nodes[NODES_MAX];
    struct traefik_condition leaves[TRAEFIK_RULE_MATCHERS_MAX];
};

/* ---- the tree ------------------------------------------------------------------------------- */
/* Each reader gives the number of its node, or -1 with the error set. */

static int fail(struct parser *parser, size_t at, const char *sentence)
{
    parser->error->at = at;
    snprintf(parser->error->sentence, sizeof(parser->error->sentence), "%s", sentence);
    return -1;
}

static int fail_here(struct parser *parser, const char *expected)
{
    const struct traefik_token *token = &parser->token;
    return fail(parser, token->at, token->problem ? token->problem : expected);
}

static void advance(struct parser *parser)
{
    parser->token = traefik_lexer_next(parser->rule, parser->token.at + parser->token.text.len);
}

static bool skip(struct parser *parser, enum traefik_token_kind kind)
{
    bool is_there = parser->token.kind == kind;
    if (is_there)
        advance(parser);
    return is_there;
}

static int add_node(struct parser *parser, enum node_kind kind, int left, int right)
{
    if (left < 0 || right < 0)
        return -1;
    if (parser->node_count == NODES_MAX)
        return fail(parser, parser->token.at, "the rule is too long");
    parser->nodes[parser->node_count] =
        (struct node){kind, (unsigned short)left, (unsigned short)right};
    return parser->node_count++;
}

/* The values up to the closing parenthesis. Gives their number, or -1. */
static int read_values(struct parser *parser, struct text values[TRAEFIK_MATCHER_VALUES_MAX])
{
    int count = 0;
    while (parser->token.kind != TRAEFIK_TOKEN_CLOSE) {
        if (parser->token.kind != TRAEFIK_TOKEN_STRING)
            return fail_here(parser, "a value stands in backticks or double quotes");
        if (count == TRAEFIK_MATCHER_VALUES_MAX)
            return fail_here(parser, "no matcher takes so many values");
        if (!traefik_lexer_unquote(parser->token.text, &values[count++]))
            return fail_here(parser, "this string has an escape that is none");
        advance(parser);
        if (!skip(parser, TRAEFIK_TOKEN_COMMA) && parser->token.kind != TRAEFIK_TOKEN_CLOSE)
            return fail_here(parser, "a comma or ) is expected");
    }
    advance(parser);
    return count;
}

static int make_leaf(struct parser *parser, const struct traefik_token *name,
                     const struct view *values, size_t count)
{
    struct text sentence = TEXT_INIT;
    if (parser->leaf_count == TRAEFIK_RULE_MATCHERS_MAX)
        return fail(parser, name->at, "the rule has more than 128 matchers");
    bool is_made = parser->matchers->make(name->text, values, count,
                                          &parser->leaves[parser->leaf_count], &sentence);
    if (!is_made)
        fail(parser, name->at, text_str(&sentence));
    text_fini(&sentence);
    return is_made ? add_node(parser, LEAF, parser->leaf_count++, 0) : -1;
}

static int make_leaves(struct parser *parser, const struct traefik_token *name,
                       const struct text *values, int count)
{
    struct view views[TRAEFIK_MATCHER_VALUES_MAX];
    if (count < 0)
        return -1;
    for (int i = 0; i < count; i++)
        views[i] = view_of(text_str(&values[i]), values[i].len);
    if (!parser->matchers->takes_several || count < 2)
        return make_leaf(parser, name, views, (size_t)count);
    int node = make_leaf(parser, name, views, 1);
    for (int i = 1; i < count && node >= 0; i++)
        node = add_node(parser, OR, node, make_leaf(parser, name, &views[i], 1));
    return node;
}

static int read_matcher(struct parser *parser)
{
    struct traefik_token name = parser->token;
    struct text values[TRAEFIK_MATCHER_VALUES_MAX] = {0}, sentence = TEXT_INIT;
    bool is_known = parser->matchers->is_known(name.text, &sentence);
    if (!is_known)
        fail(parser, name.at, text_str(&sentence));
    text_fini(&sentence);
    if (!is_known)
        return -1;
    advance(parser);
    if (!skip(parser, TRAEFIK_TOKEN_OPEN))
        return fail_here(parser, "( is expected behind the name of a matcher");
    int node = make_leaves(parser, &name, values, read_values(parser, values));
    for (size_t i = 0; i < TRAEFIK_MATCHER_VALUES_MAX; i++)
        text_fini(&values[i]);
    return node;
}

static int read_any(struct parser *parser);

static int read_parentheses(struct parser *parser)
{
    advance(parser);
    int node = read_any(parser);
    if (node >= 0 && !skip(parser, TRAEFIK_TOKEN_CLOSE))
        return fail_here(parser, "&&, || or ) is expected");
    return node;
}

static int read_one(struct parser *parser)
{
    int node = -1;
    if (++parser->depth > TRAEFIK_RULE_DEPTH_MAX)
        return fail(parser, parser->token.at, "the rule is nested too deeply");
    if (skip(parser, TRAEFIK_TOKEN_NOT))
        node = add_node(parser, NOT, read_one(parser), 0);
    else if (parser->token.kind == TRAEFIK_TOKEN_OPEN)
        node = read_parentheses(parser);
    else if (parser->token.kind == TRAEFIK_TOKEN_NAME)
        node = read_matcher(parser);
    else
        fail_here(parser, "a matcher is expected, for example Host(`example.com`)");
    parser->depth--;
    return node;
}

static int read_all(struct parser *parser)
{
    int node = read_one(parser);
    while (node >= 0 && skip(parser, TRAEFIK_TOKEN_AND))
        node = add_node(parser, AND, node, read_one(parser));
    return node;
}

static int read_any(struct parser *parser)
{
    int node = read_all(parser);
    while (node >= 0 && skip(parser, TRAEFIK_TOKEN_OR))
        node = add_node(parser, OR, node, read_all(parser));
    return node;
}

/* ---- alternatives --------------------------------------------------------------------------- */

struct clause {
    unsigned char count;
    struct literal {
        unsigned char leaf;
        bool is_negated;
    } literals[TRAEFIK_RULE_CONDITIONS_MAX];
};

struct clauses {
    size_t count;
    struct clause items[TRAEFIK_RULE_ALTERNATIVES_MAX];
};

static struct clauses *expand(const struct parser *parser, unsigned number, bool is_negated);

static bool append(struct clauses *to, const struct clauses *from)
{
    if (to->count + from->count > TRAEFIK_RULE_ALTERNATIVES_MAX)
        return false;
    memcpy(&to->items[to->count], from->items, from->count * sizeof(from->items[0]));
    to->count += from->count;
    return true;
}

static bool append_both(struct clauses *to, const struct clause *a, const struct clause *b)
{
    if (to->count == TRAEFIK_RULE_ALTERNATIVES_MAX ||
        a->count + b->count > (int)TRAEFIK_RULE_CONDITIONS_MAX)
        return false;
    struct clause *both = &to->items[to->count++];
    *both = *a;
    memcpy(&both->literals[a->count], b->literals, b->count * sizeof(b->literals[0]));
    both->count = (unsigned char)(a->count + b->count);
    return true;
}

static bool append_products(struct clauses *to, const struct clauses *a, const struct clauses *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (!append_both(to, &a->items[i], &b->items[j]))
                return false;
    return true;
}

/* Neither && nor || survives a ! as it is (De Morgan). */
static struct clauses *expand_pair(const struct parser *parser, const struct node *node,
                                   bool is_negated)
{
    bool is_product = (node->kind == AND) != is_negated, fits = false;
    struct clauses *left = expand(parser, node->left, is_negated);
    struct clauses *right = left ? expand(parser, node->right, is_negated) : NULL;
    struct clauses *out = right ? memory_new(sizeof(*out)) : NULL;
    if (out && is_product)
        fits = append_products(out, left, right);
    else if (out)
        fits = append(out, left) && append(out, right);
    free(left);
    free(right);
    if (fits)
        return out;
    free(out);
    return NULL;
}

/* NULL: it does not fit. */
static struct clauses *expand(const struct parser *parser, unsigned number, bool is_negated)
{
    const struct node *node = &parser->nodes[number];
    if (node->kind == NOT)
        return expand(parser, node->left, !is_negated);
    if (node->kind != LEAF)
        return expand_pair(parser, node, is_negated);
    struct clauses *out = memory_new(sizeof(*out));
    out->count = out->items[0].count = 1;
    out->items[0].literals[0] = (struct literal){(unsigned char)node->left, is_negated};
    return out;
}

static char *copy_of(const char *text)
{
    return text ? memory_copy(text, strlen(text)) : NULL;
}

static void take_clause(const struct parser *parser, const struct clause *clause,
                        struct traefik_alternative *out)
{
    out->count = clause->count;
    out->conditions = memory_new(clause->count * sizeof(out->conditions[0]));
    for (size_t i = 0; i < clause->count; i++) {
        const struct traefik_condition *leaf = &parser->leaves[clause->literals[i].leaf];
        out->conditions[i] =
            (struct traefik_condition){leaf->matcher, clause->literals[i].is_negated,
                                       copy_of(leaf->name), copy_of(leaf->value)};
    }
}

static bool take_clauses(struct parser *parser, unsigned root, struct traefik_rule *out)
{
    struct clauses *clauses = expand(parser, root, false);
    if (!clauses) {
        fail(parser, 0,
             "the rule stands for more than 64 alternatives, or for one of more than 32 "
             "conditions");
        return false;
    }
    out->count = clauses->count;
    out->alternatives = memory_new(out->count * sizeof(out->alternatives[0]));
    for (size_t i = 0; i < out->count; i++)
        take_clause(parser, &clauses->items[i], &out->alternatives[i]);
    free(clauses);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool parse(struct parser *parser, struct traefik_rule *out)
{
    parser->token = traefik_lexer_next(parser->rule, 0);
    int root = read_any(parser);
    if (root >= 0 && parser->token.kind != TRAEFIK_TOKEN_END)
        root = fail_here(parser, "&& or || is expected");
    return root >= 0 && take_clauses(parser, (unsigned)root, out);
}

bool traefik_rule_parse(struct view text, struct traefik_rule *out,
                        struct traefik_rule_error *error)
{
    static const struct traefik_matchers of_requests = {traefik_matcher_is_known,
                                                        traefik_matcher_make, false};
    return traefik_rule_parse_by(&of_requests, text, out, error);
}

bool traefik_rule_parse_by(const struct traefik_matchers *matchers, struct view text,
                           struct traefik_rule *out, struct traefik_rule_error *error)
{
    struct parser *parser = memory_new(sizeof(*parser));
    parser->matchers = matchers;
    parser->rule = text;
    parser->error = error;
    *out = (struct traefik_rule){.priority = (int)text.len};
    bool is_rule = text.len <= TRAEFIK_RULE_BYTES_MAX && parse(parser, out);
    if (text.len > TRAEFIK_RULE_BYTES_MAX)
        fail(parser, TRAEFIK_RULE_BYTES_MAX, "the rule is too long");
    for (size_t i = 0; i < parser->leaf_count; i++)
        traefik_matcher_fini(&parser->leaves[i]);
    free(parser);
    return is_rule;
}

void traefik_rule_fini(struct traefik_rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        for (size_t j = 0; j < rule->alternatives[i].count; j++)
            traefik_matcher_fini(&rule->alternatives[i].conditions[j]);
        free(rule->alternatives[i].conditions);
    }
    free(rule->alternatives);
    *rule = (struct traefik_rule){0};
}

static void format_condition(const struct traefik_condition *condition, struct text *out)
{
    text_appendf(out, "%s%s", condition->is_negated ? "not " : "",
                 traefik_matcher_word(condition->matcher));
    if (condition->name)
        text_appendf(out, " %s", condition->name);
    if (condition->value)
        text_appendf(out, " %s", condition->value);
}

void traefik_rule_format(const struct traefik_rule *rule, struct text *out)
{
    for (size_t i = 0; i < rule->count; i++) {
        text_append_str(out, i > 0 ? " | " : "");
        for (size_t j = 0; j < rule->alternatives[i].count; j++) {
            text_append_str(out, j > 0 ? ", " : "");
            format_condition(&rule->alternatives[i].conditions[j], out);
        }
    }
}
