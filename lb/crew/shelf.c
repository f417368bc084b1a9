#include "lb/crew/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/base/hash.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/contract/file_name.h"

/* ---- directories ------------------------------------------------------------------------------ */

static int open_folder(int at, const char *path)
{
    return openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* What editors and tools leave beside files is none. */
static bool is_named(const char *name)
{
    struct text ignored = TEXT_INIT;
    bool is_good = file_name_check(view_str(name), &ignored);
    text_fini(&ignored);
    return is_good;
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* The names in a directory, which stays open, in their order. Gives. */
static char **list_names(int fd, unsigned *count)
{
    char **names = memory_new(SHELF_FILES_MAX * sizeof(*names));
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    *count = 0;
    if (!directory && copy >= 0)
        close(copy);
    for (struct dirent *entry;
         directory && *count < SHELF_FILES_MAX && (entry = readdir(directory));)
        if (is_named(entry->d_name))
            names[(*count)++] = memory_copy(entry->d_name, strlen(entry->d_name));
    if (directory)
        closedir(directory);
    qsort(names, *count, sizeof(*names), compare_names);
    return names;
}

static void free_names(char **names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static uint64_t look_at(uint64_t hash, int fd, unsigned depth)
{
    unsigned count;
    char **names = list_names(fd, &count);
    for (unsigned i = 0; i < count; i++) {
        struct stat stat = {0};
        int rc = fstatat(fd, names[i], &stat, 0);
        const uint64_t facts[] = {(uint64_t)rc,
                                  stat.st_ino,
                                  stat.st_mode,
                                  (uint64_t)stat.st_size,
                                  (uint64_t)stat.st_mtim.tv_sec,
                                  (uint64_t)stat.st_mtim.tv_nsec};
        hash = hash_view(hash_str(hash, names[i]), view_of((const char *)facts, sizeof(facts)));
        int folder = depth > 0 && rc == 0 && S_ISDIR(stat.st_mode) ? open_folder(fd, names[i]) : -1;
        if (folder >= 0) {
            hash = look_at(hash, folder, depth - 1);
            close(folder);
        }
    }
    free_names(names, count);
    return hash;
}

uint64_t shelf_look(const char *path)
{
    int fd = open_folder(AT_FDCWD, path);
    if (fd < 0)
        return 0;
    uint64_t hash = look_at(HASH_INIT, fd, 1);
    close(fd);
    return hash != 0 ? hash : 1;
}

/* ---- files ------------------------------------------------------------------------------------ */

static void complain(const char *path, const char *name, const char *why)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, view_str(path));
    text_append_char(&shown, '/');
    shown_append(&shown, view_str(name));
    log_warn("%s: %s", text_str(&shown), why);
    text_fini(&shown);
}

/* Why it cannot be read; NULL: `*bytes` is all of it, to be freed. */
static const char *read_file(int at, const char *name, size_t max_bytes, char **bytes, size_t *len)
{
    struct stat stat;
    int fd = openat(at, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    const char *wrong = NULL;
    if (fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
        wrong = "it is no file";
    char *buffer = memory_new(max_bytes + 1);
    *len = 0;
    for (ssize_t got = 1; !wrong && got > 0 && *len <= max_bytes;) {
        got = read(fd, buffer + *len, max_bytes + 1 - *len);
        if (got < 0)
            wrong = strerror(errno);
        else
            *len += (size_t)got;
    }
    close(fd);
    if (!wrong && *len > max_bytes)
        wrong = "it is too large";
    if (wrong)
        free(buffer);
    else
        *bytes = buffer;
    return wrong;
}

/* ---- users ------------------------------------------------------------------------------------ */

static void read_users(int fd, const char *path, const char *name, struct arena *arena,
                       struct library_users *out)
{
    struct text problems = TEXT_INIT;
    char *bytes = NULL;
    size_t len = 0;
    const char *wrong = read_file(fd, name, HTPASSWD_BYTES_MAX, &bytes, &len);
    out->name = arena_copy(arena, view_str(name));
    if (wrong)
        text_append_str(&problems, wrong);
    else
        htpasswd_parse(&out->list, view_of(bytes, len), '\n', arena, &problems);
    if (out->list.count == 0)
        text_appendf(&problems, "%snobody is in it, and who asks for it is held with 503",
                     problems.len > 0 ? "; " : "");
    if (problems.len > 0)
        complain(path, name, text_str(&problems));
    if (bytes)
        explicit_bzero(bytes, len);
    free(bytes);
    text_fini(&problems);
}

void shelf_read_users(const char *path, struct library *library)
{
    unsigned count;
    int fd = path ? open_folder(AT_FDCWD, path) : -1;
    if (fd < 0) {
        library->is_blind = path != NULL;
        if (path)
            log_error(
                "--htpasswd-dir %s cannot be read: %s; routes with auth-file are held with 503",
                path, strerror(errno));
        return;
    }
    char **names = list_names(fd, &count);
    struct library_users *users = arena_new(&library->arena, count * sizeof(*users));
    for (unsigned i = 0; i < count; i++) {
        struct stat stat;
        if (fstatat(fd, names[i], &stat, 0) == 0 && S_ISDIR(stat.st_mode))
            continue;
        read_users(fd, path, names[i], &library->arena, &users[library->users_count++]);
    }
    library->users = users;
    free_names(names, count);
    close(fd);
}

/* ---- pages ------------------------------------------------------------------------------------ */

static const char *content_type_of(struct view ending)
{
    if (view_eq(ending, VIEW("html")))
        return "text/html; charset=utf-8";
    if (view_eq(ending, VIEW("json")))
        return "application/json";
    return view_eq(ending, VIEW("txt")) ? "text/plain; charset=utf-8" : NULL;
}

/* "503.html" and "5xx.html". */
static bool parse_name(struct view name, struct library_page *out)
{
    uint64_t status;
    struct view ending = name;
    struct view code = view_cut(&ending, '.');
    out->page.content_type = ending.ptr ? content_type_of(ending) : NULL;
    if (view_eq(code, VIEW("4xx")) || view_eq(code, VIEW("5xx"))) {
        out->low = (unsigned)(code.ptr[0] - '0') * 100;
        out->high = out->low + 99;
    } else if (view_parse_u64(code, 599, &status) && status >= 400) {
        out->low = out->high = (unsigned)status;
    } else {
        return false;
    }
    out->page.status = out->low;
    return out->page.content_type != NULL;
}

/* The pages of all folders, on their way. */
struct pages {
    struct arena *arena;
    struct library_page *pages;
    unsigned count;
};

static void read_page(int fd, const char *path, const char *name, struct view folder,
                      struct pages *out)
{
    struct library_page page = {.folder = folder};
    char *bytes;
    size_t len;
    if (!parse_name(view_str(name), &page) || out->count == SHELF_FILES_MAX)
        return;
    const char *wrong = read_file(fd, name, SHELF_PAGE_BYTES, &bytes, &len);
    if (wrong) {
        complain(path, name, wrong);
        return;
    }
    page.page.body = arena_copy(out->arena, view_of(bytes, len));
    free(bytes);
    out->pages[out->count++] = page;
}

static void read_folder(int at, const char *path, const char *name, struct pages *out)
{
    unsigned count;
    int fd = open_folder(at, name);
    if (fd < 0)
        return;
    char **names = list_names(fd, &count);
    struct view folder = arena_copy(out->arena, view_str(name));
    for (unsigned i = 0; i < count; i++)
        read_page(fd, path, names[i], folder, out);
    free_names(names, count);
    close(fd);
}

static int compare_pages(const void *one, const void *other)
{
    const struct library_page *a = one, *b = other;
    unsigned a_width = a->high - a->low, b_width = b->high - b->low;
    return (a_width > b_width) - (a_width < b_width);
}

void shelf_read_pages(const char *path, struct library *library)
{
    unsigned count;
    int fd = path ? open_folder(AT_FDCWD, path) : -1;
    if (fd < 0) {
        if (path)
            log_error("--error-pages-dir %s cannot be read: %s", path, strerror(errno));
        return;
    }
    struct pages pages = {
        .arena = &library->arena,
        .pages = arena_new(&library->arena, SHELF_FILES_MAX * sizeof(struct library_page))};
    char **names = list_names(fd, &count);
    for (unsigned i = 0; i < count; i++)
        read_folder(fd, path, names[i], &pages);
    qsort(pages.pages, pages.count, sizeof(pages.pages[0]), compare_pages);
    library->pages = pages.pages;
    library->page_count = pages.count;
    free_names(names, count);
    close(fd);
}
