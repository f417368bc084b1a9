#include "lb/config/config_error_page.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/config/config_value.h"

/* Reads the file whole. Fails: what is wrong, static or of strerror. */
static const char *read_file(const char *path, char **bytes, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    if (!file)
        return strerror(errno);
    char *buffer = memory_new(CONFIG_ERROR_PAGE_MAX_BYTES + 1);
    *len = fread(buffer, 1, CONFIG_ERROR_PAGE_MAX_BYTES + 1, file);
    const char *wrong = ferror(file) ? strerror(errno) : NULL;
    if (!wrong && *len > CONFIG_ERROR_PAGE_MAX_BYTES)
        wrong = "it is larger than 64k";
    fclose(file);
    if (wrong)
        free(buffer);
    else
        *bytes = buffer;
    return wrong;
}

static struct config_error_page *place_for(struct config *config, unsigned status)
{
    for (unsigned i = 0; i < config->error_page_count; i++) {
        if (config->error_pages[i].status != status)
            continue;
        free(config->error_pages[i].path);
        free(config->error_pages[i].bytes);
        return &config->error_pages[i];
    }
    if (config->error_page_count == CONFIG_ERROR_PAGE_MAX)
        return NULL;
    return &config->error_pages[config->error_page_count++];
}

bool config_error_page_add(struct config *config, const struct config_setting *setting,
                           struct view text, struct text *problem)
{
    struct view path = text;
    struct view code = view_cut(&path, '=');
    uint64_t status;
    if (!view_parse_u64(code, 599, &status) || status < 400 || path.len == 0)
        return config_value_refuse(setting, text, "is no page for an error", problem);
    if (!config_value_check_string(setting, path, problem))
        return false;
    struct config_error_page page = {.status = (unsigned)status,
                                     .path = memory_copy(path.ptr, path.len)};
    const char *wrong = read_file(page.path, &page.bytes, &page.len);
    struct config_error_page *place = wrong ? NULL : place_for(config, page.status);
    if (place) {
        *place = page;
        return true;
    }
    free(page.path);
    free(page.bytes);
    if (wrong)
        text_appendf(problem, "%.*s cannot be used: %s; name a readable file of at most 64k",
                     (int)path.len, path.ptr, wrong);
    else
        text_appendf(problem, "more than %d pages; give fewer", CONFIG_ERROR_PAGE_MAX);
    return false;
}
