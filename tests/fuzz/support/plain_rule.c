#include "tests/fuzz/support/plain_rule.h"

#include "discovery/dialect/traefik_lexer.h"
#include "tests/fuzz/support/target.h"

struct evaluator {
    struct view rule;
    struct traefik_token token;
    bool (*holds)(const struct traefik_condition *condition, const void *asked);
    const void *asked;
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
    bool is_true = evaluator->holds(&condition, evaluator->asked);
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

bool plain_rule_holds(struct view rule,
                      bool (*holds)(const struct traefik_condition *condition, const void *asked),
                      const void *asked)
{
    struct evaluator evaluator = {
        .rule = rule, .token = traefik_lexer_next(rule, 0), .holds = holds, .asked = asked};
    bool is_true = evaluate_any(&evaluator);
    TARGET_CHECK(evaluator.token.kind == TRAEFIK_TOKEN_END);
    return is_true;
}
