#include "lb/base/err.h"

static const struct {
    int status;
    const char *word;
    const char *sentence;
} table[] = {
#define XX(name, status, word, sentence) {status, word, sentence},
    ERR_MAP(XX)
#undef XX
};

int err_status(enum err err)
{
    return table[err].status;
}

const char *err_word(enum err err)
{
    return table[err].word;
}

const char *err_sentence(enum err err)
{
    return table[err].sentence;
}
