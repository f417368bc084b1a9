#include "lb/config/config_field.h"

#include <assert.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/config/config_endpoint.h"
#include "lb/config/config_error_page.h"
#include "lb/config/config_value.h"

/* ---- fields of one number or one string -------------------------------------------------------*/

static void store_number(struct config *config, const struct config_setting *setting,
                         uint64_t value)
{
    char *field = (char *)config + setting->offset;
    if (setting->width_bytes == sizeof(uint64_t)) {
        memcpy(field, &value, sizeof(value));
    } else {
        unsigned narrow = (unsigned)value;
        assert(setting->width_bytes == sizeof(narrow) && narrow == value);
        memcpy(field, &narrow, sizeof(narrow));
    }
}

static uint64_t load_number(const struct config *config, const struct config_setting *setting)
{
    const char *field = (const char *)config + setting->offset;
    uint64_t wide;
    unsigned narrow;
    if (setting->width_bytes == sizeof(wide)) {
        memcpy(&wide, field, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, field, sizeof(narrow));
    return narrow;
}

static void replace(char **field, const char *text)
{
    free(*field);
    *field = text ? memory_copy(text, strlen(text)) : NULL;
}

static char **string_field(struct config *config, const struct config_setting *setting)
{
    switch (setting->kind) {
    case CONFIG_KIND_DOCKER:
        return &config->docker_endpoint;
    case CONFIG_KIND_FILE:
        return &config->file_path;
    default:
        assert(setting->width_bytes == sizeof(char *));
        return (char **)(void *)((char *)config + setting->offset);
    }
}

static const char *string_of(const struct config *config, const struct config_setting *setting)
{
    switch (setting->kind) {
    case CONFIG_KIND_DOCKER:
        return config->docker_endpoint;
    case CONFIG_KIND_FILE:
        return config->file_path;
    default:
        return *(char *const *)(const void *)((const char *)config + setting->offset);
    }
}

/* ---- clear ------------------------------------------------------------------------------------*/

static enum config_source source_of(const struct config_setting *setting)
{
    switch (setting->kind) {
    case CONFIG_KIND_FILE:
        return CONFIG_SOURCE_FILE;
    case CONFIG_KIND_BACKEND:
        return CONFIG_SOURCE_STATIC;
    default:
        return CONFIG_SOURCE_DOCKER;
    }
}

static void clear_sources(struct config *config)
{
    for (unsigned i = 0; i < config->backend_count; i++)
        free(config->backends[i].host);
    free(config->backends);
    config->backends = NULL;
    config->backend_count = 0;
    replace(&config->docker_endpoint, NULL);
    replace(&config->file_path, NULL);
}

/* The list of ranges that a setting fills. */
static struct cidr *ranges_of(struct config *config, const struct config_setting *setting)
{
    return (struct cidr *)((char *)config + setting->offset);
}

static unsigned *count_of_ranges(struct config *config, const struct config_setting *setting)
{
    return ranges_of(config, setting) == config->trusted ? &config->trusted_count
                                                         : &config->allowed_count;
}

void config_field_clear(struct config *config, const struct config_setting *setting)
{
    if (setting->kind == CONFIG_KIND_LISTEN) {
        config->listen_count = 0;
    } else if (setting->kind == CONFIG_KIND_CIDR) {
        *count_of_ranges(config, setting) = 0;
    } else if (setting->kind == CONFIG_KIND_ERROR_PAGE) {
        config_clear_error_pages(config);
    } else if (config_table_is_source(setting)) {
        clear_sources(config);
        config->source = source_of(setting);
    }
}

/* ---- set --------------------------------------------------------------------------------------*/

static bool refuse_twice(struct view value, struct text *problem)
{
    config_value_append_quoted(value, problem);
    text_append_str(problem, " is given twice; give each address once");
    return false;
}

static bool add_listen(struct config *config, const struct config_setting *setting,
                       struct view text, struct text *problem)
{
    struct address listen;
    if (!config_endpoint_parse_listen(setting, text, &listen, problem))
        return false;
    for (unsigned i = 0; i < config->listen_count; i++)
        if (address_port(&listen) != 0 && address_eq(&listen, &config->listens[i]))
            return refuse_twice(text, problem);
    if (config->listen_count == CONFIG_LISTEN_MAX) {
        text_appendf(problem, "more than %d addresses; give fewer", CONFIG_LISTEN_MAX);
        return false;
    }
    config->listens[config->listen_count++] = listen;
    return true;
}

static bool add_backend(struct config *config, const struct config_setting *setting,
                        struct view text, struct text *problem)
{
    struct config_backend backend;
    if (!config_endpoint_parse_backend(setting, text, &backend, problem))
        return false;
    for (unsigned i = 0; i < config->backend_count; i++) {
        const struct config_backend *other = &config->backends[i];
        if (backend.port == other->port &&
            view_eq_nocase(view_str(backend.host), view_str(other->host))) {
            free(backend.host);
            return refuse_twice(text, problem);
        }
    }
    if (config->backend_count == CONFIG_BACKEND_MAX) {
        free(backend.host);
        text_appendf(problem, "more than %d backends; give fewer", CONFIG_BACKEND_MAX);
        return false;
    }
    size_t count = config->backend_count + 1;
    config->backends = memory_resize(config->backends, count * sizeof(backend));
    config->backends[config->backend_count++] = backend;
    return true;
}

static bool add_ranges(struct config *config, const struct config_setting *setting,
                       struct view text, struct text *problem)
{
    unsigned *count = count_of_ranges(config, setting);
    while (text.ptr) {
        struct view part = view_trim(view_cut(&text, ','));
        if (*count == CONFIG_TRUSTED_MAX) {
            text_appendf(problem, "more than %d ranges; give fewer", CONFIG_TRUSTED_MAX);
            return false;
        }
        if (!cidr_parse(part, &ranges_of(config, setting)[*count]))
            return config_value_refuse(setting, part, "is no range of addresses", problem);
        ++*count;
    }
    return true;
}

static bool set_admin(struct config *config, const struct config_setting *setting, struct view text,
                      struct text *problem)
{
    config->admin = (struct address){0};
    bool is_off = view_eq(text, VIEW("off"));
    config->admin_enabled =
        !is_off && config_endpoint_parse_listen(setting, text, &config->admin, problem);
    return is_off || config->admin_enabled;
}

static bool set_number(struct config *config, const struct config_setting *setting,
                       struct view text, struct text *problem)
{
    uint64_t value;
    if (!config_value_parse_number(setting, text, &value, problem))
        return false;
    store_number(config, setting, value);
    return true;
}

bool config_field_set(struct config *config, const struct config_setting *setting, const char *text,
                      struct text *problem)
{
    struct view view = view_str(text);
    switch (setting->kind) {
    case CONFIG_KIND_LISTEN:
        return add_listen(config, setting, view, problem);
    case CONFIG_KIND_BACKEND:
        return add_backend(config, setting, view, problem);
    case CONFIG_KIND_CIDR:
        return add_ranges(config, setting, view, problem);
    case CONFIG_KIND_ERROR_PAGE:
        return config_error_page_add(config, setting, view, problem);
    case CONFIG_KIND_ADMIN:
        return set_admin(config, setting, view, problem);
    case CONFIG_KIND_COUNT:
    case CONFIG_KIND_DURATION:
    case CONFIG_KIND_SIZE:
    case CONFIG_KIND_WORD:
        return set_number(config, setting, view, problem);
    case CONFIG_KIND_CHECK:
        return check_set(&config->policy.check, config_table_check_word(setting), view) ||
               config_value_refuse(setting, view, "cannot be used", problem);
    case CONFIG_KIND_DOCKER:
        if (text && !config_endpoint_check_docker(setting, view, problem))
            return false;
        break;
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_NAME:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_SECRET:
    case CONFIG_KIND_TEXT:
        if (!config_value_check_string(setting, view, problem))
            return false;
        break;
    case CONFIG_KIND_ACTION:
        assert(setting->kind != CONFIG_KIND_ACTION); /* config_args keeps them out of layers */
        return false;
    }
    replace(string_field(config, setting), text);
    return true;
}

/* ---- take out ---------------------------------------------------------------------------------*/

static bool has_check_word(const struct config *config, const struct config_setting *setting)
{
    struct text value = TEXT_INIT;
    check_format(&config->policy.check, config_table_check_word(setting), &value);
    bool is_given = value.len > 0;
    text_fini(&value);
    return is_given;
}

unsigned config_field_count(const struct config *config, const struct config_setting *setting)
{
    if (setting->flag_only)
        return 0;
    switch (setting->kind) {
    case CONFIG_KIND_LISTEN:
        return config->listen_count;
    case CONFIG_KIND_BACKEND:
        return config->backend_count;
    case CONFIG_KIND_CIDR:
        return *count_of_ranges((struct config *)(uintptr_t)config, setting);
    case CONFIG_KIND_ERROR_PAGE:
        return config->error_page_count;
    case CONFIG_KIND_DOCKER:
    case CONFIG_KIND_FILE:
        return config->source == source_of(setting);
    case CONFIG_KIND_CHECK:
        return has_check_word(config, setting);
    case CONFIG_KIND_NAME:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_SECRET:
    case CONFIG_KIND_TEXT:
        return string_of(config, setting) != NULL;
    default:
        return 1;
    }
}

static void format_backend(const struct config_backend *backend, struct text *out)
{
    bool is_v6 = view_find(view_str(backend->host), ':') >= 0;
    text_appendf(out, is_v6 ? "[%s]:%u" : "%s:%u", backend->host, backend->port);
}

void config_field_format(const struct config *config, const struct config_setting *setting,
                         unsigned index, struct text *out)
{
    char address[ADDRESS_TEXT_BYTES], range[CIDR_TEXT_BYTES];
    switch (setting->kind) {
    case CONFIG_KIND_LISTEN:
        text_append_str(out, address_format(&config->listens[index], address));
        break;
    case CONFIG_KIND_BACKEND:
        format_backend(&config->backends[index], out);
        break;
    case CONFIG_KIND_CIDR:
        text_append_str(
            out,
            cidr_format(&ranges_of((struct config *)(uintptr_t)config, setting)[index], range));
        break;
    case CONFIG_KIND_ERROR_PAGE:
        text_appendf(out, "%u=%s", config->error_pages[index].status,
                     config->error_pages[index].path);
        break;
    case CONFIG_KIND_ADMIN:
        text_append_str(out,
                        config->admin_enabled ? address_format(&config->admin, address) : "off");
        break;
    case CONFIG_KIND_DOCKER:
    case CONFIG_KIND_FILE:
    case CONFIG_KIND_NAME:
    case CONFIG_KIND_PATH:
    case CONFIG_KIND_SECRET:
    case CONFIG_KIND_TEXT:
        text_append(out, view_str(string_of(config, setting)));
        break;
    case CONFIG_KIND_CHECK:
        check_format(&config->policy.check, config_table_check_word(setting), out);
        break;
    default:
        config_value_format_number(setting, load_number(config, setting), out);
    }
}
