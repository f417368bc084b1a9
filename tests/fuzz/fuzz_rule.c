/* A rule of Traefik, as a label has it. What holds: a rule that is taken is within its bounds, and
 * its alternatives hold for the same requests as the rule itself, which a plain evaluator reads anew,
 * without a tree; for every 16 ways in which the matchers may turn out. One that is not taken has a
 * sentence and a place in the rule. */
#include <stdlib.h>

#include "discovery/dialect/traefik_lexer.h"
#include "discovery/dialect/traefik_rule.h"
#include "lb/base/hash.h"
#include "tests/fuzz/support/target.h"

#define WAYS 16u

/* ---- what a matcher turns out as ------------------------------------------------------------ */

static bool turns_out(const struct traefik_condition *condition, unsigned way)
{
    uint64_t hash = HASH_INIT + condition->matcher + 1;
    hash = hash_str(hash, condition->name ? condition->name : "");
    hash = hash_str(hash, condition->value ? condition->value : "");
    return (hash ^ hash >> 32) >> way & 1;
}

/* ---- the plain evaluator -------------------------------------------------------------------- */

struct evaluator {
    struct view rule;
    struct traefik_token token;
    unsigned way;
};

static void advance(struct evaluator *evaluator)
{
    evaluator->token =
        traefik_lexer_next(evaluator->rule, evaluator->token.at + evaluator->token.text.len);
}

static bool evaluate_any(struct evaluator *evaluator);

static bool evaluate_matcher(struct evaluator *evaluator)
{
    struct view name = evaluator->token.text, views[TRAEFIK_MATCHER_VALUES_MAX];
    struct text values[TRAEFIK_MATCHER_VALUES_MAX] = {0}, sentence = TEXT_INIT;
    struct traefik_condition condition;
    size_t count = 0;
    for (advance(evaluator); evaluator->token.kind != TRAEFIK_TOKEN_CLOSE; advance(evaluator))
        if (evaluator->token.kind == TRAEFIK_TOKEN_STRING) {
            TARGET_CHECK(traefik_lexer_unquote(evaluator->token.text, &values[count]));
            views[count] = view_of(text_str(&values[count]), values[count].len);
            count++;
        }
    advance(evaluator);
    TARGET_CHECK(traefik_matcher_make(name, views, count, &condition, &sentence));
    bool is_true = turns_out(&condition, evaluator->way);
    traefik_matcher_fini(&condition);
    for (size_t i = 0; i < TRAEFIK_MATCHER_VALUES_MAX; i++)
        text_fini(&values[i]);
    return is_true;
}

static bool evaluate_one(struct evaluator *evaluator)
{
    bool is_not = false, is_true;
    while (evaluator->token.kind == TRAEFIK_TOKEN_NOT) {
        is_not = !is_not;
        advance(evaluator);
    }
    if (evaluator->token.kind == TRAEFIK_TOKEN_OPEN) {
        advance(evaluator);
        is_true = evaluate_any(evaluator);
        TARGET_CHECK(evaluator->token.kind == TRAEFIK_TOKEN_CLOSE);
        advance(evaluator);
    } else {
        is_true = evaluate_matcher(evaluator);
    }
    return is_true != is_not;
}

static bool evaluate_all(struct evaluator *evaluator)
{
    bool is_true = evaluate_one(evaluator);
    while (evaluator->token.kind == TRAEFIK_TOKEN_AND) {
        advance(evaluator);
        is_true = evaluate_one(evaluator) && is_true;
    }
    return is_true;
}

static bool evaluate_any(struct evaluator *evaluator)
{
    bool is_true = evaluate_all(evaluator);
    while (evaluator->token.kind == TRAEFIK_TOKEN_OR) {
        advance(evaluator);
        is_true = evaluate_all(evaluator) || is_true;
    }
    return is_true;
}

/* ---- the alternatives ----------------------------------------------------------------------- */

static bool holds(const struct traefik_alternative *alternative, unsigned way)
{
    for (size_t i = 0; i < alternative->count; i++)
        if (turns_out(&alternative->conditions[i], way) == alternative->conditions[i].is_negated)
            return false;
    return true;
}

static bool some_holds(const struct traefik_rule *rule, unsigned way)
{
    for (size_t i = 0; i < rule->count; i++)
        if (holds(&rule->alternatives[i], way))
            return true;
    return false;
}

static void check(struct view text, const struct traefik_rule *rule)
{
    TARGET_CHECK(rule->count >= 1 && rule->count <= TRAEFIK_RULE_ALTERNATIVES_MAX);
    TARGET_CHECK(rule->priority == (int)text.len);
    for (size_t i = 0; i < rule->count; i++)
        TARGET_CHECK(rule->alternatives[i].count >= 1 &&
                     rule->alternatives[i].count <= TRAEFIK_RULE_CONDITIONS_MAX);
    for (unsigned way = 0; way < WAYS; way++) {
        struct evaluator evaluator = {
            .rule = text, .token = traefik_lexer_next(text, 0), .way = way};
        TARGET_CHECK(evaluate_any(&evaluator) == some_holds(rule, way));
        TARGET_CHECK(evaluator.token.kind == TRAEFIK_TOKEN_END);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view text = view_of((const char *)data, size);
    struct traefik_rule_error error = {0};
    struct traefik_rule rule;
    struct text form = TEXT_INIT;
    if (traefik_rule_parse(text, &rule, &error)) {
        check(text, &rule);
        traefik_rule_format(&rule, &form);
        TARGET_CHECK(form.len > 0);
    } else {
        TARGET_CHECK(error.sentence[0] != '\0' && error.at <= size && rule.count == 0);
    }
    traefik_rule_fini(&rule);
    text_fini(&form);
    return 0;
}
