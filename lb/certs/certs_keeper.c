#include "lb/certs/certs_keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/hash.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/certs/certs_readers.h"
#include "lb/certs/certs_words.h"

#define TOLD_MAX       20u /* changes of one look that are told each by itself */
#define READER_ENTRIES 64u /* fewer are read by one thread */

/* ---- what is told ----------------------------------------------------------------------------------- */

struct news {
    unsigned read_count, told_count, refused_count, gone_count, again_count;
    bool is_sight_other; /* other directories cannot be listed */
    int64_t now_s;
};

static void tell(const struct certs_keeper *keeper, const struct certs_entry *entry,
                 enum certs_news what, struct news *news)
{
    bool is_early = certs_entry_is_early(entry, news->now_s);
    news->again_count += what == CERTS_AGAIN;
    news->read_count += what == CERTS_READ;
    if (what == CERTS_REFUSED && ++news->refused_count <= TOLD_MAX)
        certs_words_tell_refused(entry);
    bool is_told = what == CERTS_READ && (is_early || keeper->has_looked);
    if (!is_told || ++news->told_count > TOLD_MAX)
        return;
    if (is_early)
        certs_words_tell_early(entry);
    else
        certs_words_tell_read(entry);
}

static void tell_sums(const struct certs_keeper *keeper, const struct news *news)
{
    if (!keeper->has_looked && keeper->directory_count > 0)
        log_info("certificates: read %u of %u found in %s%s", news->read_count,
                 (unsigned)keeper->count, keeper->directories[0],
                 keeper->directory_count > 1 ? " and other directories" : "");
    else if (news->read_count > TOLD_MAX)
        log_info("certificates: %u in all were read anew", news->read_count);
    if (news->refused_count > TOLD_MAX)
        log_warn("certificates: %u in all cannot be used; see /certificates", news->refused_count);
    if (news->gone_count > TOLD_MAX)
        log_info("certificates: %u in all were taken away", news->gone_count);
}

/* ---- directories ------------------------------------------------------------------------------------- */

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void certs_keeper_follow(struct certs_keeper *keeper, char *const *directories, unsigned count)
{
    free_texts(keeper->directories, keeper->directory_count);
    keeper->directories = memory_new((count + (size_t)1) * sizeof(char *));
    keeper->directory_count = count;
    for (unsigned i = 0; i < count; i++)
        keeper->directories[i] = memory_copy(directories[i], strlen(directories[i]));
}

/* NULL: it could be listed last time. */
static const struct certs_blindness *find_blind(const struct certs_keeper *keeper, const char *path)
{
    for (size_t i = 0; i < keeper->blind_count; i++)
        if (strcmp(keeper->blind[i].path, path) == 0)
            return &keeper->blind[i];
    return NULL;
}

static void free_blind(struct certs_keeper *keeper)
{
    for (size_t i = 0; i < keeper->blind_count; i++) {
        free(keeper->blind[i].path);
        free(keeper->blind[i].why);
    }
    free(keeper->blind);
}

static void append_blind(const struct certs_blind *blind, struct text *out)
{
    bool is_forbidden = blind->error == EACCES || blind->error == EPERM;
    text_appendf(out, "it cannot be listed: %s; %s", strerror(blind->error),
                 is_forbidden ? "let lb's user (--user) list it, by its group or setfacl, or give "
                                "lb CAP_DAC_READ_SEARCH; where it was made anew since lb began, "
                                "send lb SIGHUP: its jail does not know it yet"
                              : "put it there, and then send lb SIGHUP");
}

/* Whether it lies where nobody could look. */
static bool lies_in(const char *path, const struct certs_blind *blind)
{
    size_t len = strlen(blind->path);
    return strncmp(path, blind->path, len) == 0 && path[len] == '/';
}

static bool has_any_of(const struct certs_keeper *keeper, const struct certs_blind *blind)
{
    for (size_t i = 0; i < keeper->count; i++)
        if (lies_in(keeper->entries[i].path, blind))
            return true;
    return false;
}

static void tell_blind(const struct certs_keeper *keeper, const struct certs_blind *blind)
{
    struct text line = TEXT_INIT;
    shown_append(&line, view_str(blind->path));
    text_append_str(&line, ": ");
    append_blind(blind, &line);
    log_warn("--certificates: %s; %s", text_str(&line),
             has_any_of(keeper, blind) ? "what was read of it before stays in use"
                                       : "no certificate of it is shown");
    text_fini(&line);
}

