#include "appserver/frames.h"

#include <dlfcn.h>
#include <elf.h>
#include <execinfo.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

void frames_prepare(void)
{
    void *address;
    backtrace(&address, 1);
}

static struct view base_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    return slash ? view_str(slash + 1) : path ? view_str(path) : view_of(NULL, 0);
}

static struct sentry_frame frame_of(void *address, const void *own_base)
{
    struct sentry_frame frame = {.instruction_address = (uintptr_t)address};
    Dl_info found;
    if (!dladdr((char *)address - 1,
                &found)) /* behind the call: of one at the end, it is the next function */
        return frame;
    if (found.dli_sname)
        frame.function = view_str(found.dli_sname);
    frame.package = base_name(found.dli_fname);
    frame.image_address = (uintptr_t)found.dli_fbase;
    frame.is_in_app = found.dli_fbase == own_base;
    return frame;
}

/* The note of the linker (elf(5), NT_GNU_BUILD_ID), in hexadecimal. */
static bool read_build_id(const struct dl_phdr_info *info, const ElfW(Phdr) * header, char out[41])
{
    const char *at = (const char *)(info->dlpi_addr + header->p_vaddr);
    const char *end = at + header->p_memsz;
    while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, at, sizeof(note));
        const char *name = at + sizeof(note);
        const char *bytes = name + ((note.n_namesz + 3) & ~3u);
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
            note.n_descsz <= 20) {
            for (unsigned i = 0; i < note.n_descsz; i++)
                snprintf(out + 2 * (size_t)i, 3, "%02x", (unsigned char)bytes[i]);
            return true;
        }
        at = bytes + ((note.n_descsz + 3) & ~3u);
    }
    return false;
}

static int take_image(struct dl_phdr_info *info, size_t size, void *owner)
{
    struct frames *frames = owner;
    (void)size;
    if (frames->image_count == IMAGES_MAX)
        return 1;
    struct sentry_image *image = &frames->images[frames->image_count];
    char *id = frames->build_ids[frames->image_count];
    bool has_id = false;
    *image = (struct sentry_image){.address = info->dlpi_addr};
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_LOAD && header->p_vaddr + header->p_memsz > image->size_bytes)
            image->size_bytes = header->p_vaddr + header->p_memsz;
        if (header->p_type == PT_NOTE && !has_id)
            has_id = read_build_id(info, header, id);
    }
    if (!has_id)
        return 0;
    image->build_id = view_str(id);
    image->file = info->dlpi_name[0] ? view_str(info->dlpi_name) : VIEW("appserver");
    frames->image_count++;
    return 0;
}

__attribute__((noinline)) void frames_take(struct frames *frames)
{
    void *addresses[FRAMES_MAX];
    Dl_info own = {0};
    void *caller = __builtin_return_address(0);
    int count = backtrace(addresses, FRAMES_MAX), first = 0;
    *frames = (struct frames){0};
    dladdr(caller, &own);
    while (first < count && addresses[first] != caller)
        first++;
    first = first < count ? first : 0;
    for (int i = count - 1; i >= first; i--)
        frames->frames[frames->frame_count++] = frame_of(addresses[i], own.dli_fbase);
    dl_iterate_phdr(take_image, frames);
}

void frames_say(const struct frames *frames, struct text *out)
{
    for (size_t i = frames->frame_count; i > 0; i--) {
        const struct sentry_frame *frame = &frames->frames[i - 1];
        if (i < frames->frame_count)
            text_append_str(out, " < ");
        if (frame->function.len > 0) {
            text_append(out, frame->function);
            continue;
        }
        text_append(out, frame->package);
        text_appendf(out, "+0x%" PRIx64, frame->instruction_address - frame->image_address);
    }
}
