/* What is said of a service: the first byte is which option, the rest its value. What holds: what is
 * taken is written in a form that is taken again and means the same, in the same bytes; what stands in
 * the rules can stand in a field line; what is refused has a sentence that names the word. */
#include <stdlib.h>
#include <string.h>

#include "lb/contract/balance_rule.h"
#include "lb/contract/service_option.h"
#include "lb/contract/sticky_rule.h"
#include "tests/fuzz/support/target.h"

static bool is_harmless(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text == 0x7F || *text == ';')
            return false;
    return true;
}

static void check_balance(struct view value)
{
    struct balance_rule rule, again;
    struct text text = TEXT_INIT;
    if (balance_rule_parse(value, &rule)) {
        balance_rule_format(&rule, &text);
        TARGET_CHECK(balance_rule_parse(text_view(&text), &again));
        TARGET_CHECK(memcmp(&rule, &again, sizeof(rule)) == 0);
        TARGET_CHECK(memchr(rule.name, '\0', sizeof(rule.name)) && is_harmless(rule.name));
    }
    text_fini(&text);
}

static void check_sticky(struct view value)
{
    struct sticky_rule rule, again;
    struct text text = TEXT_INIT;
    if (sticky_rule_parse(value, &rule)) {
        sticky_rule_format(&rule, &text);
        TARGET_CHECK(text.len == 0 || sticky_rule_parse(text_view(&text), &again));
        TARGET_CHECK(text.len == 0 || memcmp(&rule, &again, sizeof(rule)) == 0);
        TARGET_CHECK(is_harmless(rule.name) && is_harmless(rule.domain) && is_harmless(rule.path));
        TARGET_CHECK(rule.site != STICKY_NONE || rule.is_secure);
    }
    text_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum service_option_kind kind = data[0] % SERVICE_OPTION_COUNT;
    struct view value = view_of((const char *)data + 1, size - 1);
    struct text problem = TEXT_INIT;
    bool is_good = service_option_check(kind, value, &problem);
    TARGET_CHECK(is_good == (problem.len == 0));
    TARGET_CHECK(is_good || strstr(text_str(&problem), service_option_word(kind)));
    check_balance(value);
    check_sticky(value);
    text_fini(&problem);
    return 0;
}