static void note_blind(struct certs_keeper *keeper, const struct certs_layout *layout,
                       struct news *news)
{
    struct certs_blindness *blind = memory_new((layout->blind_count + 1) * sizeof(*blind));
    size_t known = 0;
    for (size_t i = 0; i < layout->blind_count; i++) {
        const struct certs_blindness *old = find_blind(keeper, layout->blind[i].path);
        struct text why = TEXT_INIT;
        append_blind(&layout->blind[i], &why);
        known += old != NULL;
        if (!old)
            tell_blind(keeper, &layout->blind[i]);
        blind[i].path = memory_copy(layout->blind[i].path, strlen(layout->blind[i].path));
        blind[i].why = memory_copy(text_str(&why), why.len);
        blind[i].since_s = old ? old->since_s : news->now_s;
        text_fini(&why);
    }
    news->is_sight_other = known != layout->blind_count || known != keeper->blind_count;
    free_blind(keeper);
    keeper->blind = blind;
    keeper->blind_count = layout->blind_count;
    if (layout->is_cut && !keeper->was_cut)
        log_warn("--certificates: more than %u certificates, or than %u files in one directory, "
                 "are there; the rest is not "
                 "used; give other directories",
                 CERTS_LAYOUT_FILES_MAX, CERTS_LAYOUT_NAMES_MAX);
    keeper->was_cut = layout->is_cut;
}

static bool is_hidden(const struct certs_layout *layout, const char *path)
{
    for (size_t i = 0; i < layout->blind_count; i++)
        if (lies_in(path, &layout->blind[i]))
            return true;
    return false;
}

/* ---- what is there now ------------------------------------------------------------------------------- */

static int compare_spots(const void *one, const void *other)
{
    return strcmp(((const struct certs_spot *)one)->path, ((const struct certs_spot *)other)->path);
}

/* In their order, each once. */
static void sort_spots(struct certs_layout *layout)
{
    size_t kept = 0;
    if (layout->count < 2)
        return;
    qsort(layout->spots, layout->count, sizeof(*layout->spots), compare_spots);
    for (size_t i = 1; i < layout->count; i++)
        if (strcmp(layout->spots[kept].path, layout->spots[i].path) != 0)
            layout->spots[++kept] = layout->spots[i];
    layout->count = kept + 1;
}

static void drop(struct certs_entry *entry, struct news *news)
{
    if (++news->gone_count <= TOLD_MAX)
        certs_words_tell_gone(entry);
    certs_entry_fini(entry);
}

/* Entries and spots side by side, both in the order of their paths. */
static void merge(struct certs_keeper *keeper, const struct certs_layout *layout, struct news *news)
{
    struct certs_entry *next =
        memory_new((keeper->count + layout->count + 1) * sizeof(struct certs_entry));
    size_t count = 0, old = 0, spot = 0;
    while (old < keeper->count || spot < layout->count) {
        int order = old == keeper->count ? 1
                    : spot == layout->count
                        ? -1
                        : strcmp(keeper->entries[old].path, layout->spots[spot].path);
        if (order > 0) {
            certs_entry_init(&next[count++], &layout->spots[spot++]);
        } else if (order == 0) {
            certs_entry_follow(&keeper->entries[old], &layout->spots[spot++]);
            next[count] = keeper->entries[old++];
            next[count++].is_hidden = false;
        } else if (is_hidden(layout, keeper->entries[old].path)) {
            next[count] = keeper->entries[old++];
            next[count++].is_hidden = true;
        } else {
            drop(&keeper->entries[old++], news);
        }
    }
    free(keeper->entries);
    keeper->entries = next;
    keeper->count = count;
}

static void find(struct certs_keeper *keeper, struct news *news)
{
    struct certs_layout layout = {0};
    for (unsigned i = 0; i < keeper->directory_count; i++)
        certs_layout_add(&layout, keeper->directories[i]);
    sort_spots(&layout);
    note_blind(keeper, &layout, news);
    merge(keeper, &layout, news);
    certs_layout_fini(&layout);
}

/* Later ones are read beside what is served, which is not to wait for them. */
static unsigned reader_count(const struct certs_keeper *keeper)
{
    return keeper->has_looked || keeper->count < READER_ENTRIES ? 1 : keeper->first_reader_count;
}

