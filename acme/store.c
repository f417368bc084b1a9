#include "acme/store.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/private_key.h"
#include "lb/base/memory.h"

#define PEM_BYTES_MAX   262144u
#define ENTRIES_MAX     20000u
#define VERSIONS_KEPT   3ul
#define FOLDER_BYTES    256u
#define DIRECTORY_BYTES 511u

static bool complain_disk(const char *path, struct trouble *trouble)
{
    trouble_say(trouble, TROUBLE_HERE,
                "%.400s cannot be written: %s; look at --acme-dir and its owner", path,
                strerror(errno));
    return false;
}

void store_look(struct store *store, const char *path)
{
    *store = (struct store){0};
    snprintf(store->path, sizeof(store->path), "%s", path);
}

bool store_open(struct store *store, const char *path, struct trouble *trouble)
{
    static const char *const folders[] = {"live", "archive", "accounts", "challenges", "alpn"};
    char folder[DISK_PATH_BYTES];
    store_look(store, path);
    if (!disk_make_folder(path))
        return complain_disk(path, trouble);
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (!disk_join(folder, path, folders[i]) || !disk_make_folder(folder))
            return complain_disk(folder, trouble);
    return true;
}

static void free_entry(struct store_entry *entry)
{
    certificate_fini(&entry->certificate);
    free(entry);
}

void store_close(struct store *store)
{
    for (size_t i = 0; i < store->count; i++)
        free_entry(store->entries[i]);
    free(store->entries);
    *store = (struct store){0};
}

bool store_is_empty(const struct store *store)
{
    return store->count == 0;
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static bool is_folder_name(const char *name)
{
    return name[0] != '.' && strlen(name) < FOLDER_BYTES && !strchr(name, '/');
}

static bool set_path(const struct store *store, const char *folder, const char *file,
                     char out[DISK_PATH_BYTES])
{
    int len = snprintf(out, DISK_PATH_BYTES, "%s/live/%s/%s", store->path, folder, file);
    return len > 0 && (size_t)len < DISK_PATH_BYTES;
}

static bool read_pair(const struct store *store, struct store_entry *entry)
{
    char path[DISK_PATH_BYTES];
    struct text text = TEXT_INIT, ignored = TEXT_INIT;
    EVP_PKEY *key = NULL;
    if (set_path(store, entry->folder, "privkey.pem", path) &&
        disk_read(path, PEM_BYTES_MAX, &text))
        key = private_key_parse(text_view(&text));
    private_key_forget(&text);
    bool is_good = key && set_path(store, entry->folder, "fullchain.pem", path) &&
                   disk_read(path, PEM_BYTES_MAX, &text) &&
                   certificate_read(text_view(&text), key, &entry->certificate, &ignored);
    EVP_PKEY_free(key);
    if (is_good && set_path(store, entry->folder, "directory", path) &&
        disk_read(path, DIRECTORY_BYTES, &text))
        snprintf(entry->directory, sizeof(entry->directory), "%.*s",
                 (int)strcspn(text_str(&text), "\n"), text_str(&text));
    text_fini(&text);
    text_fini(&ignored);
    return is_good;
}

static struct store_entry *find_folder(const struct store *store, const char *folder)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->entries[i]->folder, folder) == 0)
            return store->entries[i];
    return NULL;
}

static bool is_unchanged(const struct store_entry *entry, const struct stat *status)
{
    return entry->device == status->st_dev && entry->inode == status->st_ino &&
           entry->changed_at.tv_sec == status->st_mtim.tv_sec &&
           entry->changed_at.tv_nsec == status->st_mtim.tv_nsec;
}

static void look_at(struct store *store, const char *folder)
{
    struct stat status;
    char path[DISK_PATH_BYTES];
    struct store_entry *entry = find_folder(store, folder);
    if (!set_path(store, folder, "fullchain.pem", path) || stat(path, &status) < 0)
        return;
    if (entry && is_unchanged(entry, &status)) {
        entry->is_seen = true;
        return;
    }
    if (!entry) {
        if (store->count == ENTRIES_MAX)
            return;
        store->entries = memory_make_room(store->entries, store->count, &store->capacity,
                                          sizeof(store->entries[0]));
        entry = memory_new(sizeof(*entry));
        store->entries[store->count++] = entry;
    }
    certificate_fini(&entry->certificate);
    *entry = (struct store_entry){
        .device = status.st_dev, .inode = status.st_ino, .changed_at = status.st_mtim};
    snprintf(entry->folder, sizeof(entry->folder), "%s", folder);
    entry->is_seen = read_pair(store, entry);
}

static void drop_unseen(struct store *store)
{
    size_t kept = 0;
    for (size_t i = 0; i < store->count; i++) {
        if (store->entries[i]->is_seen)
            store->entries[kept++] = store->entries[i];
        else
            free_entry(store->entries[i]);
    }
    store->count = kept;
}

void store_scan(struct store *store)
{
    char live[DISK_PATH_BYTES];
    const struct dirent *found;
    DIR *folder = disk_join(live, store->path, "live") ? opendir(live) : NULL;
    if (!folder)
        return;
    for (size_t i = 0; i < store->count; i++)
        store->entries[i]->is_seen = false;
    while ((found = readdir(folder)) != NULL)
        if (is_folder_name(found->d_name))
            look_at(store, found->d_name);
    closedir(folder);
    drop_unseen(store);
}

