/* Who may come in: users and hashes of passwords, as Apache's htpasswd writes them, in a file by lines
 * or in a label by commas. What stands here only reads them; lb/policy/password.h tells whether a
 * password is the right one. Thread: any. */
#ifndef LB_CONTRACT_HTPASSWD_H
#define LB_CONTRACT_HTPASSWD_H

#include <stdbool.h>

#include "lb/base/arena.h"
#include "lb/base/text.h"
#include "lb/base/view.h"

#define HTPASSWD_BYTES_MAX      1048576u /* of a list */
#define HTPASSWD_USERS_MAX      4096u
#define HTPASSWD_USER_BYTES_MAX 255u

/* What a hash may cost whoever checks a password: some tenths of a second. */
#define HTPASSWD_BCRYPT_COST_MAX 14u
#define HTPASSWD_SHA_ROUNDS_MAX  1000000u

enum htpasswd_form {
    HTPASSWD_BCRYPT, /* $2y$, $2b$, $2a$ */
    HTPASSWD_SHA256, /* $5$ */
    HTPASSWD_SHA512, /* $6$ */
    HTPASSWD_MD5,    /* $1$ */
    HTPASSWD_APR1,   /* $apr1$ */
    HTPASSWD_SHA1,   /* {SHA} */
    HTPASSWD_FORM_COUNT
};

struct htpasswd_user {
    struct view name, hash;
    enum htpasswd_form form;
    unsigned line; /* from 1: where it stands */
};

/* Zeroed memory is an empty one. */
struct htpasswd {
    const struct htpasswd_user *users; /* by name */
    unsigned count;
};

/* What is good of the text; all of it is copied, and lives in the arena. `problems` gets what is not:
 * "line 3 …", never a hash. Where a name is there twice, the first counts. */
void htpasswd_parse(struct htpasswd *list, struct view text, char separator, struct arena *arena,
                    struct text *problems);

/* What that takes of the arena at most. */
size_t htpasswd_bytes(struct view text, char separator);

/* NULL: nobody of that name. Borrowed, as the next. */
const struct htpasswd_user *htpasswd_find(const struct htpasswd *list, struct view name);

/* For one who is not there somebody else, always the same for a name: his hash is tried, so that who
 * is not there takes as long as who is. The list is not empty. */
const struct htpasswd_user *htpasswd_find_other(const struct htpasswd *list, struct view name);

/* For an option of a route: whether all of it is good, with commas between users. */
bool htpasswd_check(struct view text, struct text *problem);

#endif