/* It was read before, and is valid now. */
static void turn(const struct certs_keeper *keeper, struct certs_entry *entry, struct news *news)
{
    bool was_early = certs_entry_is_early(entry, keeper->looked_s);
    certs_entry_turn(entry, news->now_s);
    if (was_early && !certs_entry_is_early(entry, news->now_s) && ++news->told_count <= TOLD_MAX)
        certs_words_tell_read(entry);
}

static void read_all(struct certs_keeper *keeper, int64_t now_s, struct news *news)
{
    enum certs_news *each = memory_new((keeper->count + 1) * sizeof(*each));
    keeper->read_count += certs_readers_look(keeper->entries, keeper->count, reader_count(keeper),
                                             now_s, keeper->is_called_off, each);
    keeper->is_pending = false;
    for (size_t i = 0; i < keeper->count; i++) {
        struct certs_entry *entry = &keeper->entries[i];
        if (each[i] != CERTS_READ && keeper->has_looked)
            turn(keeper, entry, news);
        tell(keeper, entry, each[i], news);
        certs_words_tell_list_end(entry, now_s);
        keeper->is_pending |= !entry->is_hidden && entry->is_pending;
    }
    free(each);
}

/* ---- the picture ------------------------------------------------------------------------------------- */

static void on_clash(void *owner, const struct tls_store_clash *clash)
{
    struct certs_keeper *keeper = owner;
    if (view_eq(clash->shown->place,
                clash->hidden->place)) /* the one before, which is told by itself */
        return;
    uint64_t hash = hash_view(hash_view(HASH_INIT, clash->shown->place), VIEW("\n"));
    hash = hash_view(hash, clash->hidden->place);
    for (unsigned i = 0; i < keeper->clash_count; i++)
        if (keeper->clashes[i] == hash)
            return;
    if (keeper->clash_count == CERTS_KEEPER_CLASHES_MAX)
        return;
    keeper->clashes[keeper->clash_count++] = hash;
    struct text line = TEXT_INIT;
    text_append_str(&line, "certificates: ");
    shown_append(&line, clash->shown->place);
    text_append_str(&line, " and ");
    shown_append(&line, clash->hidden->place);
    text_append_str(&line, " are both for ");
    shown_append(&line, clash->name);
    text_append_str(&line, clash->is_early
                               ? "; the first one is shown, as the other one is not valid yet"
                               : "; the first one is shown, which is valid longer; take the other "
                                 "away if it is not needed");
    log_info("%s", text_str(&line));
    text_fini(&line);
}

/* The first of ca.crt, in the order of the paths; one that cannot be read lets nobody in. */
static struct tls_client_ca *ca_of(const struct certs_entry *entry)
{
    return entry->client_ca ? tls_client_ca_ref(entry->client_ca) : tls_client_ca_nobody();
}

static struct tls_host host_of(const struct certs_entry *entry, struct tls_identity *identity)
{
    struct tls_host host = {.file_name = view_str(entry->name),
                            .place = view_str(entry->path),
                            .is_default = entry->is_default,
                            .is_filed = entry->is_filed};
    if (identity)
        host.identities[tls_identity_facts(identity)->key_type] = identity;
    return host;
}

/* When it is to be looked at who is shown, as something is over, or valid. */
static void note_turn(struct certs_keeper *keeper, int64_t at_s, int64_t now_s)
{
    if (at_s > now_s && at_s < keeper->next_turn_s)
        keeper->next_turn_s = at_s;
}

static void add_identity(struct certs_keeper *keeper, const struct certs_entry *entry,
                         struct tls_identity *identity, struct tls_host *hosts,
                         struct tls_store_parts *parts)
{
    if (!identity)
        return;
    note_turn(keeper, tls_identity_facts(identity)->not_before_s, parts->now_s);
    note_turn(keeper, tls_identity_facts(identity)->not_after_s, parts->now_s);
    hosts[parts->count++] = host_of(entry, identity);
}

