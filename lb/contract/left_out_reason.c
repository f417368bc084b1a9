#include "lb/contract/left_out_reason.h"

#include <string.h>

static const char *const words[LEFT_OUT_REASON_COUNT] = {
#define XX(name, word) word,
    LEFT_OUT_REASON_MAP(XX)
#undef XX
};

const char *left_out_reason_word(enum left_out_reason reason)
{
    return words[reason];
}

enum left_out_reason left_out_reason_parse(const char *word)
{
    unsigned reason = 0;
    while (reason < LEFT_OUT_REASON_COUNT && !(word && strcmp(word, words[reason]) == 0))
        reason++;
    return (enum left_out_reason)reason;
}
