#include "lb/contract/endpoint_state.h"

#include <string.h>

static const struct {
    const char *word;
    bool is_of_source;
} states[ENDPOINT_STATE_COUNT] = {
#define XX(name, word, is_of_source) {word, is_of_source},
    ENDPOINT_STATE_MAP(XX)
#undef XX
};

const char *endpoint_state_word(enum endpoint_state state)
{
    return states[state].word;
}

bool endpoint_state_parse(const char *word, enum endpoint_state *out)
{
    for (unsigned i = 0; word && i < ENDPOINT_STATE_COUNT; i++) {
        if (states[i].is_of_source && strcmp(word, states[i].word) == 0) {
            *out = (enum endpoint_state)i;
            return true;
        }
    }
    return false;
}
