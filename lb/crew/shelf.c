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

struct names {
    char **names; /* in their order */
    unsigned count;
    bool are_all; /* else some may be missing */
};

static struct dirent *next_entry(DIR *directory)
{
    errno = 0;
    return readdir(directory);
}

static void take_names(DIR *directory, struct names *names)
{
    struct dirent *entry;
    while ((entry = next_entry(directory)) && names->count < SHELF_FILES_MAX)
        if (is_named(entry->d_name))
            names->names[names->count++] = memory_copy(entry->d_name, strlen(entry->d_name));
    names->are_all = !entry && errno == 0;
}

/* Of a directory, which stays open. Gives. */
static struct names list_names(int fd)
{
    struct names names = {.names = memory_new(SHELF_FILES_MAX * sizeof(char *))};
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
    if (!directory && copy >= 0)
        close(copy);
    if (directory) {
        take_names(directory, &names);
        closedir(directory);
    }
    qsort(names.names, names.count, sizeof(char *), compare_names);
    return names;
}

static void free_names(struct names *names)
{
    for (unsigned i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
}

static uint64_t look_at(uint64_t hash, int fd, unsigned depth)
{
    struct names names = list_names(fd);
    for (unsigned i = 0; i < names.count; i++) {
        struct stat stat = {0};
        int rc = fstatat(fd, names.names[i], &stat, 0);
        const uint64_t facts[] = {(uint64_t)rc,
                                  stat.st_ino,
                                  stat.st_mode,
                                  (uint64_t)stat.st_size,
                                  (uint64_t)stat.st_mtim.tv_sec,
                                  (uint64_t)stat.st_mtim.tv_nsec};
        hash =
            hash_view(hash_str(hash, names.names[i]), view_of((const char *)facts, sizeof(facts)));
        int folder =
            depth > 0 && rc == 0 && S_ISDIR(stat.st_mode) ? open_folder(fd, names.names[i]) : -1;
        if (folder >= 0) {
            hash = look_at(hash, folder, depth - 1);
            close(folder);
        }
    }
    free_names(&names);
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

/* A directory is nobody's list: engines make one where a file is mounted that is not there. */
void shelf_read_users(const char *path, struct library *library)
{
    int fd = path ? open_folder(AT_FDCWD, path) : -1;
    if (fd < 0) {
        library->is_blind = path != NULL;
        if (path)
            log_error(
                "--htpasswd-dir %s cannot be read: %s; routes with auth-file are held with 503",
                path, strerror(errno));
        return;
    }
    struct names names = list_names(fd);
    struct library_users *users = arena_new(&library->arena, names.count * sizeof(*users));
    for (unsigned i = 0; i < names.count; i++)
        read_users(fd, path, names.names[i], &library->arena, &users[i]);
    library->users = users;
    library->users_count = names.count;
    library->misses_users = !names.are_all;
    if (!names.are_all)
        log_error(
            "--htpasswd-dir %s cannot be read to its end, of at most %u files; routes with an "
            "auth-file that was not found are held with 503",
            path, SHELF_FILES_MAX);
    free_names(&names);
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
    int fd = open_folder(at, name);
    if (fd < 0)
        return;
    struct names names = list_names(fd);
    struct view folder = arena_copy(out->arena, view_str(name));
    for (unsigned i = 0; i < names.count; i++)
        read_page(fd, path, names.names[i], folder, out);
    free_names(&names);
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
    int fd = path ? open_folder(AT_FDCWD, path) : -1;
    if (fd < 0) {
        if (path)
            log_error("--error-pages-dir %s cannot be read: %s", path, strerror(errno));
        return;
    }
    struct pages pages = {
        .arena = &library->arena,
        .pages = arena_new(&library->arena, SHELF_FILES_MAX * sizeof(struct library_page))};
    struct names names = list_names(fd);
    for (unsigned i = 0; i < names.count; i++)
        read_folder(fd, path, names.names[i], &pages);
    qsort(pages.pages, pages.count, sizeof(pages.pages[0]), compare_pages);
    library->pages = pages.pages;
    library->page_count = pages.count;
    free_names(&names);
    close(fd);
}

/* ---- certificates ----------------------------------------------------------------------------- */

static bool read_pem(int fd, const char *path, const char *name, struct arena *arena,
                     struct library_pem *out)
{
    char *bytes;
    size_t len;
    const char *wrong = read_file(fd, name, SHELF_PEM_BYTES, &bytes, &len);
    if (wrong) {
        complain(path, name, wrong);
        return false;
    }
    *out = (struct library_pem){.name = arena_copy(arena, view_str(name)),
                                .bytes = arena_copy(arena, view_of(bytes, len))};
    free(bytes);
    return true;
}

void shelf_read_pems(const char *path, struct library *library)
{
    int fd = path ? open_folder(AT_FDCWD, path) : -1;
    if (fd < 0) {
        if (path)
            log_error("--backend-certificates %s cannot be read: %s; services with backend-ca or "
                      "backend-certificate get no connection to their servers",
                      path, strerror(errno));
        return;
    }
    struct names names = list_names(fd);
    struct library_pem *pems = arena_new(&library->arena, names.count * sizeof(*pems));
    for (unsigned i = 0; i < names.count; i++)
        library->pem_count +=
            read_pem(fd, path, names.names[i], &library->arena, &pems[library->pem_count]);
    library->pems = pems;
    free_names(&names);
    close(fd);
}
