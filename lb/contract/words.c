#include "lb/contract/words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct view words_next(struct view *rest)
{
    while (rest->len > 0 && is_blank(rest->ptr[0]))
        *rest = view_skip(*rest, 1);
    struct view word = view_of(rest->ptr, 0);
    while (word.len < rest->len && !is_blank(word.ptr[word.len]))
        word.len++;
    *rest = word.len > 0 ? view_skip(*rest, word.len) : *rest;
    return word;
}

static bool is_token_char(char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    char lower = view_lower_char(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
           memchr(others, c, sizeof(others) - 1);
}

bool words_is_token(struct view word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_token_char(word.ptr[i]))
            return false;
    return word.len > 0;
}

bool words_keep(struct view word, char *field, size_t size)
{
    if (word.len == 0 || word.len >= size)
        return false;
    memcpy(field, word.ptr, word.len);
    return true;
}
