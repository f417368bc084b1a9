#include "lb/certs/certs.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/memory.h"

#define NS_PER_MS 1000000u
#define SHARE     50u /* of the time: one part of so many */

static void look_and_count(struct certs *certs)
{
    uint64_t begin_ns = clock_thread_ns();
    certs->next = certs_keeper_look(&certs->keeper, (int64_t)(clock_wall_ns() / 1000000000u));
    certs->look_cpu_ns = clock_thread_ns() - begin_ns;
}

static void hand_on(struct certs *certs)
{
    struct certs_picture *old = certs->picture;
    if (!certs->next)
        return;
    certs->picture = certs->next;
    certs->next = NULL;
    certs->options.on_change(certs->options.owner, certs->picture);
    certs_picture_free(old);
}

static void await_look(struct certs *certs)
{
    uint64_t pause_ms = certs->look_cpu_ns / NS_PER_MS * SHARE;
    if (pause_ms < CERTS_LOOK_MS || certs->keeper.is_pending)
        pause_ms = CERTS_LOOK_MS;
    if (pause_ms > CERTS_LOOK_MAX_MS)
        pause_ms = CERTS_LOOK_MAX_MS;
    if (certs->keeper.directory_count > 0 || certs->is_to_follow)
        deadline_arm(&certs->options.loop->deadlines, &certs->look,
                     certs->is_to_follow ? 1 : pause_ms);
}

static void follow(struct certs *certs)
{
    if (certs->is_to_follow)
        certs_keeper_follow(&certs->keeper, certs->directories, certs->directory_count);
    certs->is_to_follow = false;
}

static void on_errand(struct errand *errand)
{
    look_and_count(list_entry(errand, struct certs, errand));
}

static void on_done(struct errand *errand, bool was_run)
{
    struct certs *certs = list_entry(errand, struct certs, errand);
    certs->is_looking = false;
    (void)was_run;
    if (certs->is_closed)
        return;
    hand_on(certs);
    await_look(certs);
}

static void on_look(struct deadline *deadline)
{
    struct certs *certs = list_entry(deadline, struct certs, look);
    follow(certs);
    certs->errand.run = on_errand;
    certs->errand.on_done = on_done;
    certs->is_looking = errand_start(&certs->errand, certs->options.loop);
    if (!certs->is_looking)
        await_look(certs);
}

static void note_directory(struct certs *certs, const char *path)
{
    certs->directories[certs->directory_count++] = memory_copy(path, strlen(path));
}

static void note_directories(struct certs *certs, const struct config *config)
{
    for (unsigned i = 0; i < certs->directory_count; i++)
        free(certs->directories[i]);
    free(certs->directories);
    certs->directory_count = 0;
    certs->directories = memory_new((config->certificate_dir_count + (size_t)1) * sizeof(char *));
    for (unsigned i = 0; i < config->certificate_dir_count; i++)
        note_directory(certs, config->certificate_dirs[i]);
    if (config->acme.email) /* what lb-acme gets */
        note_directory(certs, config->acme.folder);
    certs->is_to_follow = true;
}

void certs_open(struct certs *certs, const struct certs_options *options,
                const struct config *config)
{
    *certs = (struct certs){.options = *options};
    atomic_init(&certs->is_called_off, false);
    certs->keeper.first_reader_count = options->first_reader_count;
    certs->keeper.is_called_off = &certs->is_called_off;
    deadline_init(&certs->look, on_look);
    note_directories(certs, config);
    if (certs->directory_count == 0) {
        certs->is_to_follow = false;
        return;
    }
    follow(certs);
    look_and_count(certs);
    hand_on(certs);
    certs->look_cpu_ns = 0; /* the first reading is not what a look takes */
    await_look(certs);
}

void certs_configure(struct certs *certs, const struct config *config)
{
    note_directories(certs, config);
    if (!certs->is_looking)
        await_look(certs);
}

void certs_close(struct certs *certs)
{
    if (!certs->options.loop || certs->is_closed)
        return;
    certs->is_closed = true;
    atomic_store(&certs->is_called_off, true);
    deadline_disarm(&certs->look);
    if (certs->is_looking)
        errand_call_off(&certs->errand);
}

void certs_fini(struct certs *certs)
{
    for (unsigned i = 0; i < certs->directory_count; i++)
        free(certs->directories[i]);
    free(certs->directories);
    certs_keeper_fini(&certs->keeper);
    certs_picture_free(certs->next);
    certs_picture_free(certs->picture);
    *certs = (struct certs){0};
}
