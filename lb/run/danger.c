#include "lb/run/danger.h"

#include "lb/base/log.h"
#include "lb/base/text.h"

void danger_tell(const struct config *config)
{
    const struct {
        const char *flag;
        unsigned ms;
    } deadlines[] = {
        {"--head-timeout", config->head_timeout_ms},
        {"--idle-timeout", config->idle_timeout_ms},
        {"--last-connect-timeout", config->policy.last_connect_timeout_ms},
        {"--response-timeout", config->policy.response_timeout_ms},
        {"--body-timeout", config->policy.body_timeout_ms},
        {"--discovery-timeout", config->discovery_timeout_ms},
        {"--shutdown-grace", config->shutdown_grace_ms},
    };
    struct text off = TEXT_INIT;
    for (unsigned i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++)
        if (deadlines[i].ms == 0)
            text_appendf(&off, "%s%s", off.len > 0 ? ", " : "", deadlines[i].flag);
    if (off.len > 0)
        log_warn("off: %s; what stands still there is waited for without end", text_str(&off));
    text_fini(&off);
}
