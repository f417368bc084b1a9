#include "acme/copies.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "acme/private_key.h"
#include "lb/base/memory.h"

#define COPIED_MAX 2000u

struct pull {
    const struct challenge_desk *desk;
    struct store *store;
    struct trouble *trouble;
    char **files; /* of challenges that are there; a kind's digit, then the name */
    size_t count, capacity;
    bool is_good;
};

static const char *folder_of(const struct challenge_desk *desk, enum sharing_kind kind)
{
    return kind == SHARING_ALPN ? desk->alpn_folder : desk->http_folder;
}

/* ---- challenges ------------------------------------------------------------------------------------------- */

static void copy_challenge(struct pull *pull, const struct sharing_item *item)
{
    char path[DISK_PATH_BYTES];
    struct text there = TEXT_INIT;
    const char *folder = folder_of(pull->desk, item->kind);
    if (pull->count == COPIED_MAX || item->value.len > 16384)
        return;
    char *file = memory_copy(item->name, strlen(item->name));
    pull->files = memory_make_room(pull->files, pull->count, &pull->capacity, sizeof(file));
    pull->files[pull->count++] = file;
    if (!disk_join(path, folder, item->name))
        return;
    if (!disk_read(path, 16384, &there) || !view_eq(text_view(&there), item->value))
        disk_write(folder, item->name, item->value);
    text_fini(&there);
}

static bool is_listed(const struct pull *pull, const char *name)
{
    for (size_t i = 0; i < pull->count; i++)
        if (strcmp(pull->files[i], name) == 0)
            return true;
    return false;
}

static void remove_others(const struct pull *pull, const char *folder)
{
    char path[DISK_PATH_BYTES];
    const struct dirent *entry;
    DIR *open = opendir(folder);
    while (open && (entry = readdir(open)) != NULL)
        if (entry->d_type == DT_REG && !is_listed(pull, entry->d_name) &&
            disk_join(path, folder, entry->d_name))
            unlink(path);
    if (open)
        closedir(open);
}

/* ---- certificates ------------------------------------------------------------------------------------------- */

static bool is_newer(const struct store *store, const char *folder,
                     const struct certificate *certificate)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->entries[i]->folder, folder) == 0)
            return certificate->not_after_s > store->entries[i]->certificate.not_after_s ||
                   !names_contain(&store->entries[i]->certificate.names, &certificate->names);
    return true;
}

static void copy_pair(struct pull *pull, const char *folder, const struct store_pair *pair)
{
    struct certificate certificate;
    struct text ignored = TEXT_INIT;
    if (certificate_read(pair->chain, NULL, &certificate, &ignored) &&
        is_newer(pull->store, folder, &certificate) &&
        !store_put(pull->store, folder, &certificate.names, pair, pull->trouble))
        pull->is_good = false;
    certificate_fini(&certificate);
    text_fini(&ignored);
}

static void copy_certificate(struct pull *pull, const struct sharing_item *item)
{
    json_error_t problem;
    json_t *object =
        json_loadb(item->value.ptr ? item->value.ptr : "", item->value.len, 0, &problem);
    const char *chain = json_string_value(json_object_get(object, "fullchain"));
    const char *key = json_string_value(json_object_get(object, "privkey"));
    const char *directory = json_string_value(json_object_get(object, "directory"));
    if (chain && key)
        copy_pair(pull, item->name,
                  &(struct store_pair){.chain = view_str(chain),
                                       .key = view_str(key),
                                       .directory = directory ? directory : ""});
    json_decref(object);
}

/* ---- both ---------------------------------------------------------------------------------------------------- */

static void take(void *owner, const struct sharing_item *item)
{
    struct pull *pull = owner;
    if (item->kind == SHARING_CERTIFICATE)
        copy_certificate(pull, item);
    else
        copy_challenge(pull, item);
}

bool copies_pull(struct sharing *sharing, const struct challenge_desk *desk, struct store *store,
                 bool is_ours, struct trouble *trouble)
{
    struct pull pull = {.desk = desk, .store = store, .trouble = trouble, .is_good = true};
    bool is_changed = false;
    bool is_read = sharing_read(sharing, &is_changed, &pull, take, trouble);
    if (is_read && is_changed && !is_ours) {
        remove_others(&pull, desk->http_folder);
        remove_others(&pull, desk->alpn_folder);
    }
    for (size_t i = 0; i < pull.count; i++)
        free(pull.files[i]);
    free(pull.files);
    return is_read && pull.is_good;
}

bool copies_push(struct sharing *sharing, const char *folder, const struct names *names,
                 const struct store_pair *pair, struct trouble *trouble)
{
    json_t *object =
        json_pack("{s:s%, s:s%, s:s}", "fullchain", pair->chain.ptr, pair->chain.len, "privkey",
                  pair->key.ptr, pair->key.len, "directory", pair->directory);
    char *bytes = object ? json_dumps(object, JSON_COMPACT) : NULL;
    bool is_good =
        bytes && sharing_put(sharing, SHARING_CERTIFICATE, folder, view_str(bytes), trouble);
    if (!bytes)
        trouble_say(trouble, TROUBLE_HERE, "%s: its certificate cannot be put into words",
                    names->list[0]);
    if (bytes)
        explicit_bzero(bytes, strlen(bytes));
    free(bytes);
    json_decref(object);
    return is_good;
}
