#include "lb/config/config.h"

#include <stdlib.h>

void config_clear_error_pages(struct config *config)
{
    for (unsigned i = 0; i < config->error_page_count; i++) {
        free(config->error_pages[i].path);
        free(config->error_pages[i].bytes);
    }
    config->error_page_count = 0;
}

void config_fini(struct config *config)
{
    for (unsigned i = 0; i < config->backend_count; i++)
        free(config->backends[i].host);
    free(config->backends);
    free(config->admin_token);
    free(config->admin_token_file);
    free(config->admin_host);
    free(config->admin_secret);
    config_clear_error_pages(config);
    free(config->docker_endpoint);
    free(config->file_path);
    free(config->service);
    free(config->discovery_program);
    free(config->state_path);
    free(config->config_path);
    free(config->access_log);
    free(config->access_log_format);
    *config = (struct config){0};
}
