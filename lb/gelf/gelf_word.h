/* Says what goes wrong, the same once a minute at most, and once that it goes well again. Thread: one. */
#ifndef LB_GELF_GELF_WORD_H
#define LB_GELF_GELF_WORD_H

#include <stdbool.h>
#include <stdint.h>

#define GELF_WORD_BYTES 240

struct gelf_word {
    void (*on_word)(void *owner, bool is_trouble, const char *sentence); /* NULL: nobody listens */
    void *owner;
    bool is_in_trouble;
    char last[GELF_WORD_BYTES];
    uint64_t said_ms;
};

void gelf_word_trouble(struct gelf_word *word, uint64_t now_ms, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says nothing where nothing was wrong. */
void gelf_word_well(struct gelf_word *word, const char *sentence);

#endif
