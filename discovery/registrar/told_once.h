/* Sentences that are told once: the last few hundred are remembered, as numbers. Pure. */
#ifndef DISCOVERY_REGISTRAR_TOLD_ONCE_H
#define DISCOVERY_REGISTRAR_TOLD_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOLD_ONCE_MAX 512

/* Zeroed memory: nothing has been told. */
struct told_once {
    uint64_t hashes[TOLD_ONCE_MAX];
    size_t next;
};

/* Whether it is not remembered; from now on it is. */
bool told_once_is_new(struct told_once *told, const char *sentence);

#endif
