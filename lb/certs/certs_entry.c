#include "lb/certs/certs_entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"

/* What is younger may change once more without looking other: times of files are as coarse as the kernel's tick. */
#define YOUNG_NS INT64_C(50000000)

static char *copy_of(const char *text)
{
    return text ? memory_copy(text, strlen(text)) : NULL;
}

void certs_entry_init(struct certs_entry *entry, const struct certs_spot *spot)
{
    *entry = (struct certs_entry){.path = copy_of(spot->path),
                                  .key = copy_of(spot->key),
                                  .name = copy_of(spot->name),
                                  .is_client_ca = spot->is_client_ca,
                                  .is_default = spot->is_default,
                                  .is_filed = spot->is_filed,
                                  .is_for_all = spot->is_for_all};
}

void certs_entry_follow(struct certs_entry *entry, const struct certs_spot *spot)
{
    if (view_eq(view_str(entry->key), view_str(spot->key)))
        return;
    free(entry->key);
    entry->key = copy_of(spot->key);
    entry->is_judged = false;
}

/* ---- reading ---------------------------------------------------------------------------------------- */

/* The path of the certificate, or of the revocation list, stands before what is told. */
static void append_why(struct text *problem, bool names_path, const char *path, int error)
{
    text_appendf(problem, "%s cannot be read: ", names_path ? path : "it");
    if (error == EACCES || error == EPERM)
        text_appendf(problem,
                     "%s; let lb's user (--user) read it, by its group or setfacl, or give lb "
                     "CAP_DAC_READ_SEARCH; where it lies elsewhere since lb began, or in a folder "
                     "that was made anew, send lb SIGHUP: its jail does not know it yet",
                     strerror(error));
    else if (error == EFBIG)
        text_append_str(problem,
                        "it is too large; leave the certificate with its chain, and the key");
    else if (error == EISDIR)
        text_append_str(problem, "it is no file; put one there");
    else if (error == ENOENT)
        text_append_str(problem, "it is not there, or a symlink to it leads nowhere; put it there");
    else if (error == ELOOP)
        text_append_str(problem, "it is a symlink that leads to itself; put the file there");
    else
        text_appendf(problem, "%s; put it there anew", strerror(error));
}

enum outcome { GOOD, BAD, CHANGING };

struct reading {
    struct certs_bytes bytes[CERTS_FILE_COUNT];
    struct certs_stamp stamps[CERTS_FILE_COUNT];
};

static enum outcome read_file(const struct certs_entry *entry, enum certs_file_kind kind,
                              struct reading *reading, struct text *problem)
{
    const char *path = kind == CERTS_FILE_KEY ? entry->key : entry->path;
    size_t bytes_max = entry->is_client_ca ? TLS_CLIENT_CA_BYTES_MAX : TLS_IDENTITY_BYTES_MAX;
    if (!path || certs_file_read(path, bytes_max, &reading->bytes[kind], &reading->stamps[kind]))
        return GOOD;
    if (errno == ESTALE)
        return CHANGING;
    reading->stamps[kind] = (struct certs_stamp){.error = errno};
    append_why(problem, kind == CERTS_FILE_KEY && !entry->is_client_ca, path, errno);
    return BAD;
}

static bool is_same_identity(const struct tls_identity *one, const struct tls_identity *other)
{
    return one &&
           view_eq(tls_identity_facts(one)->fingerprint, tls_identity_facts(other)->fingerprint);
}

/* Where a key is looked for. */
static void append_key_place(const struct certs_entry *entry, struct text *problem)
{
    struct view path = view_str(entry->path);
    int stem_len = path.len > strlen(".crt") ? (int)(path.len - strlen(".crt")) : 0;
    if (entry->key)
        text_appendf(problem, ", and lie in %s", entry->key);
    else if (view_ends_with(path, VIEW("/fullchain.pem")))
        text_append_str(problem, ", and lie beside it in privkey.pem or key.pem");
    else if (view_ends_with(path, VIEW(".crt")))
        text_appendf(problem, ", and lie in %.*s.key", stem_len, path.ptr);
    else
        text_appendf(problem, ", and lie in it or in %.*s.key", stem_len, path.ptr);
}

static bool lacks_key(const struct text *problem)
{
    return view_starts_with(text_view(problem), VIEW("there is no key to it")) ||
           view_starts_with(text_view(problem), VIEW("no key is in its key's file"));
}

static bool is_early(const struct tls_identity *identity, int64_t now_s)
{
    return identity && tls_identity_facts(identity)->not_before_s > now_s;
}

static void replace(struct tls_identity **identity, struct tls_identity *by)
{
    tls_identity_unref(*identity);
    *identity = by;
}

/* One that is valid is not displaced by one that is not yet. */
static void take_identity(struct certs_entry *entry, struct tls_identity *identity, int64_t now_s)
{
    entry->is_same = is_same_identity(entry->identity, identity);
    if (!is_early(identity, now_s))
        replace(&entry->before, NULL);
    else if (entry->identity && !is_early(entry->identity, now_s))
        replace(&entry->before, tls_identity_ref(entry->identity));
    replace(&entry->identity, identity);
}

static bool take(struct certs_entry *entry, const struct reading *reading, int64_t now_s,
                 struct text *problem)
{
    struct view certificate = certs_file_view(&reading->bytes[CERTS_FILE_CERTIFICATE]);
    struct view key = certs_file_view(&reading->bytes[CERTS_FILE_KEY]);
    if (entry->is_client_ca) {
        struct tls_client_ca *ca =
            tls_client_ca_read(certificate, key, problem, &entry->is_problem_of_list);
        if (ca) {
            tls_client_ca_unref(entry->client_ca);
            entry->client_ca = ca;
        }
        return ca != NULL;
    }
    struct tls_identity *identity = tls_identity_read(certificate, key, now_s, problem);
    if (!identity && lacks_key(problem))
        append_key_place(entry, problem);
    if (identity)
        take_identity(entry, identity, now_s);
    return identity != NULL;
}

