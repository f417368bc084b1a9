#include "lb/observe/handshakes.h"

static const struct {
    const char *word, *sentence;
} table[] = {
#define XX(name, word, sentence) {word, sentence},
    HANDSHAKE_MAP(XX)
#undef XX
};

const char *handshakes_word(enum handshake_end end)
{
    return table[end].word;
}

const char *handshakes_sentence(enum handshake_end end)
{
    return table[end].sentence;
}
