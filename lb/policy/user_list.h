/* The users that a route lets in: immutable, counted, shared by all who ask. */
#ifndef LB_POLICY_USER_LIST_H
#define LB_POLICY_USER_LIST_H

#include <stdatomic.h>

#include "lb/contract/htpasswd.h"

#define USER_LIST_DIGEST_BYTES 32u

struct user_list {
    atomic_uint ref_count;
    struct htpasswd users;
    char digest[USER_LIST_DIGEST_BYTES]; /* SHA-256 of the text: two lists of one are the same */
};

/* Of a text as htpasswd_parse takes it, which says the same to `problems`. Gives one reference. Fails:
 * NULL; there is nobody in it. */
struct user_list *user_list_new(struct view text, char separator, struct text *problems);

/* Thread: any, as for all that follow. */
struct user_list *user_list_ref(struct user_list *list);

/* The last one frees it. NULL is allowed. */
void user_list_unref(struct user_list *list);

/* Whether somebody of that name is there whose password it is. Who is not there takes as long as who
 * is: a hash of somebody else in the list is tried, always the same for a name. Slow, see
 * password_is_right. */
bool user_list_admits(const struct user_list *list, struct view user, struct view password);

#endif
