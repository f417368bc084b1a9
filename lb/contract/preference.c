#include "lb/contract/preference.h"

static const char *const words[] = {[PREFERENCE_NONE] = "none", [PREFERENCE_LOCAL] = "local"};

bool preference_parse(struct view value, unsigned *out)
{
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (view_eq_nocase(value, view_str(words[i]))) {
            *out = i;
            return true;
        }
    return false;
}

const char *preference_word(unsigned preference)
{
    return words[preference];
}
