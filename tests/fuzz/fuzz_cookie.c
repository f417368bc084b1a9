/* The cookies of a request, in a head that lb wrote: the first byte is how long the name is, then comes
 * the name, and the rest are the field lines. What holds: what is found lies within the head; without the
 * cookie the head is no longer than it was, ends as it did, has no cookie of that name any more, and all
 * others in the same order. */
#include <stdlib.h>
#include <string.h>

#include "lb/http/cookie.h"
#include "lb/http/field_line.h"
#include "tests/fuzz/support/target.h"

#define START          "GET / HTTP/1.1\r\n"
#define NAME_MAX_BYTES 16u

/* The other cookies, as one after the other is met. */
static size_t hash_others(struct view head, struct view name, size_t *count)
{
    struct view lines = field_line_first(head), value;
    size_t hash = 5381;
    *count = 0;
    while (field_line_next(&lines, VIEW("Cookie"), &value)) {
        while (value.ptr) {
            struct view pair = view_trim(view_cut(&value, ';')), rest = pair;
            struct view word = view_trim(view_cut(&rest, '='));
            if (pair.len == 0 || (rest.ptr && view_eq(word, name)))
                continue;
            for (size_t i = 0; i < pair.len; i++)
                hash = hash * 33 + (unsigned char)pair.ptr[i];
            hash = hash * 33 + 256;
            ++*count;
        }
    }
    return hash;
}

static void check(struct view head, struct view name)
{
    struct block_pool blocks = {0};
    struct block *block = block_take(&blocks, head.len);
    struct view value = cookie_find(head, name);
    TARGET_CHECK(!value.ptr ||
                 (value.ptr >= head.ptr && value.ptr + value.len <= head.ptr + head.len));
    cookie_remove(head, name, block);
    struct view left = block_view(block);
    size_t before, after;
    TARGET_CHECK(left.len <= head.len && view_starts_with(left, VIEW(START)));
    TARGET_CHECK(memcmp(left.ptr + left.len - 4, "\r\n\r\n", 4) == 0);
    TARGET_CHECK(!cookie_find(left, name).ptr);
    TARGET_CHECK(value.ptr || view_eq(left, head));
    TARGET_CHECK(hash_others(head, name, &before) == hash_others(left, name, &after));
    TARGET_CHECK(before == after);
    block_give(&blocks, block);
    block_pool_fini(&blocks);
}

/* A head that was written has each CR before an LF, and no others; a token is its cookies' name. */
static void clean(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '\r' || (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')))
            bytes[i] = i + 1 < len && bytes[i + 1] == '\n' && bytes[i] == '\r' ? '\r' : '.';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t name_len = size > 0 ? 1 + data[0] % NAME_MAX_BYTES : 0;
    if (size < 1 + name_len)
        return 0;
    struct view name = view_of((const char *)data + 1, name_len);
    for (size_t i = 0; i < name_len; i++)
        if (name.ptr[i] <= ' ' || memchr(";=\"\x7F", name.ptr[i], 4))
            return 0;
    size_t rest = size - 1 - name_len, at = strlen(START);
    char *head = malloc(at + rest + 4);
    memcpy(head, START, at);
    memcpy(head + at, data + 1 + name_len, rest);
    clean(head + at, rest);
    memcpy(head + at + rest, "\r\n\r\n", 4);
    check(view_of(head, at + rest + 4), name);
    free(head);
    return 0;
}
