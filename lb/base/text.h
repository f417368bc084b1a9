/* Growable text for control-plane output (JSON, log lines, heads of admin answers). Not for the
 * request path: it allocates. Running out of memory ends the program with a message. */
#ifndef LB_BASE_TEXT_H
#define LB_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "lb/base/view.h"

struct text {
    char *bytes; /* always NUL-terminated once something was appended */
    size_t len;
    size_t capacity;
};

#define TEXT_INIT ((struct text){0})

/* Frees the bytes; the text is empty and usable again. */
void text_fini(struct text *text);

/* Forgets the content, keeps the memory. */
void text_clear(struct text *text);

/* Appends. `bytes` may not lie in `text` itself, which may move. */
void text_append(struct text *text, struct view bytes);
void text_append_str(struct text *text, const char *string);
void text_append_char(struct text *text, char c);
void text_appendf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vappendf(struct text *text, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Room for so many bytes behind the content, for who writes them there and then says with
 * text_grow_to how far they go. Borrowed until the next change of `text`. */
char *text_room(struct text *text, size_t bytes);
void text_grow_to(struct text *text, const char *end);

/* Borrowed until the next change of `text`. */
static inline struct view text_view(const struct text *text)
{
    return view_of(text->bytes, text->len);
}

/* The content as a C string ("" when empty). Borrowed until the next change. */
static inline const char *text_str(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

#endif
