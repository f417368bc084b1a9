#include "discovery/losses.h"

#include <stdio.h>

static const struct {
    const char *what;
    const char *meaning;
} known[LOSS_COUNT] = {
    [LOSS_PING] = {"/_ping", "its API version is not known, the engine's own is taken"},
    [LOSS_EVENTS] = {"/events", "containers are listed every 2 s instead; a stop is seen up to 2 s "
                                "late, and not before it is over"},
    [LOSS_NETWORKS] = {"/networks", "internal networks and those without a route from the host are "
                                    "not told from others"},
    [LOSS_INSPECT] =
        {"/containers/ID/json",
         "the list tells what there is to know: no environment (SERVICE_NAME), no stop "
         "signal other than TERM"},
    [LOSS_INFO] = {"/info", "the host's name is not known: ids of what is registered have lb's own "
                            "hostname instead, or what --host-name says"},
};

const char *losses_note(struct losses *losses, enum loss loss, int status)
{
    losses->status[loss] = status;
    snprintf(losses->text[loss], LOSSES_TEXT_BYTES, "GET %s is refused with status %d: %s",
             known[loss].what, status, known[loss].meaning);
    bool is_new = losses->told[loss] != status;
    losses->told[loss] = status;
    return is_new ? losses->text[loss] : NULL;
}

void losses_forget(struct losses *losses)
{
    for (enum loss loss = 0; loss < LOSS_COUNT; loss++)
        losses->status[loss] = 0;
}

bool losses_has(const struct losses *losses, enum loss loss)
{
    return losses->status[loss] != 0;
}
