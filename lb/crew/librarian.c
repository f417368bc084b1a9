#include "lb/crew/librarian.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/crew/shelf.h"

static uint64_t look(const struct librarian *librarian)
{
    uint64_t users = librarian->users_path ? shelf_look(librarian->users_path) : 0;
    uint64_t pages = librarian->pages_path ? shelf_look(librarian->pages_path) : 0;
    uint64_t pems = librarian->pems_path ? shelf_look(librarian->pems_path) : 0;
    return (users * 31 + pages) * 31 + pems;
}

static void take_picture(struct librarian *librarian)
{
    struct library *library = library_new();
    librarian->seen = librarian->taken = look(librarian);
    shelf_read_users(librarian->users_path, library);
    shelf_read_pages(librarian->pages_path, library);
    shelf_read_pems(librarian->pems_path, library);
    librarian->on_change(librarian->owner, library);
}

static void look_again(struct librarian *librarian)
{
    if (librarian->users_path || librarian->pages_path || librarian->pems_path)
        deadline_arm(&librarian->loop->deadlines, &librarian->look, LIBRARIAN_LOOK_MS);
    else
        deadline_disarm(&librarian->look);
}

static void on_look(struct deadline *deadline)
{
    struct librarian *librarian = list_entry(deadline, struct librarian, look);
    uint64_t now = look(librarian);
    bool has_settled = now == librarian->seen;
    librarian->seen = now;
    look_again(librarian);
    if (!has_settled || now == librarian->taken)
        return;
    log_info("the files of --htpasswd-dir, --error-pages-dir or --backend-certificates have "
             "changed and were read again");
    take_picture(librarian);
}

static char *copy_of(const char *path)
{
    return path ? memory_copy(path, strlen(path)) : NULL;
}

static void forget_paths(struct librarian *librarian)
{
    free(librarian->users_path);
    free(librarian->pages_path);
    free(librarian->pems_path);
    librarian->users_path = librarian->pages_path = librarian->pems_path = NULL;
}

void librarian_configure(struct librarian *librarian, const struct config *config)
{
    forget_paths(librarian);
    librarian->users_path = copy_of(config->htpasswd_dir);
    librarian->pages_path = copy_of(config->error_pages_dir);
    librarian->pems_path = copy_of(config->backend_certificates);
    look_again(librarian);
    take_picture(librarian);
}

void librarian_open(struct librarian *librarian, struct loop *loop, const struct config *config,
                    void (*on_change)(void *owner, struct library *library), void *owner)
{
    *librarian = (struct librarian){.loop = loop, .on_change = on_change, .owner = owner};
    deadline_init(&librarian->look, on_look);
    librarian_configure(librarian, config);
}

void librarian_close(struct librarian *librarian)
{
    if (librarian->loop)
        deadline_disarm(&librarian->look);
    forget_paths(librarian);
}
