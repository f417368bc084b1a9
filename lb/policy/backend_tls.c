#include "lb/policy/backend_tls.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"

struct backend_tls_way {
    struct backend_tls_way *next;
    struct upstream_tls said;  /* its name is that of the server where the service names none */
    uint64_t version;          /* of the files that it was compared with */
    uint64_t files;            /* what it was made of */
    struct tls_client *client; /* NULL: `problem` says why */
    struct text problem;
};

void backend_tls_take_library(struct backend_tls *tls, struct library *library)
{
    library_unref(tls->library);
    tls->library = library_ref(library);
    tls->version++;
}

/* ---- one way ---------------------------------------------------------------------------------- */

static uint64_t look_at_files(const struct backend_tls *tls, const struct upstream_tls *said)
{
    struct view ca = library_find_pem(tls->library, view_str(said->ca));
    struct view own = library_find_pem(tls->library, view_str(said->certificate));
    return hash_view(hash_view(HASH_INIT, ca) * HASH_PRIME + ca.len, own);
}

static void refuse(struct backend_tls_way *way, const char *word, const char *name, const char *why)
{
    text_appendf(&way->problem, "%s%s%s", word, name, why);
}

/* Whether its files are there. */
static bool has_files(const struct upstream_tls *said, struct view ca, struct view own,
                      struct backend_tls_way *way)
{
    static const char missing[] =
        " is not in --backend-certificates, or cannot be read: put it there";
    if (said->ca[0] && ca.len == 0)
        refuse(way, "the file of backend-ca ", said->ca, missing);
    else if (said->certificate[0] && own.len == 0)
        refuse(way, "the file of backend-certificate ", said->certificate, missing);
    return way->problem.len == 0;
}

/* A certificate of any of the world's authorities, for whatever name, says nothing of who answers. */
static bool is_decidable(const struct upstream_tls *said, struct backend_tls_way *way)
{
    if (said->verify == UPSTREAM_TLS_REFUSES)
        refuse(way, "what is said of its certificate cannot be used: mend the words backend-*", "",
               "");
    else if (upstream_tls_verifies(said) && !said->name[0] && !said->ca[0])
        refuse(way, "its certificate is to be verified, and nothing says for which name: ", "",
               "backend-name does, or backend-ca whose certificates are good for any");
    return way->problem.len == 0;
}

/* "ca.pem: no certificates …" */
static void name_files(struct backend_tls_way *way)
{
    struct text problem = way->problem;
    way->problem = TEXT_INIT;
    text_appendf(&way->problem, "%s%s%s: ", way->said.ca,
                 way->said.ca[0] && way->said.certificate[0] ? " or " : "", way->said.certificate);
    text_append(&way->problem, text_view(&problem));
    text_fini(&problem);
}

static void make(struct backend_tls *tls, struct backend_tls_way *way)
{
    const struct upstream_tls *said = &way->said;
    struct view ca = library_find_pem(tls->library, view_str(said->ca));
    struct view own = library_find_pem(tls->library, view_str(said->certificate));
    struct tls_client_options options = {.verifies = upstream_tls_verifies(said),
                                         .ca = ca,
                                         .identity = own,
                                         .name = view_str(said->name)};
    text_clear(&way->problem);
    way->files = look_at_files(tls, said);
    if (!is_decidable(said, way) || !has_files(said, ca, own, way))
        return;
    way->client = tls_client_new(&options, &way->problem);
    if (!way->client && way->problem.len > 0)
        name_files(way);
}

static void unmake(struct backend_tls_way *way)
{
    tls_client_unref(way->client);
    way->client = NULL;
}

static void free_way(struct backend_tls_way *way)
{
    unmake(way);
    text_fini(&way->problem);
    free(way);
}

/* ---- all of them ------------------------------------------------------------------------------ */

static void drop_last(struct backend_tls *tls)
{
    struct backend_tls_way **link = &tls->ways;
    while ((*link)->next)
        link = &(*link)->next;
    free_way(*link);
    *link = NULL;
    tls->count--;
}

/* Takes it out of its place, NULL: there is none. */
static struct backend_tls_way *take_out(struct backend_tls *tls, const struct upstream_tls *said)
{
    for (struct backend_tls_way **link = &tls->ways; *link; link = &(*link)->next) {
        struct backend_tls_way *way = *link;
        if (memcmp(&way->said, said, sizeof(*said)) != 0)
            continue;
        *link = way->next;
        return way;
    }
    return NULL;
}

static struct backend_tls_way *add(struct backend_tls *tls, const struct upstream_tls *said)
{
    if (tls->count == BACKEND_TLS_MAX)
        drop_last(tls);
    struct backend_tls_way *way = memory_new(sizeof(*way));
    memcpy(&way->said, said, sizeof(*said));
    tls->count++;
    make(tls, way);
    return way;
}

static void compare_files(struct backend_tls *tls, struct backend_tls_way *way)
{
    if (way->files != look_at_files(tls, &way->said)) {
        unmake(way);
        make(tls, way);
    }
}

struct tls_client *backend_tls_find(struct backend_tls *tls, const struct upstream_tls *said,
                                    const char *host, const char **problem)
{
    struct upstream_tls wanted;
    memcpy(&wanted, said, sizeof(wanted));
    wanted.verify =
        said->verify == UPSTREAM_TLS_UNSAID
            ? (upstream_tls_verifies(said) ? UPSTREAM_TLS_VERIFIES : UPSTREAM_TLS_BELIEVES)
            : said->verify;
    if (!wanted.name[0] && host)
        memcpy(wanted.name, host, strnlen(host, sizeof(wanted.name) - 1));
    struct backend_tls_way *way = take_out(tls, &wanted);
    if (!way)
        way = add(tls, &wanted);
    else if (way->version != tls->version)
        compare_files(tls, way);
    way->version = tls->version;
    way->next = tls->ways;
    tls->ways = way;
    if (problem)
        *problem = text_str(&way->problem);
    return way->client;
}

void backend_tls_fini(struct backend_tls *tls)
{
    while (tls->ways) {
        struct backend_tls_way *next = tls->ways->next;
        free_way(tls->ways);
        tls->ways = next;
    }
    library_unref(tls->library);
    *tls = (struct backend_tls){0};
}
