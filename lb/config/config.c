#include "lb/config/config.h"

#include <stdlib.h>

void config_fini(struct config *config)
{
    for (unsigned i = 0; i < config->backend_count; i++)
        free(config->backends[i].host);
    free(config->backends);
    free(config->admin_token);
    free(config->admin_token_file);
    free(config->admin_secret);
    free(config->docker_endpoint);
    free(config->file_path);
    free(config->service);
    free(config->discovery_program);
    free(config->config_path);
    *config = (struct config){0};
}
