#include "lb/base/edits.h"

#define WORD_MAX  64
#define FAR_EDITS 5 /* nothing as far as this is worth proposing */

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* The last two of the first i bytes are those of the first k, the other way round. */
static bool is_swapped(struct view word, size_t i, struct view known, size_t k)
{
    return i > 1 && k > 1 && word.ptr[i - 1] == known.ptr[k - 2] &&
           word.ptr[i - 2] == known.ptr[k - 1];
}

size_t edits_between(struct view word, struct view known)
{
    /* rows[k % 3][i]: edits from the first i bytes of word to the first k of known */
    size_t rows[3][WORD_MAX + 1];
    size_t len = word.len < WORD_MAX ? word.len : WORD_MAX;
    size_t known_len = known.len < WORD_MAX ? known.len : WORD_MAX;
    for (size_t i = 0; i <= len; i++)
        rows[0][i] = i;
    for (size_t k = 1; k <= known_len; k++) {
        size_t *row = rows[k % 3], *above = rows[(k + 2) % 3], *before = rows[(k + 1) % 3];
        row[0] = k;
        for (size_t i = 1; i <= len; i++) {
            size_t change = above[i - 1] + (word.ptr[i - 1] != known.ptr[k - 1]);
            row[i] = min3(change, above[i] + 1, row[i - 1] + 1);
            if (is_swapped(word, i, known, k) && before[i - 2] + 1 < row[i])
                row[i] = before[i - 2] + 1;
        }
    }
    return rows[known_len % 3][len];
}

bool edits_are_near(size_t edits, struct view word)
{
    return edits < FAR_EDITS && 2 * edits <= word.len;
}
