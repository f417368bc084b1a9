/* Large bodies of known length: what of one is still to come goes through a pipe, inside the
 * kernel. Both directions of one exchange. Everybody else sees the same as of a copied body:
 * counts, pauses, deadlines and the end. */
#ifndef LB_PROXY_BULK_H
#define LB_PROXY_BULK_H

#include "lb/back/back.h"
#include "lb/front/front.h"

/* Zeroed memory is empty. */
struct bulk {
    struct splice *request; /* what is left of the body goes through it; NULL: is copied */
    struct splice *response;
};

/* What is at hand was sent: the rest goes through a pipe if it is worth it. Not for a request that
 * can still be sent again. */
void bulk_begin_request(struct bulk *bulk, struct front *front, const struct back *back);
void bulk_begin_response(struct bulk *bulk, struct back *back, const struct front *front);

/* Something is in that pipe. */
bool bulk_has_request(const struct bulk *bulk);
bool bulk_has_response(const struct bulk *bulk);

/* Moves it on, adds to `*body_bytes`, and lets the source go on or pauses it. A broken backend is
 * told by its read side. */
void bulk_send(struct bulk *bulk, struct front *front, struct back *back, uint64_t *body_bytes);

/* The same for the response. Gives false where the client is gone; otherwise the response may be
 * over by it, and with it the exchange. */
bool bulk_answer(struct bulk *bulk, struct front *front, struct back *back, uint64_t *body_bytes);

/* Gives the pipes back; the client's bytes are read as usual again. */
void bulk_end(struct bulk *bulk, struct front *front);

#endif
