/* The words of a mirror, of whoever writes labels: any bytes are a rule or a sentence, never both. */
#include <assert.h>

#include "lb/contract/mirror_rule.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mirror_rule rule = {0};
    struct text problem = TEXT_INIT;
    bool is_good = mirror_rule_parse(view_of((const char *)bytes, size), &rule, &problem);
    assert(is_good == (problem.len == 0));
    assert(!is_good || (rule.service.len > 0 && rule.parts > 0 && rule.parts <= MIRROR_RULE_WHOLE));
    text_fini(&problem);
    return 0;
}
