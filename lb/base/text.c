#include "lb/base/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

static void reserve(struct text *text, size_t more)
{
    size_t needed = text->len + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = text->capacity ? text->capacity : 128;
    while (capacity < needed)
        capacity *= 2;
    text->bytes = memory_resize(text->bytes, capacity);
    text->capacity = capacity;
}

void text_fini(struct text *text)
{
    if (text->bytes) /* most texts of a connection never get any */
        free(text->bytes);
    *text = TEXT_INIT;
}

void text_clear(struct text *text)
{
    text->len = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_append(struct text *text, struct view bytes)
{
    reserve(text, bytes.len);
    if (bytes.len > 0)
        memcpy(text->bytes + text->len, bytes.ptr, bytes.len);
    text->len += bytes.len;
    text->bytes[text->len] = '\0';
}

char *text_room(struct text *text, size_t bytes)
{
    reserve(text, bytes);
    return text->bytes + text->len;
}

void text_grow_to(struct text *text, const char *end)
{
    text->len = (size_t)(end - text->bytes);
    text->bytes[text->len] = '\0';
}

void text_append_str(struct text *text, const char *string)
{
    text_append(text, view_str(string));
}

void text_append_char(struct text *text, char c)
{
    text_append(text, view_of(&c, 1));
}

void text_vappendf(struct text *text, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int needed = vsnprintf(NULL, 0, format, args);
    if (needed > 0) {
        reserve(text, (size_t)needed);
        vsnprintf(text->bytes + text->len, (size_t)needed + 1, format, again);
        text->len += (size_t)needed;
    }
    va_end(again);
}

void text_appendf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text_vappendf(text, format, args);
    va_end(args);
}
