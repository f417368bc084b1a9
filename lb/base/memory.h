/* Allocation that ends the program when there is no memory: the callers' error paths stay about
 * the world's errors. Bounded uses only; what a peer can make grow is capped by its owner. */
#ifndef LB_BASE_MEMORY_H
#define LB_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory, never NULL. Gives: the caller frees it with free(). Thread: any. */
void *memory_new(size_t size) __attribute__((malloc, returns_nonnull));

/* As realloc(), never NULL. Thread: any. */
void *memory_resize(void *old, size_t size) __attribute__((returns_nonnull));

/* Room for one item more behind the `count` that are there: a list that is moved when it is full. Gives the list,
 * never NULL. Thread: any. */
void *memory_make_room(void *items, size_t count, size_t *capacity, size_t item_bytes)
    __attribute__((returns_nonnull));

/* A NUL-terminated copy of `len` bytes. Gives. Thread: any. */
char *memory_copy(const char *bytes, size_t len) __attribute__((returns_nonnull));

#endif
