/* A rule of Traefik, as a label has it. What holds: a rule that is taken is within its bounds, and
 * its alternatives hold for the same requests as the rule itself, which a plain evaluator reads anew,
 * without a tree; for every 16 ways in which the matchers may turn out. One that is not taken has a
 * sentence and a place in the rule. */
#include <stdlib.h>

#include "discovery/dialect/traefik_rule.h"
#include "lb/base/hash.h"
#include "tests/fuzz/support/plain_rule.h"
#include "tests/fuzz/support/target.h"

#define WAYS 16u

/* ---- what a matcher turns out as ------------------------------------------------------------ */

static bool turns_out(const struct traefik_condition *condition, const void *ways)
{
    unsigned way = *(const unsigned *)ways;
    uint64_t hash = HASH_INIT + condition->matcher + 1;
    hash = hash_str(hash, condition->name ? condition->name : "");
    hash = hash_str(hash, condition->value ? condition->value : "");
    return (hash ^ hash >> 32) >> way & 1;
}

/* ---- the alternatives ----------------------------------------------------------------------- */

static bool holds(const struct traefik_alternative *alternative, unsigned way)
{
    for (size_t i = 0; i < alternative->count; i++)
        if (turns_out(&alternative->conditions[i], &way) == alternative->conditions[i].is_negated)
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
    for (unsigned way = 0; way < WAYS; way++)
        TARGET_CHECK(plain_rule_holds(text, turns_out, &way) == some_holds(rule, way));
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
