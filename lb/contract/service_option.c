#include "lb/contract/service_option.h"

#include "lb/base/shown.h"
#include "lb/contract/balance_rule.h"
#include "lb/contract/capacity.h"
#include "lb/contract/sticky_rule.h"

#define SHOWN_BYTES_MAX 100u /* of a value that cannot be used */

/* Appends what is wrong with a value: "is no number". */
typedef bool check_value(struct view value, struct text *problem);

/* Of one line. */
static bool check_text(struct view value, struct text *problem)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < ' ' || value.ptr[i] == 0x7F) {
            text_append_str(problem, "has a control character inside");
            return false;
        }
    return true;
}

static bool check_balance(struct view value, struct text *problem)
{
    struct balance_rule rule;
    if (balance_rule_parse(value, &rule))
        return true;
    text_append_str(problem, "is no way to balance");
    return false;
}

static bool check_sticky(struct view value, struct text *problem)
{
    struct sticky_rule rule;
    if (sticky_rule_parse(value, &rule))
        return true;
    text_append_str(problem, "is not what a cookie can have");
    return false;
}

static bool check_queue(struct view value, struct text *problem)
{
    unsigned count;
    if (capacity_parse_queue(value, &count))
        return true;
    text_append_str(problem, "is no such number");
    return false;
}

static bool check_queue_timeout(struct view value, struct text *problem)
{
    unsigned ms;
    if (capacity_parse_queue_timeout(value, &ms))
        return true;
    text_append_str(problem, "is no such time");
    return false;
}

static const struct {
    const char *word;
    const char *accepted;
    check_value *check;
} kinds[SERVICE_OPTION_COUNT] = {
    [SERVICE_OPTION_BALANCE] = {"balance", BALANCE_RULE_ACCEPTED, check_balance},
    [SERVICE_OPTION_STICKY] = {"sticky", STICKY_RULE_ACCEPTED, check_sticky},
    [SERVICE_OPTION_QUEUE] = {"queue", CAPACITY_QUEUE_ACCEPTED, check_queue},
    [SERVICE_OPTION_QUEUE_TIMEOUT] = {"queue-timeout", CAPACITY_TIMEOUT_ACCEPTED,
                                      check_queue_timeout},
};

const char *service_option_word(enum service_option_kind kind)
{
    return kinds[kind].word;
}

enum service_option_kind service_option_parse(struct view word)
{
    unsigned kind = 0;
    while (kind < SERVICE_OPTION_COUNT && !view_eq(word, view_str(kinds[kind].word)))
        kind++;
    return (enum service_option_kind)kind;
}

const char *service_option_accepted(enum service_option_kind kind)
{
    return kinds[kind].accepted;
}

static bool check(enum service_option_kind kind, struct view value, struct text *fault)
{
    if (value.len == 0)
        text_append_str(fault, "is empty");
    else if (value.len > SERVICE_OPTION_BYTES_MAX)
        text_appendf(fault, "is longer than %u bytes", SERVICE_OPTION_BYTES_MAX);
    else if (check_text(value, fault))
        kinds[kind].check(value, fault);
    return fault->len == 0;
}

bool service_option_check(enum service_option_kind kind, struct view value, struct text *problem)
{
    struct text fault = TEXT_INIT;
    bool is_good = check(kind, value, &fault);
    size_t len = value.len < SHOWN_BYTES_MAX ? value.len : SHOWN_BYTES_MAX;
    if (!is_good) {
        text_appendf(problem, "%s \"", kinds[kind].word);
        shown_append(problem, view_of(value.ptr, len));
        text_appendf(problem, "%s\" %s; %s is accepted", len < value.len ? "..." : "",
                     text_str(&fault), kinds[kind].accepted);
    }
    text_fini(&fault);
    return is_good;
}
