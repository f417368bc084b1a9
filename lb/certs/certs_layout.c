#include "lb/certs/certs_layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

/* ---- a directory ----------------------------------------------------------------------------------- */

struct entry {
    char *name;
    bool may_be_folder;
};

struct folder {
    struct certs_layout *layout;
    int fd;
    const char *path;
    struct entry *entries; /* in the order of their names */
    size_t count, capacity;
};

static int compare_entries(const void *one, const void *other)
{
    return strcmp(((const struct entry *)one)->name, ((const struct entry *)other)->name);
}

static const char *text_copy(struct certs_layout *layout, const char *text)
{
    size_t len = strlen(text);
    char *copy = arena_new(&layout->arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

static const char *path_of(const struct folder *folder, const char *name)
{
    size_t len = strlen(folder->path), name_len = strlen(name);
    char *path = arena_new(&folder->layout->arena, len + name_len + 2);
    memcpy(path, folder->path, len);
    path[len] = '/';
    memcpy(path + len + 1, name, name_len);
    return path;
}

static void note_blind(struct certs_layout *layout, const char *path, int error)
{
    layout->blind = memory_make_room(layout->blind, layout->blind_count, &layout->blind_capacity,
                                     sizeof(*layout->blind));
    layout->blind[layout->blind_count++] =
        (struct certs_blind){.path = text_copy(layout, path), .error = error};
}

/* What editors and programs leave beside files, and "." and "..", is none. */
static bool is_plain(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && name[len - 1] != '~';
}

static bool list_entries(struct folder *folder, DIR *directory)
{
    struct dirent *entry;
    errno = 0;
    while (folder->count < CERTS_LAYOUT_NAMES_MAX && (entry = readdir(directory))) {
        if (!is_plain(entry->d_name))
            continue;
        folder->entries = memory_make_room(folder->entries, folder->count, &folder->capacity,
                                           sizeof(*folder->entries));
        folder->entries[folder->count++] =
            (struct entry){.name = memory_copy(entry->d_name, strlen(entry->d_name)),
                           .may_be_folder = entry->d_type == DT_DIR || entry->d_type == DT_LNK ||
                                            entry->d_type == DT_UNKNOWN};
        errno = 0;
    }
    if (folder->count > 1)
        qsort(folder->entries, folder->count, sizeof(*folder->entries), compare_entries);
    folder->layout->is_cut |= folder->count == CERTS_LAYOUT_NAMES_MAX;
    return errno == 0;
}

static bool folder_open(struct folder *folder, struct certs_layout *layout, const char *path)
{
    *folder = (struct folder){.layout = layout, .path = path};
    folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int copy = folder->fd >= 0 ? openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    bool is_listed = directory && list_entries(folder, directory);
    int error = errno;
    if (directory)
        closedir(directory);
    else if (copy >= 0)
        close(copy);
    if (!is_listed)
        note_blind(layout, path, error);
    return is_listed;
}

static void folder_close(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->entries[i].name);
    free(folder->entries);
    if (folder->fd >= 0)
        close(folder->fd);
}

static bool has(const struct folder *folder, const char *name)
{
    const struct entry wanted = {.name = (char *)(uintptr_t)name};
    return folder->count > 0 && bsearch(&wanted, folder->entries, folder->count,
                                        sizeof(*folder->entries), compare_entries) != NULL;
}

/* What is called so with that ending, if it is there; NULL: it is not. */
static const char *beside(const struct folder *folder, struct view base, const char *ending)
{
    struct text name = TEXT_INIT;
    text_append(&name, base);
    text_append_str(&name, ending);
    const char *path = has(folder, text_str(&name)) ? path_of(folder, text_str(&name)) : NULL;
    text_fini(&name);
    return path;
}

/* ---- files ------------------------------------------------------------------------------------------ */

static void add(struct certs_layout *layout, struct certs_spot spot, struct view name)
{
    if (layout->count == CERTS_LAYOUT_FILES_MAX) {
        layout->is_cut = true;
        return;
    }
    char *copy = arena_new(&layout->arena, name.len + 1);
    memcpy(copy, name.ptr, name.len);
    spot.name = copy;
    spot.is_default = view_eq(name, VIEW("default"));
    layout->spots =
        memory_make_room(layout->spots, layout->count, &layout->capacity, sizeof(*layout->spots));
    layout->spots[layout->count++] = spot;
}

static struct view without(struct view name, struct view ending)
{
    return view_ends_with(name, ending) ? view_of(name.ptr, name.len - ending.len) : name;
}

static bool ends_with_one_of(struct view name, const struct view *endings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (view_ends_with(name, endings[i]))
            return true;
    return false;
}

/* The name of the host: what stands before the type of the key. */
static struct view host_of(struct view base)
{
    struct view host = without(without(base, VIEW(".rsa")), VIEW(".ecdsa"));
    return host.len > 0 ? host : base;
}

static void add_client_ca(const struct folder *folder, const char *name)
{
    bool is_for_all = strcmp(name, "ca.crt") == 0;
    struct view base = is_for_all ? VIEW("ca") : without(view_str(name), VIEW(".ca.crt"));
    const char *list = beside(folder, base, ".crl.pem");
    add(folder->layout,
        (struct certs_spot){.path = path_of(folder, name),
                            .key = list ? list : beside(folder, VIEW("ca"), ".crl.pem"),
                            .is_client_ca = true,
                            .is_for_all = is_for_all},
        base);
}

static void add_crt(const struct folder *folder, const char *name)
{
    struct view base = without(view_str(name), VIEW(".crt"));
    if (base.len == 0 || view_ends_with(base, VIEW(".issuer"))) /* lego's */
        return;
    add(folder->layout,
        (struct certs_spot){
            .path = path_of(folder, name), .key = beside(folder, base, ".key"), .is_filed = true},
        host_of(base));
}

/* Both in one; but not what stands beside other layouts. */
static void add_pem(const struct folder *folder, const char *name)
{
    static const struct view others[] = {VIEW(".chain.pem"), VIEW(".dhparam.pem"), VIEW(".crl.pem"),
                                         VIEW(".key.pem"), VIEW(".ca.pem")};
    static const struct view words[] = {VIEW("chain.pem"),    VIEW("dhparam.pem"), VIEW("cert.pem"),
                                        VIEW("privkey.pem"),  VIEW("key.pem"),     VIEW("ca.pem"),
                                        VIEW("fullchain.pem")};
    struct view base = without(view_str(name), VIEW(".pem"));
    bool is_word = false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        is_word |= view_eq(view_str(name), words[i]);
    if (is_word || base.len == 0 || beside(folder, base, ".crt") ||
        ends_with_one_of(view_str(name), others, sizeof(others) / sizeof(others[0])))
        return;
    add(folder->layout,
        (struct certs_spot){
            .path = path_of(folder, name), .key = beside(folder, base, ".key"), .is_filed = true},
        host_of(base));
}

static void add_file(const struct folder *folder, const char *name)
{
    struct view view = view_str(name);
    if (view_eq(view, VIEW("ca.crt")) || view_ends_with(view, VIEW(".ca.crt")))
        add_client_ca(folder, name);
    else if (view_ends_with(view, VIEW(".crt")))
        add_crt(folder, name);
    else if (view_ends_with(view, VIEW(".pem")))
        add_pem(folder, name);
}

/* ---- folders, one for each certificate ----------------------------------------------------------------- */

/* Folders of certbot's that are closed to others and have no certificate of their own. */
static bool is_of_certbot(const char *name)
{
    static const char *const names[] = {"accounts", "archive", "csr",          "keys",
                                        "live",     "renewal", "renewal-hooks"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Also where nobody may look, and a symlink that leads nowhere: who reads it says why. */
static bool is_there(const struct folder *folder, const char *name, const char *file)
{
    struct text path = TEXT_INIT;
    struct stat facts;
    text_appendf(&path, "%s/%s", name, file);
    int rc = fstatat(folder->fd, text_str(&path), &facts, AT_SYMLINK_NOFOLLOW);
    bool is_missing =
        rc < 0 && (errno == ENOENT || errno == ENOTDIR || (errno == EACCES && is_of_certbot(name)));
    text_fini(&path);
    return !is_missing;
}

/* certbot and dehydrated call the key privkey.pem, nginx-proxy's companion key.pem. */
static const char *key_in(const struct folder *folder, const char *name)
{
    struct text path = TEXT_INIT;
    bool is_usual = is_there(folder, name, "privkey.pem");
    const char *key = NULL;
    text_appendf(&path, "%s/%s", name, is_usual ? "privkey.pem" : "key.pem");
    if (is_usual || is_there(folder, name, "key.pem"))
        key = path_of(folder, text_str(&path));
    text_fini(&path);
    return key;
}

static void add_folder(const struct folder *folder, const char *name)
{
    struct text path = TEXT_INIT;
    if (!is_there(folder, name, "fullchain.pem") || beside(folder, view_str(name), ".crt"))
        return;
    text_append_str(&path, name);
    text_append_str(&path, "/fullchain.pem");
    add(folder->layout,
        (struct certs_spot){.path = path_of(folder, text_str(&path)), .key = key_in(folder, name)},
        view_str(name));
    text_fini(&path);
}

static void add_folders(const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        const char *name = folder->entries[i].name;
        bool is_file = view_ends_with(view_str(name), VIEW(".crt")) ||
                       view_ends_with(view_str(name), VIEW(".key")) ||
                       view_ends_with(view_str(name), VIEW(".pem"));
        if (folder->entries[i].may_be_folder && !is_file)
            add_folder(folder, name);
    }
}

static bool is_folder(const struct folder *folder, const char *name)
{
    struct stat facts;
    return has(folder, name) && fstatat(folder->fd, name, &facts, 0) == 0 && S_ISDIR(facts.st_mode);
}

/* The directory is that of one certificate: live/a.test itself. */
static void add_self(const struct folder *folder)
{
    const char *slash = strrchr(folder->path, '/');
    if (!has(folder, "fullchain.pem"))
        return;
    const char *key = has(folder, "privkey.pem") ? "privkey.pem"
                      : has(folder, "key.pem")   ? "key.pem"
                                                 : NULL;
    add(folder->layout,
        (struct certs_spot){.path = path_of(folder, "fullchain.pem"),
                            .key = key ? path_of(folder, key) : NULL},
        view_str(slash ? slash + 1 : folder->path));
}

void certs_layout_add(struct certs_layout *layout, const char *directory)
{
    struct folder folder, live;
    size_t len = strlen(directory);
    while (len > 1 && directory[len - 1] == '/')
        len--;
    char *path = arena_new(&layout->arena, len + 1);
    memcpy(path, directory, len);
    if (folder_open(&folder, layout, path)) {
        for (size_t i = 0; i < folder.count; i++)
            add_file(&folder, folder.entries[i].name);
        add_self(&folder);
        add_folders(&folder);
        if (is_folder(&folder, "live")) {
            if (folder_open(&live, layout, path_of(&folder, "live")))
                add_folders(&live);
            folder_close(&live);
        }
    }
    folder_close(&folder);
}

void certs_layout_fini(struct certs_layout *layout)
{
    arena_fini(&layout->arena);
    free(layout->spots);
    free(layout->blind);
    *layout = (struct certs_layout){0};
}
