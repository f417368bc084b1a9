/* What requests may need of the operator's files: who may sign in, pages for errors, and certificates for servers.
 * A picture of three directories, immutable and counted; control makes the next one when something changes. */
#ifndef LB_POLICY_LIBRARY_H
#define LB_POLICY_LIBRARY_H

#include <stdatomic.h>

#include "lb/base/arena.h"
#include "lb/contract/htpasswd.h"
#include "lb/http/answer.h"

/* A file of users. */
struct library_users {
    struct view name;
    struct htpasswd list; /* empty: it cannot be used */
};

/* A page of a folder: for one status, or for a class of them. */
struct library_page {
    struct view folder;
    unsigned low, high; /* statuses */
    struct answer_page page;
};

/* A file of certificates, or of a certificate with its key, for servers by https. */
struct library_pem {
    struct view name;
    struct view bytes;
};

struct library {
    atomic_uint ref_count;
    struct arena arena; /* of all bytes */
    bool is_blind;      /* the directory of users cannot be read: nobody knows which are there */
    const struct library_users *users; /* by name */
    unsigned users_count;
    bool misses_users;                /* there may be more of them */
    const struct library_page *pages; /* single statuses before classes */
    unsigned page_count;
    const struct library_pem *pems; /* by name */
    unsigned pem_count;
};

/* Gives one reference, to fill. Thread: control. */
struct library *library_new(void);

/* Thread: any, as for all that follow. */
struct library *library_ref(struct library *library);

/* The last one frees it. NULL is allowed. */
void library_unref(struct library *library);

enum library_answer {
    LIBRARY_FOUND,
    LIBRARY_NONE,    /* none of the files is there, and none has to be */
    LIBRARY_UNKNOWN, /* one that has to be there is not, or cannot be used */
};

/* The users of the value of auth-file. `library` may be NULL: nothing is known yet. Borrows. */
enum library_answer library_find_users(const struct library *library, struct view files,
                                       const struct htpasswd **list);

/* Whether that folder has any page. */
bool library_has_folder(const struct library *library, struct view folder);

/* The page of that folder for a status; where JSON is wanted, one that is JSON, else one that is not.
 * NULL: none. Borrowed. */
const struct answer_page *library_find_page(const struct library *library, struct view folder,
                                            unsigned status, bool wants_json);

/* The bytes of that file of --backend-certificates; empty: it is not there, or cannot be read. Borrowed. `library`
 * may be NULL. */
struct view library_find_pem(const struct library *library, struct view name);

#endif
