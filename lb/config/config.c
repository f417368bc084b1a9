#include "lb/config/config.h"

#include <stdlib.h>

#include "lb/config/config_field.h"
#include "lb/config/settings.h"

/* In the order in which they are shown. */
static const struct config_setting tables[] = {
    {.table = &settings_listen},
    {.table = &settings_listener},
    {.table = &settings_tls},
    {.table = &settings_certificate},
    {.table = &settings_acme},
    {.table = &settings_https},
    {.table = &settings_source},
    {.table = &settings_upstream_tls},
    {.table = &settings_catalog},
    {.table = &settings_deadline},
    {.table = &config_policy_health, CONFIG_FIELD(struct config, policy)},
    {.table = &settings_limit},
    {.table = &settings_process},
    {.table = &settings_report},
    {.table = &settings_other},
};

const struct config_table config_root = CONFIG_TABLE(struct config, tables);

void config_fini(struct config *config)
{
    config_field_fini_all(&config_root, config);
    free(config->admin_secret);
    free(config->sticky_secret);
    free(config->tls.ticket_keys);
    free(config->report.dsn_secret);
    *config = (struct config){0};
}
