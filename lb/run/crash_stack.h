/* Where a crashed thread was, and by which calls it came there: by the frame pointers that all of lb has
 * (-fno-omit-frame-pointer). Other libraries have none: then lb's nearest frame is looked for on the stack, and may be an old one. All but
 * crash_stack_open is for signal handlers; memory that may be gone is read by the kernel, which says so. */
#ifndef LB_RUN_CRASH_STACK_H
#define LB_RUN_CRASH_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "lb/run/crash_text.h"

#define CRASH_STACK_MODULES_MAX  40u
#define CRASH_STACK_BUILD_ID_MAX 32u
#define CRASH_STACK_FRAMES_MAX   24u

/* A piece of code: the program, which comes first, or a library. */
struct crash_module {
    uintptr_t base, begin, end;
    char name[32];
};

struct crash_stack {
    struct crash_module modules[CRASH_STACK_MODULES_MAX];
    unsigned module_count;
    unsigned char build_id[CRASH_STACK_BUILD_ID_MAX]; /* of the program */
    size_t build_id_bytes;                            /* 0: it has none */
    int pipe[2]; /* -1: there is none, only the place itself is told */
};

/* Notes which code is where, and opens a pipe to read memory by, for ever. */
void crash_stack_open(struct crash_stack *stack, const char *program);

/* Appends "libc.so.6+0x2a ? lb-proxy+0x1234 lb-proxy+0x99": the innermost first; what follows a "?" was found on the
 * stack. `context` is a ucontext_t. */
void crash_stack_append(const struct crash_stack *stack, const void *context,
                        struct crash_text *text);

#endif
