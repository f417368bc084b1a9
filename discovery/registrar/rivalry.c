#include "discovery/registrar/rivalry.h"

#define COUNT_MAX      3u
#define WITHIN_MS      120000u
#define PAUSE_FIRST_MS 10000u
#define PAUSE_CAP_MS   600000u

static void begin_anew(struct rivalry *rivalry, uint64_t now_ms)
{
    *rivalry = (struct rivalry){.first_at_ms = now_ms};
}

void rivalry_note(struct rivalry *rivalry, uint64_t now_ms)
{
    bool is_over = rivalry->pause_ms > 0 ? !rivalry_is_on(rivalry, now_ms)
                                         : now_ms >= rivalry->first_at_ms + WITHIN_MS;
    if (rivalry->count == 0 || is_over)
        begin_anew(rivalry, now_ms);
    if (++rivalry->count < COUNT_MAX)
        return;
    uint64_t pause_ms = rivalry->pause_ms > 0 ? 2 * rivalry->pause_ms : PAUSE_FIRST_MS;
    rivalry->pause_ms = pause_ms < PAUSE_CAP_MS ? pause_ms : PAUSE_CAP_MS;
    rivalry->until_ms = now_ms + rivalry->pause_ms;
}

bool rivalry_holds(const struct rivalry *rivalry, uint64_t now_ms)
{
    return now_ms < rivalry->until_ms;
}

bool rivalry_is_on(const struct rivalry *rivalry, uint64_t now_ms)
{
    return rivalry->pause_ms > 0 && now_ms < rivalry->until_ms + 2 * rivalry->pause_ms + WITHIN_MS;
}
