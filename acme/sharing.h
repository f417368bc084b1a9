/* What travels between several lbs through Consul's KV: challenges, which any of them may be asked for, and certificates. */
#ifndef ACME_SHARING_H
#define ACME_SHARING_H

#include "acme/consul.h"

enum sharing_kind { SHARING_CHALLENGE, SHARING_ALPN, SHARING_CERTIFICATE, SHARING_KIND_COUNT };

struct sharing {
    struct consul *consul;            /* borrowed */
    char index[EXCHANGE_FIELD_BYTES]; /* of what was read last */
};

/* One of them: what stands under lb/acme/KIND/NAME. */
struct sharing_item {
    enum sharing_kind kind;
    const char *name;
    struct view value;
};

/* Fails: false, with `trouble`. */
bool sharing_put(struct sharing *sharing, enum sharing_kind kind, const char *name,
                 struct view value, struct trouble *trouble);

/* As far as it can be done now: what stays is taken away when the next order is made. */
void sharing_remove(struct sharing *sharing, enum sharing_kind kind, const char *name);

/* Gives each of them to `take`, if anything has changed since the last time: `is_changed`. Names are such that they can be names of
 * files. Fails: false, with `trouble`. */
bool sharing_read(struct sharing *sharing, bool *is_changed, void *owner,
                  void (*take)(void *owner, const struct sharing_item *item),
                  struct trouble *trouble);

#endif
