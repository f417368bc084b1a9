#include "lb/gelf/gelf_word.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define AGAIN_MS 60000u

void gelf_word_trouble(struct gelf_word *word, uint64_t now_ms, const char *format, ...)
{
    char sentence[GELF_WORD_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    word->is_in_trouble = true;
    bool is_same = strcmp(sentence, word->last) == 0;
    if (is_same && now_ms < word->said_ms + AGAIN_MS)
        return;
    memcpy(word->last, sentence, sizeof(sentence));
    word->said_ms = now_ms;
    if (word->on_word)
        word->on_word(word->owner, true, sentence);
}

void gelf_word_well(struct gelf_word *word, const char *sentence)
{
    if (!word->is_in_trouble)
        return;
    word->is_in_trouble = false;
    word->last[0] = '\0';
    if (word->on_word)
        word->on_word(word->owner, false, sentence);
}
