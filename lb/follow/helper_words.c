#include "lb/follow/helper_words.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

static void add(struct helper_words *words, char *word)
{
    words->list = memory_resize(words->list, (words->count + 2) * sizeof(words->list[0]));
    words->list[words->count++] = word;
    words->list[words->count] = NULL;
}

void helper_words_add(struct helper_words *words, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    add(words, memory_copy(text_str(&text), text.len));
    text_fini(&text);
}

static bool is_named(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 && word[len] == '=';
}

static void remove_at(struct helper_words *words, size_t at)
{
    free(words->list[at]);
    memmove(&words->list[at], &words->list[at + 1], (words->count - at) * sizeof(words->list[0]));
    words->count--;
}

void helper_words_set(struct helper_words *words, const char *name, const char *value)
{
    for (size_t i = words->count; i > 0; i--)
        if (is_named(words->list[i - 1], name))
            remove_at(words, i - 1);
    if (value)
        helper_words_add(words, "%s=%s", name, value);
}

bool helper_words_are_same(const struct helper_words *one, const struct helper_words *other)
{
    bool is_same = one->count == other->count;
    for (size_t i = 0; is_same && i < one->count; i++)
        is_same = strcmp(one->list[i], other->list[i]) == 0;
    return is_same;
}

void helper_words_fini(struct helper_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
    *words = (struct helper_words){0};
}
