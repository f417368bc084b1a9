#include "discovery/dialect/naming.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/dialect/image_name.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* What the engine labels the containers of a swarm with. */
#define SWARM_SERVICE "com.docker.swarm.service.name"

static void set_service(struct offer *offer, struct view service, const char *from)
{
    offer->service = clean_copy(service, LIMITS_NAME_BYTES_MAX);
    offer->service_from = memory_copy(from, strlen(from));
}

void naming_name(const struct hearing *hearing, struct offer *offer, struct offers *out)
{
    struct statement_name name = hearing_find_name(hearing, offer->port, false);
    struct view image = image_name_base(hearing->container->image);
    const char *swarm = field_str(hearing->container->from.labels, SWARM_SERVICE);
    if (name.text && !clean_is_clean(view_str(name.text), LIMITS_NAME_BYTES_MAX))
        offers_fail(out, LEFT_OUT_BAD_LABEL,
                    statement_complain(
                        name.from, view_str(name.text),
                        "a name of at most 512 bytes without control characters is accepted"));
    offer->is_guessed = !name.text;
    if (name.text)
        set_service(offer, view_str(name.text), name.from);
    else if (swarm[0] != '\0' && clean_is_clean(view_str(swarm), LIMITS_NAME_BYTES_MAX))
        set_service(offer, view_str(swarm), "the name of its swarm service");
    else if (image.len > 0)
        set_service(offer, image, "the name of its image");
    else
        set_service(offer, view_str(hearing->container->name), "its own name");
    free(name.text);
}