static struct tls_store *make_store(struct certs_keeper *keeper, int64_t now_s)
{
    struct tls_host *hosts = memory_new((keeper->count * 2 + 1) * sizeof(*hosts));
    struct tls_store_parts parts = {
        .hosts = hosts, .now_s = now_s, .on_clash = on_clash, .owner = keeper};
    keeper->next_turn_s = INT64_MAX;
    for (size_t i = 0; i < keeper->count; i++) {
        const struct certs_entry *entry = &keeper->entries[i];
        note_turn(keeper, certs_entry_list_end_s(entry), now_s);
        if (entry->is_client_ca && entry->is_for_all && !parts.client_ca) {
            parts.client_ca = ca_of(entry);
        } else if (entry->is_client_ca && !entry->is_for_all) {
            hosts[parts.count] = host_of(entry, NULL);
            hosts[parts.count++].client_ca = ca_of(entry);
        } else if (!entry->is_client_ca) {
            add_identity(keeper, entry, entry->identity, hosts, &parts);
            add_identity(keeper, entry, entry->before, hosts, &parts);
        }
    }
    struct tls_store *store = tls_store_new(&parts);
    for (unsigned i = 0; i < parts.count; i++)
        tls_client_ca_unref(hosts[i].client_ca);
    tls_client_ca_unref(parts.client_ca);
    free(hosts);
    return store;
}

/* What is kept of `fault` is copied. */
static void add_fault(struct certs_picture *picture, struct certs_fault fault)
{
    if (picture->fault_count == CERTS_PICTURE_FAULTS_MAX)
        return;
    fault.path = arena_copy(&picture->arena, fault.path);
    fault.why = arena_copy(&picture->arena, fault.why);
    picture->faults[picture->fault_count++] = fault;
}

static void add_list_end(struct certs_picture *picture, const struct certs_entry *entry,
                         int64_t now_s)
{
    int64_t end_s = certs_entry_list_end_s(entry);
    struct text why = TEXT_INIT;
    if (end_s > now_s)
        return;
    certs_words_append_list_end(&why, end_s);
    picture->refused_count++;
    add_fault(picture, (struct certs_fault){
                           .path = view_str(entry->key), .why = text_view(&why), .since_s = end_s});
    text_fini(&why);
}

static void add_faults(struct certs_picture *picture, const struct certs_keeper *keeper,
                       int64_t now_s)
{
    for (size_t i = 0; i < keeper->blind_count; i++)
        add_fault(picture, (struct certs_fault){.path = view_str(keeper->blind[i].path),
                                                .why = view_str(keeper->blind[i].why),
                                                .since_s = keeper->blind[i].since_s});
    for (size_t i = 0; i < keeper->count; i++) {
        const struct certs_entry *entry = &keeper->entries[i];
        add_list_end(picture, entry, now_s);
        if (entry->problem.len == 0)
            continue;
        picture->refused_count++;
        add_fault(picture, (struct certs_fault){.path = view_str(certs_entry_problem_path(entry)),
                                                .why = text_view(&entry->problem),
                                                .has_old = entry->identity || entry->client_ca,
                                                .since_s = entry->problem_since_s});
    }
}

static struct certs_picture *make_picture(struct certs_keeper *keeper, int64_t now_s)
{
    struct certs_picture *picture = memory_new(sizeof(*picture));
    picture->faults =
        arena_new(&picture->arena, CERTS_PICTURE_FAULTS_MAX * sizeof(*picture->faults));
    add_faults(picture, keeper, now_s);
    picture->read_count = keeper->read_count;
    picture->changed_s = now_s;
    picture->store = make_store(keeper, now_s);
    return picture;
}

struct certs_picture *certs_keeper_look(struct certs_keeper *keeper, int64_t now_s)
{
    struct news news = {.now_s = now_s};
    find(keeper, &news);
    read_all(keeper, now_s, &news);
    tell_sums(keeper, &news);
    bool has_news = !keeper->has_looked || news.read_count > 0 || news.refused_count > 0 ||
                    news.gone_count > 0 || news.again_count > 0 || news.is_sight_other ||
                    keeper->next_turn_s <= now_s;
    keeper->has_looked = true;
    keeper->looked_s = now_s;
    return has_news ? make_picture(keeper, now_s) : NULL;
}

void certs_keeper_fini(struct certs_keeper *keeper)
{
    for (size_t i = 0; i < keeper->count; i++)
        certs_entry_fini(&keeper->entries[i]);
    free(keeper->entries);
    free_texts(keeper->directories, keeper->directory_count);
    free_blind(keeper);
    *keeper = (struct certs_keeper){0};
}
