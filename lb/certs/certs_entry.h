/* One certificate with its key, or one client CA, as it was read last. Thread: one at a time. */
#ifndef LB_CERTS_CERTS_ENTRY_H
#define LB_CERTS_CERTS_ENTRY_H

#include "lb/base/text.h"
#include "lb/certs/certs_file.h"
#include "lb/certs/certs_layout.h"
#include "lb/tls/tls_host.h"

enum certs_file_kind { CERTS_FILE_CERTIFICATE, CERTS_FILE_KEY, CERTS_FILE_COUNT };

struct certs_entry {
    char *path, *key, *name; /* its own; as in struct certs_spot */
    bool is_client_ca, is_default, is_filed, is_for_all;
    struct certs_stamp seen[CERTS_FILE_COUNT];  /* the last time it was looked at */
    struct certs_stamp taken[CERTS_FILE_COUNT]; /* when it was read, and judged */
    bool is_judged;
    bool is_hidden;                /* where it lies nobody can look now */
    bool is_same;                  /* the last reading gave the same certificate */
    bool is_pending;               /* it is on its way: it is to be looked at soon */
    struct tls_identity *identity; /* the newest that was good; NULL: none was */
    struct tls_identity
        *before; /* shown until `identity` is valid, which it is not yet; NULL: none */
    struct tls_client_ca *client_ca;
    struct text problem;     /* with the newest; empty: none */
    bool is_problem_of_list; /* it is with the revocation list, no matter what the CA is like */
    bool is_end_of_list_told;
    int64_t problem_since_s;
};

enum certs_news {
    CERTS_NOTHING,
    CERTS_READ,    /* it is another one now */
    CERTS_AGAIN,   /* it was read again, and is the same; its chain may be another */
    CERTS_REFUSED, /* the problem is new */
};

/* Of nothing that was read yet. Copies. */
void certs_entry_init(struct certs_entry *entry, const struct certs_spot *spot);

/* The files beside it may be others now. */
void certs_entry_follow(struct certs_entry *entry, const struct certs_spot *spot);

/* Looks, and reads where that is other than it was. `read_count` goes up with each reading. */
enum certs_news certs_entry_look(struct certs_entry *entry, int64_t now_s, uint64_t *read_count);

/* Whether its certificate is not valid yet. */
bool certs_entry_is_early(const struct certs_entry *entry, int64_t now_s);

/* Lets go of the one before, once it is not needed any more. */
void certs_entry_turn(struct certs_entry *entry, int64_t now_s);

/* The file that the problem is told of. */
const char *certs_entry_problem_path(const struct certs_entry *entry);

/* When its revocation list is over; INT64_MAX: never. */
int64_t certs_entry_list_end_s(const struct certs_entry *entry);

void certs_entry_fini(struct certs_entry *entry);

#endif