/* An empty list of revoked certificates would let in those that are on it. */
static bool lacks_list(const struct certs_entry *entry, const struct reading *reading)
{
    return entry->is_client_ca && entry->key && reading->bytes[CERTS_FILE_KEY].len == 0;
}

static enum outcome read_entry(struct certs_entry *entry, struct certs_stamp *stamps, int64_t now_s,
                               struct text *problem)
{
    struct reading reading = {0};
    enum outcome outcome = read_file(entry, CERTS_FILE_CERTIFICATE, &reading, problem);
    entry->is_problem_of_list = entry->is_client_ca && outcome == GOOD;
    if (outcome == GOOD)
        outcome = read_file(entry, CERTS_FILE_KEY, &reading, problem);
    for (unsigned i = 0; outcome == GOOD && i < CERTS_FILE_COUNT; i++)
        if (!certs_file_is_same(&reading.stamps[i], &stamps[i]))
            outcome = CHANGING;
    if (outcome == GOOD && lacks_list(entry, &reading)) {
        text_append_str(problem, "it is empty; put the revocation list there, or take it away");
        outcome = BAD;
    }
    if (outcome == GOOD && !take(entry, &reading, now_s, problem))
        outcome = BAD;
    for (unsigned i = 0; i < CERTS_FILE_COUNT; i++)
        certs_file_drop(&reading.bytes[i]);
    return outcome;
}

/* ---- looking ---------------------------------------------------------------------------------------- */

static bool are_same(const struct certs_stamp *one, const struct certs_stamp *other)
{
    return certs_file_is_same(&one[0], &other[0]) && certs_file_is_same(&one[1], &other[1]);
}

/* Another file is in its place, which has been written to its end: by a rename, or another symlink. */
static bool is_replaced(const struct certs_entry *entry, const struct certs_stamp *now)
{
    for (unsigned i = 0; i < CERTS_FILE_COUNT; i++)
        if (now[i].inode != entry->taken[i].inode || now[i].device != entry->taken[i].device)
            continue;
        else if (!certs_file_is_same(&now[i], &entry->taken[i]))
            return false;
    return true;
}

static bool is_young(const struct certs_stamp *stamps)
{
    int64_t youngest =
        stamps[0].changed_ns > stamps[1].changed_ns ? stamps[0].changed_ns : stamps[1].changed_ns;
    return (int64_t)clock_wall_ns() - youngest < YOUNG_NS;
}

static enum certs_news judge(struct certs_entry *entry, const struct certs_stamp *now,
                             struct text *problem, enum outcome outcome, int64_t now_s)
{
    bool is_known = view_eq(text_view(problem), text_view(&entry->problem));
    memcpy(entry->taken, now, sizeof(entry->taken));
    entry->is_judged = !is_young(now);
    entry->is_pending = !entry->is_judged;
    if (is_known)
        return outcome == BAD ? CERTS_NOTHING : entry->is_same ? CERTS_AGAIN : CERTS_READ;
    text_clear(&entry->problem);
    text_append(&entry->problem, text_view(problem));
    entry->problem_since_s = now_s;
    return outcome == GOOD ? CERTS_READ : CERTS_REFUSED;
}

enum certs_news certs_entry_look(struct certs_entry *entry, int64_t now_s, uint64_t *read_count)
{
    struct certs_stamp now[CERTS_FILE_COUNT] = {certs_file_look(entry->path),
                                                certs_file_look(entry->key)};
    struct text problem = TEXT_INIT;
    bool is_stable = are_same(now, entry->seen);
    memcpy(entry->seen, now, sizeof(entry->seen));
    entry->is_pending = false;
    if (entry->is_judged && are_same(now, entry->taken))
        return CERTS_NOTHING;
    /* Until it was seen twice alike only what is whole at once counts, and what fits. */
    bool is_new = !entry->identity && !entry->client_ca;
    enum outcome outcome = CHANGING;
    if (is_stable || is_new || is_replaced(entry, now)) {
        outcome = read_entry(entry, now, now_s, &problem);
        *read_count += 1;
    }
    enum certs_news news = CERTS_NOTHING;
    if (outcome == GOOD || (outcome == BAD && is_stable))
        news = judge(entry, now, &problem, outcome, now_s);
    else
        entry->is_pending = true;
    text_fini(&problem);
    return news;
}

bool certs_entry_is_early(const struct certs_entry *entry, int64_t now_s)
{
    return is_early(entry->identity, now_s);
}

void certs_entry_turn(struct certs_entry *entry, int64_t now_s)
{
    if (!is_early(entry->identity, now_s))
        replace(&entry->before, NULL);
}

const char *certs_entry_problem_path(const struct certs_entry *entry)
{
    return entry->is_problem_of_list && entry->key ? entry->key : entry->path;
}

int64_t certs_entry_list_end_s(const struct certs_entry *entry)
{
    return entry->client_ca && entry->key ? tls_client_ca_list_end_s(entry->client_ca) : INT64_MAX;
}

void certs_entry_fini(struct certs_entry *entry)
{
    tls_identity_unref(entry->before);
    tls_identity_unref(entry->identity);
    tls_client_ca_unref(entry->client_ca);
    text_fini(&entry->problem);
    free(entry->path);
    free(entry->key);
    free(entry->name);
    *entry = (struct certs_entry){0};
}
