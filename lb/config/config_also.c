#include "lb/config/config_also.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lb/base/memory.h"

/* Who says one of them, and no more, wants no more. */
static bool names_only(const struct config_layer *const layers[CONFIG_ALSO_LAYERS],
                       const char *word, const char *also)
{
    for (unsigned i = 0; i < CONFIG_ALSO_LAYERS; i++)
        if (config_layer_last(layers[i], word) && !config_layer_last(layers[i], also))
            return true;
    return false;
}

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool has_directory(const struct config *config, const char *path)
{
    for (unsigned i = 0; i < config->certificate_dir_count; i++)
        if (strcmp(config->certificate_dirs[i], path) == 0)
            return true;
    return false;
}

static void add_directory(struct config *config, const char *path)
{
    unsigned count = config->certificate_dir_count;
    if (count >= CONFIG_CERTIFICATE_DIR_MAX || has_directory(config, path))
        return;
    config->certificate_dirs =
        memory_resize(config->certificate_dirs, (count + 1) * sizeof(*config->certificate_dirs));
    config->certificate_dirs[count] = memory_copy(path, strlen(path));
    config->certificate_dir_count++;
}

static bool has_something_to_show(const struct config *config)
{
    return config->certificate_dir_count > 0 || config->acme.email;
}

void config_also_settle(struct config *config,
                        const struct config_layer *const layers[CONFIG_ALSO_LAYERS])
{
    if (names_only(layers, "listen", "listen-also"))
        config->also_count = 0;
    if (!names_only(layers, "certificates", "certificates-also"))
        for (unsigned i = 0; i < config->certificate_also_count; i++)
            if (is_directory(config->certificate_also[i]))
                add_directory(config, config->certificate_also[i]);
    if (config->acme.email)
        add_directory(config, config->acme.folder);
    if (names_only(layers, "listen-tls", "listen-tls-also") || !has_something_to_show(config))
        config->tls.also_count = 0;
}
