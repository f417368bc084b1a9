#include "lb/base/edits.h"

#define WORD_MAX  64
#define FAR_EDITS 5 /* nothing as far as this is worth proposing */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

size_t edits_between(struct view word, struct view known)
{
    size_t row[WORD_MAX + 1]; /* row[i]: edits from the first i bytes of word to known so far */
    size_t len = word.len < WORD_MAX ? word.len : WORD_MAX;
    for (size_t i = 0; i <= len; i++)
        row[i] = i;
    for (size_t k = 0; k < known.len && k < WORD_MAX; k++) {
        size_t diagonal = row[0];
        row[0] = k + 1;
        for (size_t i = 1; i <= len; i++) {
            size_t change = diagonal + (word.ptr[i - 1] != known.ptr[k]);
            diagonal = row[i];
            row[i] = min3(change, row[i] + 1, row[i - 1] + 1);
        }
    }
    return row[len];
}

bool edits_are_near(size_t edits, struct view word)
{
    return edits < FAR_EDITS && 2 * edits <= word.len;
}
