/* Allocation that ends the program when there is no memory: the callers' error paths stay about
 * the world's errors. Bounded uses only; what a peer can make grow is capped by its owner. */
#ifndef LB_BASE_MEMORY_H
#define LB_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory, never NULL. Gives: the caller frees it with free(). Thread: any. */
void *memory_new(size_t size) __attribute__((malloc, returns_nonnull));

/* As realloc(), never NULL. Thread: any. */
void *memory_resize(void *old, size_t size) __attribute__((returns_nonnull));

/* A NUL-terminated copy of `len` bytes. Gives. Thread: any. */
char *memory_copy(const char *bytes, size_t len) __attribute__((returns_nonnull));

#endif
