#include "lb/policy/library.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/contract/auth.h"

struct library *library_new(void)
{
    struct library *library = memory_new(sizeof(*library));
    atomic_init(&library->ref_count, 1);
    return library;
}

struct library *library_ref(struct library *library)
{
    atomic_fetch_add_explicit(&library->ref_count, 1, memory_order_relaxed);
    return library;
}

void library_unref(struct library *library)
{
    if (!library || atomic_fetch_sub_explicit(&library->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    arena_fini(&library->arena);
    free(library);
}

/* ---- users ----------------------------------------------------------------------------------- */

static int compare_names(const void *one, const void *other)
{
    const struct library_users *a = one, *b = other;
    return view_compare(a->name, b->name);
}

static const struct library_users *find_file(const struct library *library, struct view name)
{
    const struct library_users wanted = {.name = name};
    if (library->users_count == 0)
        return NULL;
    return bsearch(&wanted, library->users, library->users_count, sizeof(wanted), compare_names);
}

enum library_answer library_find_users(const struct library *library, struct view files,
                                       const struct htpasswd **list)
{
    struct auth_file file;
    if (!library || library->is_blind)
        return LIBRARY_UNKNOWN;
    while (auth_next_file(&files, &file)) {
        const struct library_users *found = find_file(library, file.name);
        if (found && found->list.count > 0) {
            *list = &found->list;
            return LIBRARY_FOUND;
        }
        if (found || !file.may_miss || library->misses_users)
            return LIBRARY_UNKNOWN;
    }
    return LIBRARY_NONE;
}

/* ---- certificates ---------------------------------------------------------------------------- */

static int compare_pems(const void *one, const void *other)
{
    const struct library_pem *a = one, *b = other;
    return view_compare(a->name, b->name);
}

struct view library_find_pem(const struct library *library, struct view name)
{
    const struct library_pem wanted = {.name = name};
    const struct library_pem *found =
        library && library->pem_count > 0
            ? bsearch(&wanted, library->pems, library->pem_count, sizeof(wanted), compare_pems)
            : NULL;
    return found ? found->bytes : view_of(NULL, 0);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static bool is_json(const struct answer_page *page)
{
    return strcmp(page->content_type, "application/json") == 0;
}

bool library_has_folder(const struct library *library, struct view folder)
{
    for (unsigned i = 0; library && i < library->page_count; i++)
        if (view_eq(library->pages[i].folder, folder))
            return true;
    return false;
}

const struct answer_page *library_find_page(const struct library *library, struct view folder,
                                            unsigned status, bool wants_json)
{
    for (unsigned i = 0; library && i < library->page_count; i++) {
        const struct library_page *page = &library->pages[i];
        if (page->low <= status && status <= page->high && is_json(&page->page) == wants_json &&
            view_eq(page->folder, folder))
            return &page->page;
    }
    return NULL;
}
