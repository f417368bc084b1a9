#include "lb/policy/user_list.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "lb/base/hash.h"
#include "lb/base/memory.h"
#include "lb/policy/password.h"

struct user_list *user_list_new(struct view text, char separator, struct text *problems)
{
    struct user_list *list = memory_new(sizeof(*list));
    atomic_init(&list->ref_count, 1);
    htpasswd_parse(&list->users, text, separator, problems);
    if (list->users.count > 0 && EVP_Digest(text.ptr, text.len, (unsigned char *)list->digest, NULL,
                                            EVP_sha256(), NULL) == 1)
        return list;
    user_list_unref(list);
    return NULL;
}

struct user_list *user_list_ref(struct user_list *list)
{
    atomic_fetch_add_explicit(&list->ref_count, 1, memory_order_relaxed);
    return list;
}

void user_list_unref(struct user_list *list)
{
    if (!list || atomic_fetch_sub_explicit(&list->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    htpasswd_fini(&list->users);
    free(list);
}

bool user_list_admits(const struct user_list *list, struct view user, struct view password)
{
    const struct htpasswd_user *found = htpasswd_find(&list->users, user);
    const struct htpasswd_user *tried =
        found ? found : &list->users.users[hash_view(HASH_INIT, user) % list->users.count];
    bool is_right = password_is_right(tried, password);
    return is_right && found;
}