const struct store_entry *store_find(const struct store *store, const struct names *names,
                                     const char *directory)
{
    const struct store_entry *best = NULL;
    for (size_t i = 0; i < store->count; i++) {
        const struct store_entry *entry = store->entries[i];
        bool is_ours = !entry->directory[0] || strcmp(entry->directory, directory) == 0;
        if (is_ours && names_contain(&entry->certificate.names, names) &&
            (!best || entry->certificate.not_after_s > best->certificate.not_after_s))
            best = entry;
    }
    return best;
}

void store_choose_folder(const struct store *store, const struct names *names,
                         char out[FOLDER_BYTES])
{
    for (size_t i = 0; i < store->count; i++) {
        const struct store_entry *entry = store->entries[i];
        if (entry->directory[0] && names_are_same(&entry->certificate.names, names)) {
            snprintf(out, FOLDER_BYTES, "%s", entry->folder);
            return;
        }
    }
    snprintf(out, FOLDER_BYTES, "%s", names->list[0]);
    const struct store_entry *other = find_folder(store, out);
    /* What was for fewer or more names, from the same wish, gives way; what others put there stays. */
    if (other && !(other->directory[0] && names_contain(names, &other->certificate.names)))
        snprintf(out, FOLDER_BYTES, "%.240s-%08x", names->list[0], (unsigned)names_salt(names));
}

/* ---- writing ---------------------------------------------------------------------------------------------- */

static bool check(const struct names *names, const struct store_pair *pair, struct trouble *trouble)
{
    struct certificate certificate;
    struct text problem = TEXT_INIT;
    EVP_PKEY *key = private_key_parse(pair->key);
    bool is_good = key && certificate_read(pair->chain, key, &certificate, &problem);
    if (key && is_good && !names_contain(&certificate.names, names)) {
        text_append_str(&problem, "it has not all names that were asked for");
        is_good = false;
    }
    if (!is_good)
        trouble_say(trouble, TROUBLE_AWAY,
                    "%s: the certificate that came is of no use: %s; it is asked for again later",
                    names->list[0], key ? text_str(&problem) : "its key cannot be read");
    if (key)
        certificate_fini(&certificate);
    EVP_PKEY_free(key);
    text_fini(&problem);
    return is_good;
}

/* The highest number that is there. */
static unsigned long last_version(const char *archive)
{
    unsigned long last = 0;
    uint64_t number;
    const struct dirent *found;
    DIR *folder = opendir(archive);
    while (folder && (found = readdir(folder)) != NULL)
        if (view_parse_u64(view_str(found->d_name), UINT32_MAX - 1, &number) && number > last)
            last = (unsigned long)number;
    if (folder)
        closedir(folder);
    return last;
}

static bool write_pair(const char *archive, const char *version, const struct store_pair *pair)
{
    char folder[DISK_PATH_BYTES];
    return disk_join(folder, archive, version) && disk_make_folder(folder) &&
           disk_write(folder, "privkey.pem", pair->key) &&
           disk_write(folder, "fullchain.pem", pair->chain) &&
           disk_write(folder, "directory", view_str(pair->directory));
}

static bool switch_link(const struct store *store, const char *folder, const char *version)
{
    char target[DISK_PATH_BYTES], link[DISK_PATH_BYTES], made[DISK_PATH_BYTES];
    int len = snprintf(target, sizeof(target), "../archive/%s/%s", folder, version);
    int link_len = snprintf(link, sizeof(link), "%s/live/%s", store->path, folder);
    int made_len = snprintf(made, sizeof(made), "%s/live/.%s.new", store->path, folder);
    if (len < 0 || link_len < 0 || made_len < 0 || (size_t)made_len >= sizeof(made))
        return false;
    unlink(made);
    return symlink(target, made) == 0 && rename(made, link) == 0;
}

/* Some are kept, for who wants to go back by hand. */
static void remove_old(const char *archive, unsigned long version)
{
    static const char *const files[] = {"privkey.pem", "fullchain.pem", "directory"};
    char folder[DISK_PATH_BYTES], path[DISK_PATH_BYTES], name[32];
    if (version <= VERSIONS_KEPT)
        return;
    snprintf(name, sizeof(name), "%lu", version - VERSIONS_KEPT);
    if (!disk_join(folder, archive, name))
        return;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (disk_join(path, folder, files[i]))
            unlink(path);
    rmdir(folder);
}

bool store_put(struct store *store, const char *folder, const struct names *names,
               const struct store_pair *pair, struct trouble *trouble)
{
    char archive[DISK_PATH_BYTES], version[32];
    int len = snprintf(archive, sizeof(archive), "%s/archive/%s", store->path, folder);
    if (!check(names, pair, trouble))
        return false;
    if (!is_folder_name(folder) || len < 0 || (size_t)len >= sizeof(archive)) {
        errno = ENAMETOOLONG;
        return complain_disk(store->path, trouble);
    }
    if (!disk_make_folder(archive))
        return complain_disk(archive, trouble);
    unsigned long number = last_version(archive) + 1;
    snprintf(version, sizeof(version), "%lu", number);
    if (!write_pair(archive, version, pair) || !switch_link(store, folder, version))
        return complain_disk(archive, trouble);
    remove_old(archive, number);
    store_scan(store);
    return true;
}
