/* The account at an ACME server: its key is its name. One for each directory, in accounts/ of the state's folder. */
#ifndef ACME_ACCOUNT_H
#define ACME_ACCOUNT_H

#include "acme/client.h"

struct account_options {
    const char *folder; /* accounts/; all are borrowed */
    const char *directory_url;
    const char *email;          /* contact; "": none */
    const char *binding_kid;    /* EAB; NULL: none */
    struct view binding_secret; /* its key, decoded */
};

struct account {
    struct account_options options;
    EVP_PKEY *key;
    char name[64]; /* of its files, without what is behind the dot */
    bool is_new;   /* it was made by this call of account_open */
};

/* Finds or makes it, puts its key and URL into `client`, and tells the server another contact. The key is on the disk before the
 * server knows it. Fails: false, with `trouble`. account_close in either case. */
bool account_open(struct account *account, const struct account_options *options,
                  struct client *client, struct trouble *trouble);
void account_close(struct account *account);

/* A new key in place of the old one (RFC 8555 § 7.3.5). Whatever ends this in the middle, the next account_open finds the one that
 * holds. Fails: false, with `trouble`; the old one holds. */
bool account_roll_over(struct account *account, struct client *client, struct trouble *trouble);

/* The server does not know it any more: what is on the disk about it but for its key is forgotten. */
void account_forget(const struct account *account);

/* Whether its key is on the disk. */
bool account_exists(const char *folder, const char *directory_url);

#endif
