#include "lb/certs/certs_reach.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/text.h"
#include "lb/certs/certs_layout.h"

struct reach {
    void (*tell)(void *owner, struct view folder);
    void *owner;
    char *told[CERTS_REACH_MAX + 1]; /* where they really are */
    unsigned told_count;
};

/* In itself, or in a folder of it. */
static bool is_within(struct view path, const char *folder)
{
    struct view rest = path;
    if (!view_starts_with(path, view_str(folder)))
        return false;
    rest = view_skip(path, strlen(folder));
    return rest.len == 0 || rest.ptr[0] == '/';
}

static bool is_told(const struct reach *reach, struct view path)
{
    for (unsigned i = 0; i < reach->told_count; i++)
        if (is_within(path, reach->told[i]))
            return true;
    return false;
}

static void tell(struct reach *reach, struct view folder, struct view real)
{
    if (reach->told_count > CERTS_REACH_MAX || is_told(reach, real))
        return;
    reach->told[reach->told_count++] = strndup(real.ptr, real.len);
    reach->tell(reach->owner, folder);
}

static void tell_folder(struct reach *reach, struct view folder)
{
    char path[PATH_MAX], real[PATH_MAX];
    if (folder.len == 0 || folder.len >= sizeof(path))
        return;
    memcpy(path, folder.ptr, folder.len);
    path[folder.len] = '\0';
    tell(reach, folder, realpath(path, real) ? view_str(real) : folder);
}

/* Symlinks of certbot's live lead into the archive beside it, which is two above a certificate's own folder. */
static void tell_archive(struct reach *reach, struct view directory)
{
    for (unsigned above = 0; above < 2; above++) {
        const char *slash = memrchr(directory.ptr, '/', directory.len);
        size_t base = slash ? (size_t)(slash + 1 - directory.ptr) : 0;
        if (view_eq(view_skip(directory, base), VIEW("live"))) {
            struct text archive = TEXT_INIT;
            text_append(&archive, view_of(directory.ptr, base));
            text_append_str(&archive, "archive");
            tell_folder(reach, text_view(&archive));
            text_fini(&archive);
        }
        if (base < 2)
            return;
        directory.len = base - 1;
    }
}

static void tell_target(struct reach *reach, const char *path)
{
    char real[PATH_MAX];
    const char *slash = path && realpath(path, real) ? strrchr(real, '/') : NULL;
    if (slash && slash > real)
        tell(reach, view_of(real, (size_t)(slash - real)), view_of(real, (size_t)(slash - real)));
}

void certs_reach_list(const char *directory, void (*on_folder)(void *owner, struct view folder),
                      void *owner)
{
    struct reach reach = {.tell = on_folder, .owner = owner};
    struct certs_layout layout = {0};
    struct view path = view_str(directory);
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    tell_folder(&reach, path);
    tell_archive(&reach, path);
    certs_layout_add(&layout, directory);
    for (size_t i = 0; i < layout.count; i++) {
        tell_target(&reach, layout.spots[i].path);
        tell_target(&reach, layout.spots[i].key);
    }
    certs_layout_fini(&layout);
    for (unsigned i = 0; i < reach.told_count; i++)
        free(reach.told[i]);
}
