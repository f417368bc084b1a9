#include "lb/certs/certs_picture.h"

#include <stdlib.h>

void certs_picture_free(struct certs_picture *picture)
{
    if (!picture)
        return;
    tls_store_unref(picture->store);
    arena_fini(&picture->arena);
    free(picture);
}
