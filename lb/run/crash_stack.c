#include "lb/run/crash_stack.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#define SCAN_WORDS      3072u      /* of the stack, for lb's nearest frame */
#define FRAME_BYTES_MAX (1u << 20) /* between two frames */

struct place {
    uintptr_t code, frame, stack;
};

/* What a function with a frame pointer leaves on the stack (System V ABI, AAPCS64). */
struct frame_record {
    uintptr_t next, code;
};

/* ---- at the start ---------------------------------------------------------------------------- */

struct listing {
    struct crash_stack *stack;
    const char *program;
};

static void note_build_id(struct crash_stack *stack, const char *at, size_t size)
{
    ElfW(Nhdr) note;
    while (size >= sizeof(note)) {
        memcpy(&note, at, sizeof(note));
        size_t name_bytes = (note.n_namesz + 3u) & ~3u, id_bytes = (note.n_descsz + 3u) & ~3u;
        const char *name = at + sizeof(note);
        if (sizeof(note) + name_bytes + id_bytes > size)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
            memcmp(name, "GNU", sizeof("GNU")) == 0 && note.n_descsz <= CRASH_STACK_BUILD_ID_MAX) {
            memcpy(stack->build_id, name + name_bytes, note.n_descsz);
            stack->build_id_bytes = note.n_descsz;
        }
        at += sizeof(note) + name_bytes + id_bytes;
        size -= sizeof(note) + name_bytes + id_bytes;
    }
}

static void note_code(struct listing *listing, const struct dl_phdr_info *info,
                      const ElfW(Phdr) * part)
{
    struct crash_stack *stack = listing->stack;
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash ? slash + 1 : info->dlpi_name;
    if (stack->module_count == CRASH_STACK_MODULES_MAX)
        return;
    struct crash_module *module = &stack->modules[stack->module_count++];
    module->base = info->dlpi_addr;
    module->begin = info->dlpi_addr + part->p_vaddr;
    module->end = module->begin + part->p_memsz;
    strncpy(module->name, name[0] ? name : listing->program, sizeof(module->name) - 1);
}

/* The program is the first that is told of. */
static int on_object(struct dl_phdr_info *info, size_t size, void *owner)
{
    struct listing *listing = owner;
    bool is_program = listing->stack->module_count == 0;
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X))
            note_code(listing, info, part);
        else if (part->p_type == PT_NOTE && is_program)
            note_build_id(listing->stack, (const char *)(info->dlpi_addr + part->p_vaddr),
                          part->p_memsz);
    }
    return 0;
}

void crash_stack_open(struct crash_stack *stack, const char *program)
{
    struct listing listing = {stack, program};
    *stack = (struct crash_stack){.module_count = 0};
    dl_iterate_phdr(on_object, &listing);
    if (pipe2(stack->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
        stack->pipe[0] = stack->pipe[1] = -1;
}

/* ---- in the handler -------------------------------------------------------------------------- */

/* The kernel takes the bytes, or says that there are none. Gives how many there were. */
static size_t read_memory(const struct crash_stack *stack, uintptr_t at, void *out, size_t bytes)
{
    ssize_t got = write(stack->pipe[1], (const void *)at, bytes);
    return got > 0 && read(stack->pipe[0], out, (size_t)got) == got ? (size_t)got : 0;
}

static struct place place_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    const greg_t *registers = context->uc_mcontext.gregs;
    return (struct place){(uintptr_t)registers[REG_RIP], (uintptr_t)registers[REG_RBP],
                          (uintptr_t)registers[REG_RSP]};
#elif defined(__aarch64__)
    const mcontext_t *registers = &context->uc_mcontext;
    return (struct place){registers->pc, registers->regs[29], registers->sp};
#else
    (void)context;
    return (struct place){0};
#endif
}

static const struct crash_module *module_of(const struct crash_stack *stack, uintptr_t code)
{
    for (unsigned i = 0; i < stack->module_count; i++)
        if (code >= stack->modules[i].begin && code < stack->modules[i].end)
            return &stack->modules[i];
    return NULL;
}

static bool is_of_program(const struct crash_stack *stack, uintptr_t code)
{
    return stack->module_count > 0 && module_of(stack, code) == &stack->modules[0];
}

static bool is_above(uintptr_t frame, uintptr_t other)
{
    return frame > other && frame - other < FRAME_BYTES_MAX && frame % sizeof(void *) == 0;
}

/* A frame that was called from known code. */
static bool read_frame(const struct crash_stack *stack, uintptr_t at, struct frame_record *out)
{
    return read_memory(stack, at, out, sizeof(*out)) == sizeof(*out) && module_of(stack, out->code);
}

/* Whether these calls of the program's began in a library, as all do: in the C library's start of the program or of a
 * thread, or in an event loop. What still lies about of earlier calls is mostly overwritten somewhere. */
static bool begins_in_library(const struct crash_stack *stack, uintptr_t frame)
{
    struct frame_record record = {.code = 0};
    for (unsigned i = 0; i < CRASH_STACK_FRAMES_MAX && read_frame(stack, frame, &record); i++) {
        if (!is_of_program(stack, record.code))
            return true;
        if (!is_above(record.next, frame))
            return false;
        frame = record.next;
    }
    return false;
}

/* The first on the stack that looks like a frame of the program's; 0: none. */
static uintptr_t find_frame(const struct crash_stack *stack, uintptr_t at)
{
    static uintptr_t words[SCAN_WORDS];
    at = (at + sizeof(words[0]) - 1) & ~(sizeof(words[0]) - 1);
    size_t count = read_memory(stack, at, words, sizeof(words)) / sizeof(words[0]);
    for (size_t i = 0; i + 1 < count; i++) {
        uintptr_t slot = at + i * sizeof(words[0]);
        if (is_above(words[i], slot) && is_of_program(stack, words[i + 1]) &&
            begins_in_library(stack, slot))
            return slot;
    }
    return 0;
}

static void append_code(const struct crash_stack *stack, uintptr_t code, struct crash_text *text)
{
    const struct crash_module *module = module_of(stack, code);
    crash_text_append(text, text->len > 0 ? " " : "");
    if (module) {
        crash_text_append_safe(text, module->name);
        crash_text_append(text, "+");
    }
    crash_text_append_hex(text, module ? code - module->base : code);
}

/* From the program's frame up to what called it from a library. Gives where that ends. */
static uintptr_t append_frames(const struct crash_stack *stack, uintptr_t frame, unsigned *room,
                               struct crash_text *text)
{
    struct frame_record record;
    while (*room > 0 && read_frame(stack, frame, &record)) {
        append_code(stack, record.code, text);
        (*room)--;
        if (!is_of_program(stack, record.code) || !is_above(record.next, frame))
            break;
        frame = record.next;
    }
    return frame + sizeof(record);
}

void crash_stack_append(const struct crash_stack *stack, const void *context,
                        struct crash_text *text)
{
    struct place place = place_of(context);
    unsigned room = CRASH_STACK_FRAMES_MAX - 1;
    append_code(stack, place.code, text);
    if (stack->pipe[0] < 0)
        return;
    if (is_of_program(stack, place.code))
        place.stack = append_frames(stack, place.frame, &room, text);
    for (uintptr_t frame; room > 0 && (frame = find_frame(stack, place.stack)) != 0;) {
        crash_text_append(text, " ?");
        place.stack = append_frames(stack, frame, &room, text);
    }
}
