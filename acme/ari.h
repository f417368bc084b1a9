/* When the authority wants a certificate renewed: ARI (RFC 9773). */
#ifndef ACME_ARI_H
#define ACME_ARI_H

#include "acme/client.h"

#define ARI_ASK_FIRST_S 60
#define ARI_ASK_USUAL_S (6 * 3600)
#define ARI_ASK_LAST_S  (24 * 3600)

struct ari_window {
    int64_t start_s, end_s;
    unsigned ask_after_s; /* from now on */
};

/* Fails: false, with `trouble`; it is asked again in ARI_ASK_USUAL_S. */
bool ari_ask(struct client *client, const char *id, struct ari_window *out,
             struct trouble *trouble);

/* Reads {"suggestedWindow":{"start":…,"end":…}}. Pure. */
bool ari_read(struct view body, struct ari_window *out);

#endif
